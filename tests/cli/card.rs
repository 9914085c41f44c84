//! `card` from outside: what it writes to a boot partition, what it prints, and what it refuses.

use crate::support::predicates_lite::{has, lacks};
use crate::support::{Folder, Run};

const SPEC: &str = include_str!("home-pi.pik");
const SECRET: (&str, &str) = ("PIKC_SECRET_WIFI", "correct horse battery");
const LINE: &str = "console=tty1 root=PARTUUID=1-02 rootwait cgroup_disable=memory resize\n\n";

fn card(spec: &str) -> Folder {
    Folder::new(&[
        ("cluster.pik", spec),
        ("boot/config.txt", "arm_64bit=1\n"),
        ("boot/cmdline.txt", LINE),
    ])
}

fn put(folder: &Folder, node: &str, more: &[&str]) -> Run {
    let mut line = vec!["card", "cluster.pik", node, "--boot", "boot"];
    line.extend(more);
    folder.run(&line, &[SECRET], "")
}

#[test]
fn a_card_is_prepared_once_and_then_left_alone() {
    let folder = card(SPEC);
    let dry = put(&folder, "node02", &["--dry-run"]);
    assert_eq!(dry.status, 0, "{dry:?}");
    has(&dry.out, "would create boot/user-data");
    assert_eq!(folder.read("boot/cmdline.txt"), LINE);
    let first = put(&folder, "node02", &[]);
    assert_eq!(first.status, 0, "{first:?}");
    has(&first.out, "created boot/user-data");
    has(&first.out, "+cgroup_enable=memory");
    has(&first.out, "-cgroup_disable=memory");
    let line = folder.read("boot/cmdline.txt");
    assert_eq!(line.matches('\n').count(), 1, "{line:?}");
    has(&line, "console=tty1 root=PARTUUID=1-02 rootwait resize ");
    has(&line, " cfg80211.ieee80211_regdom=JP ");
    has(&line, "ds=nocloud;i=pikc-home-node02\n");
    assert_eq!(folder.read("boot/cmdline.txt.before-pikc"), LINE);
    has(&folder.read("boot/user-data"), "hostname: node02\n");
    lacks(&folder.read("boot/user-data"), "correct horse");
    let second = put(&folder, "node02", &[]);
    assert_eq!(
        second.out,
        "nothing changed in boot: it is the card of node02 of the cluster home\n"
    );
}

#[test]
fn the_card_holds_what_the_tree_holds() {
    let folder = card(SPEC);
    put(&folder, "node02", &[]);
    let compiled = folder.run(&["compile", "cluster.pik", "-o", "out"], &[SECRET], "");
    assert_eq!(compiled.status, 0, "{compiled:?}");
    for name in ["user-data", "meta-data", "network-config"] {
        let kept = folder.read(&format!("out/nodes/node02/boot/{name}"));
        assert_eq!(folder.read(&format!("boot/{name}")), kept);
    }
}

#[test]
fn settings_of_the_firmware_are_a_block_of_config_txt_and_leave_without_a_trace() {
    const CONFIG: &str = "arm_64bit=1\n[cm4]\notg_mode=1\n";
    let with = SPEC.replacen(
        "board   = pi-3b-plus",
        "board   = pi-3b-plus\n  boot    = usb\n  firmware { gpu-mem = 16, overlays = [disable-bt] }",
        1,
    );
    assert_ne!(with, SPEC);
    let folder = card(&with);
    folder.text("boot/config.txt", CONFIG);
    let first = put(&folder, "node02", &[]);
    assert_eq!(first.status, 0, "{first:?}");
    has(&first.out, "changed boot/config.txt (pikc's block");
    has(&first.out, "boot is the USB disk of node02");
    let text = folder.read("boot/config.txt");
    has(&text, CONFIG);
    has(
        &text,
        "\n[all]\ngpu_mem=16\ndtoverlay=disable-bt\n# END pikc firmware\n",
    );
    assert_eq!(folder.read("boot/config.txt.before-pikc"), CONFIG);
    // What the step on the machine writes is the same, or the first run would change it and reboot.
    let compiled = folder.run(&["compile", "cluster.pik", "-o", "out"], &[SECRET], "");
    assert_eq!(compiled.status, 0, "{compiled:?}");
    has(
        &text,
        &folder.read("out/nodes/node02/common-fragments/config.txt"),
    );
    has(&put(&folder, "node02", &[]).out, "nothing changed in boot");
    folder.text("cluster.pik", SPEC);
    let gone = put(&folder, "node02", &[]);
    has(&gone.out, "changed boot/config.txt (without pikc's block)");
    assert_eq!(folder.read("boot/config.txt"), CONFIG);
    // A block without an end is not understood, and nothing is written.
    folder.text("cluster.pik", &with);
    folder.text(
        "boot/config.txt",
        &text.replace("# END pikc firmware\n", ""),
    );
    let torn = put(&folder, "node02", &[]);
    assert_eq!(torn.status, 3, "{torn:?}");
    has(
        &torn.err,
        "the first line of pikc's block and not the last one",
    );
}

