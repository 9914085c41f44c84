//! `compile --seed-images` from outside, for a machine that is not a Pi.

use super::GOOD;
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
fn an_image_is_built_on_request_and_always_the_same() {
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
fn binary_files_are_not_shown_as_text() {
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
fn user_data_larger_than_the_platform_accepts_is_refused_and_nothing_is_written() {
    let folder = boxes();
    let good = folder.shell("cat cluster.pik").out;
    let on = |platform: &str| {
        let board = "board   = a-box";
        assert_eq!(good.matches(board).count(), 2, "{good}");
        let spec = good.replace(board, &format!("{board}\nplatform = {platform}"));
        folder.text("cluster.pik", &spec);
    };
    let small = r#"
platform small {
  title     = "Small Cloud"
  user-data = 20000
  source    = ["made up for this test"]
  checked   = 2026-11-22
}
platform perhaps {
  title      = "Perhaps Cloud"
  user-data  = 20000
  source     = ["made up for this test"]
  checked    = 2026-11-22
  unverified = [user-data]
}
"#;
    folder.text("lib/own.pik", small);
    on("small");
    let refused = compile(&folder, &[]);
    assert_eq!(refused.status, 1, "{refused:?}");
    has(&refused.err, "platform/user-data");
    has(&refused.err, "the user-data of node01 has ");
    has(&refused.err, " bytes, and Small Cloud accepts 20000");
    has(&refused.err, "the user-data of node02 has ");
    has(&refused.err, "copy `nodes/node01` to the machine");
    has(&refused.err, "nothing was written");
    assert_ne!(folder.shell("ls out").status, 0);
    let checked = folder.run(&["check", "cluster.pik", "--stdlib", "lib"], &[], "");
    assert_eq!(checked.status, 0, "the size is known only after compiling");

    // An unconfirmed limit is only a warning.
    on("perhaps");
    let warned = compile(&folder, &[]);
    assert_eq!(warned.status, 0, "{warned:?}");
    has(&warned.err, "Perhaps Cloud accepts 20000");
    assert_eq!(compile(&folder, &["--deny", "warnings"]).status, 1);

    on("azure");
    let fits = compile(&folder, &[]);
    assert_eq!((fits.status, fits.err.as_str()), (0, ""));
    let runbook = folder.shell("cat out/README.md").out;
    has(&runbook, "**By Microsoft Azure** (node01, node02)");
    has(&runbook, "at most 65535 bytes");
    assert!(!runbook.contains("**By cloud-init**"), "{runbook}");
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
    has(&run.err, "is not a Raspberry Pi (A box)");
    has(&run.err, "--seed-images");
}
