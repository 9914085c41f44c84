//! `compile --seed-images` from outside, on a machine that is no Pi.

use crate::GOOD;
use crate::support::predicates_lite::has;
use crate::support::{Folder, Run};

const SYSTEM: &str = include_str!("../../stdlib/os/raspios-trixie/os.pik");
const BOARD: &str = r#"
board a-box {
  title        = "A box"
  family       = box
  hardware     = generic
  cores        = 4
  memory       = 4GiB
  usable       = 3900MiB
  architecture = arm64
  wired        = 1000
  wifi         = none
  source       = ["made up for this test"]
  checked      = 2026-11-22
}
"#;

/// A cluster of boxes with a system for any machine.
fn boxes() -> Folder {
    let spec = GOOD
        .replace("pi-4b-2g", "a-box")
        .replace("pi-4b-4g", "a-box");
    let system = SYSTEM.replace("hardware         = pi", "hardware         = any");
    assert_ne!(spec, GOOD);
    assert_ne!(system, SYSTEM);
    Folder::new(&[
        ("cluster.pik", &spec),
        ("lib/boards/box.pik", BOARD),
        ("lib/os/raspios-trixie/os.pik", &system),
    ])
}

fn compile(folder: &Folder, more: &[&str]) -> Run {
    let mut line = vec!["compile", "cluster.pik", "-o", "out", "--stdlib", "lib"];
    line.extend(more);
    folder.run(&line, &[], "")
}

#[test]
fn an_image_is_made_on_request_and_always_the_same() {
    let folder = boxes();
    let plain = compile(&folder, &[]);
    assert_eq!(plain.status, 0, "{plain:?}");
    assert_eq!(folder.shell("find out -name seed.img").out, "");
    assert_eq!(
        folder.shell("find out -name boot").out,
        "",
        "a box has no boot partition of a Pi"
    );
    let made = compile(&folder, &["--seed-images"]);
    assert_eq!(made.status, 0, "{made:?}");
    has(&made.out, "cloud-init/seed.img");
    let sums = folder
        .shell("find out -name seed.img -exec sha256sum {} + | sort")
        .out;
    assert_ne!(sums, "");
    let again = compile(&folder, &["--seed-images"]);
    assert_eq!(again.out, "nothing changed in out\n");
    folder.shell("rm -r out");
    compile(&folder, &["--seed-images"]);
    assert_eq!(
        folder
            .shell("find out -name seed.img -exec sha256sum {} + | sort")
            .out,
        sums
    );
}

#[test]
fn another_program_finds_the_label_that_cloud_init_looks_for() {
    let folder = boxes();
    compile(&folder, &["--seed-images"]);
    let found = folder.shell(
        "export PATH=$PATH:/usr/sbin:/sbin; for image in out/nodes/*/cloud-init/seed.img; do blkid -p -o export \"$image\"; done",
    );
    assert_eq!(found.status, 0, "{found:?}");
    has(&found.out, "LABEL=CIDATA\n");
    has(&found.out, "TYPE=vfat\n");
}

#[test]
fn what_is_no_text_is_not_shown_as_text() {
    let folder = boxes();
    compile(&folder, &[]);
    let diff = folder.run(
        &[
            "diff",
            "cluster.pik",
            "-o",
            "out",
            "--stdlib",
            "lib",
            "--seed-images",
        ],
        &[],
        "",
    );
    assert_eq!(diff.status, 0, "{diff:?}");
    has(&diff.out, "not text");
}

#[test]
fn a_box_has_no_card() {
    let folder = boxes();
    folder.text("boot/config.txt", "");
    let run = folder.run(
        &[
            "card",
            "cluster.pik",
            "node01",
            "--boot",
            "boot",
            "--stdlib",
            "lib",
        ],
        &[],
        "",
    );
    assert_eq!(run.status, 2, "{run:?}");
    has(&run.err, "is no Raspberry Pi (A box)");
    has(&run.err, "--seed-images");
}