#[test]
fn another_nodes_card_is_not_overwritten_by_mistake() {
    let folder = card(SPEC);
    put(&folder, "node02", &[]);
    let other = put(&folder, "node03", &[]);
    assert_eq!(other.status, 3, "{other:?}");
    has(&other.err, "boot is the card of node02 of the cluster home");
    has(&folder.read("boot/meta-data"), "local-hostname: node02\n");
    let forced = put(&folder, "node03", &["--force"]);
    assert_eq!(forced.status, 0, "{forced:?}");
    has(&folder.read("boot/meta-data"), "local-hostname: node03\n");
    lacks(&folder.read("boot/cmdline.txt"), "node02");
    // Copied by hand, without the file that names the node.
    folder.shell("rm boot/pikc-card.txt");
    let other = put(&folder, "node04", &[]);
    assert_eq!(other.status, 3, "{other:?}");
    has(&other.err, "pikc-home-node03");
}

#[test]
fn a_folder_that_is_not_a_boot_partition_is_refused() {
    for (ruin, why) in [
        ("rm boot/config.txt", "it has no config.txt"),
        (
            "rm boot/cmdline.txt",
            "it has no cmdline.txt that names a root partition",
        ),
        (
            "echo moved > boot/cmdline.txt",
            "it has no cmdline.txt that names a root partition",
        ),
        ("rm -r boot", "No such file or directory"),
        ("rm -r boot; echo > boot", "it is not a folder"),
    ] {
        let folder = card(SPEC);
        folder.shell(ruin);
        let before = folder.shell("find boot -type f -exec sha256sum {} +").out;
        let run = put(&folder, "node02", &[]);
        assert_eq!(run.status, 3, "{ruin}: {run:?}");
        has(&run.err, why);
        let after = folder.shell("find boot -type f -exec sha256sum {} +").out;
        assert_eq!(before, after, "{ruin}");
    }
}

#[test]
fn names_that_are_not_nodes_are_refused() {
    let folder = card(SPEC);
    let near = put(&folder, "node2", &[]);
    assert_eq!(near.status, 2, "{near:?}");
    has(&near.err, "did you mean `node02`?");
    for name in ["../node02", "node02/../node03", "node[02-04]"] {
        let run = put(&folder, name, &[]);
        assert_eq!(run.status, 2, "{name}: {run:?}");
        has(&run.err, "the spec has no node");
    }
    assert_eq!(folder.read("boot/cmdline.txt"), LINE);
}

#[test]
fn without_its_secret_there_is_no_card() {
    let folder = card(SPEC);
    let run = folder.run(
        &["card", "cluster.pik", "node02", "--boot", "boot"],
        &[],
        "",
    );
    assert_eq!(run.status, 1, "{run:?}");
    has(&run.err, "secret `wifi` has no value");
    has(&run.err, "nothing was written");
    assert_eq!(folder.read("boot/cmdline.txt"), LINE);
}

#[test]
fn a_broken_spec_leaves_the_card_alone() {
    let folder = card(&SPEC.replace("flannel", "flanel"));
    let run = put(&folder, "node02", &[]);
    assert_eq!(run.status, 1, "{run:?}");
    assert_eq!(folder.read("boot/cmdline.txt"), LINE);
}

#[test]
fn a_system_without_cloud_init_gets_a_script_and_the_arguments_that_start_it() {
    let folder = card(&SPEC.replace("raspios-trixie", "raspios-bookworm"));
    let run = put(&folder, "node02", &[]);
    assert_eq!(run.status, 0, "{run:?}");
    let line = folder.read("boot/cmdline.txt");
    has(
        &line,
        " systemd.run=/boot/firmware/firstrun.sh systemd.run_success_action=reboot ",
    );
    has(&folder.read("boot/firstrun.sh"), "\nname=node02\n");
    let syntax = folder.shell("bash -n boot/firstrun.sh");
    assert_eq!(syntax.status, 0, "{syntax:?}");
}

#[test]
fn the_first_boot_script_keeps_the_bundle_and_removes_its_arguments() {
    let folder = card(&SPEC.replace("raspios-trixie", "raspios-bookworm"));
    put(&folder, "node02", &[]);
    // The machine's folders are below this one; run.sh is replaced by a script that prints how it was called.
    let run = folder.shell(
        "mkdir -p opt && root=$PWD && sed -i \
         -e \"s|^boot=.*|boot=$root/boot|\" -e \"s|^carried=.*|carried=$root/opt/carried|\" \
         -e \"s|^candidates=.*|candidates=($root/boot/none $root/boot/cmdline.txt)|\" \
         -e 's|^begin$|echo '\"'\"'echo \"run $*\"'\"'\"' > \"$carried/run.sh\"; begin|' boot/firstrun.sh && \
         bash boot/firstrun.sh",
    );
    assert_eq!(run.status, 0, "{run:?}");
    let log = folder.read("boot/firstrun.log");
    has(
        &log,
        "run --only users --no-reboot\nrun --only network --no-reboot\nrun --start-later\n",
    );
    assert!(!folder.path().join("boot/firstrun.sh").exists());
    let line = folder.read("boot/cmdline.txt");
    lacks(&line, "systemd.");
    has(&line, "root=PARTUUID=1-02");
    assert_eq!(line.matches('\n').count(), 1);
    // The bundle is complete, by its own lists (run.sh was replaced above).
    let whole = folder.shell(
        "cd opt/carried && cat class.list node.list | sed 's/  [0-7]*  [^ ]*  /  /' | grep -v '  run.sh$' | sha256sum --check --strict --quiet -",
    );
    assert_eq!(whole.status, 0, "{whole:?}");
}
