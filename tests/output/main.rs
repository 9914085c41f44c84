//! Writing a tree under real conditions: killed and racing processes, odd umasks,
//! folders and disks that cannot be written to.
//!
//! What must be set up per process (umask, user, mounts) is set up for a child: this test
//! binary again, with an environment variable that makes [`child`] do its work.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a failed setup is a failed test, and a child reports by printing"
)]

mod disk;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use disk::{Snapshot, snapshot, temp};
use pikc::output::{ManifestInput, OutputError, Report, WriteOptions, write};
use pikc::render::{Entry, File, Rendered};

/// `<output folder>|<seed of the tree>|<number of nodes>`.
const CHILD: &str = "PIKC_TEST_WRITE";

/// A tree of this many nodes; another seed means other contents and some other paths.
fn tree(seed: usize, nodes: usize) -> Rendered {
    let mut entries = BTreeMap::new();
    let mut file = |path: String, text: String, mode: u32| {
        entries.insert(
            path.into(),
            Entry::File(File {
                content: text.into(),
                mode,
                lines: Vec::new(),
            }),
        );
    };
    file("classes/w/run.sh".into(), "#!/bin/bash\n".into(), 0o755);
    for node in 0..nodes {
        let below = format!("nodes/n{node}");
        file(
            format!("{below}/kubeadm.yaml"),
            format!("seed {seed}\n"),
            0o644,
        );
        file(
            format!("{below}/files/etc/hostname"),
            format!("n{node}\n"),
            0o644,
        );
        file(
            format!("{below}/files/etc/wifi"),
            format!("psk {seed}\n"),
            0o600,
        );
        file(format!("{below}/only-{}", seed % 3), "x\n".into(), 0o644);
    }
    for node in 0..nodes {
        let link = format!("nodes/n{node}/run.sh");
        entries.insert(link.into(), Entry::Link("../../classes/w/run.sh".into()));
    }
    entries.into_iter().collect()
}

fn input(seed: usize) -> ManifestInput {
    ManifestInput {
        spec_sha256: seed.to_string(),
        ..ManifestInput::default()
    }
}

fn write_tree(out: &Utf8Path, seed: usize, nodes: usize) -> Result<Report, OutputError> {
    write(
        out,
        &tree(seed, nodes),
        &input(seed),
        &WriteOptions::default(),
    )
}

fn fresh(seed: usize, nodes: usize) -> Snapshot {
    let (_keep, above) = temp();
    write_tree(&above.join("out"), seed, nodes).unwrap();
    snapshot(&above.join("out"))
}

/// The shell command that runs this binary as a writer.
fn myself() -> String {
    let me = std::env::current_exe().unwrap();
    format!("{} child --exact --nocapture", me.display())
}

/// A shell that sets something up and then becomes a writer.
fn shell(set_up: &str, out: &Utf8Path, seed: usize, nodes: usize) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{set_up} exec {}", myself())]);
    command.env(CHILD, format!("{out}|{seed}|{nodes}"));
    command
}

#[test]
fn child() {
    let Ok(task) = std::env::var(CHILD) else {
        return;
    };
    let mut parts = task.split('|');
    let out = Utf8Path::new(parts.next().unwrap());
    let mut number = || parts.next().unwrap().parse().unwrap();
    match write_tree(out, number(), number()) {
        Ok(_) => println!("OUTCOME written"),
        Err(error) => println!("OUTCOME {error}"),
    }
}

/// What a writer printed.
fn outcome(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout);
    match text.split_once("OUTCOME ") {
        Some((_, said)) => said.split("\ntest ").next().unwrap().trim_end().to_owned(),
        None => panic!("{text}{}", String::from_utf8_lossy(&output.stderr)),
    }
}

#[test]
fn killed_at_any_moment() {
    let nodes = 250;
    let expected: Vec<_> = (0..3).map(|seed| fresh(seed, nodes)).collect();
    let (_keep, above) = temp();
    let out = above.join("out");
    let started = Instant::now();
    write_tree(&out, 0, nodes).unwrap();
    let mut whole = started.elapsed() + Duration::from_millis(20);
    let (mut killed, moments) = (0, 40);
    for moment in 0..moments {
        // Every fourth starts from nothing, the others from what the last recovery left.
        if moment % 4 == 0 {
            std::fs::remove_dir_all(&out).unwrap();
        }
        let mut writer = shell("", &out, moment % 3, nodes)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(whole * moment as u32 / moments as u32);
        if writer.try_wait().unwrap().is_none() {
            killed += 1;
        } else {
            // The first one was slowed down by other processes on this machine.
            whole = whole * 4 / 5;
        }
        writer.kill().unwrap();
        writer.wait().unwrap();
        // Finished by writing the same tree, or undone by writing another.
        let next = (moment + moment / 3) % 3;
        write_tree(&out, next, nodes).unwrap();
        assert!(snapshot(&out) == expected[next], "moment {moment}");
    }
    assert!(
        killed > moments / 4,
        "{killed} of {moments} were killed in time"
    );
}

#[test]
fn two_writers_at_once_take_turns() {
    let (_keep, above) = temp();
    let out = above.join("out");
    let expected = [fresh(1, 60), fresh(2, 60)];
    for round in 0..10 {
        let start = |seed| {
            shell("", &out, seed, 60)
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        };
        let writers = [start(1), start(2), start(1 + round % 2)];
        for writer in writers {
            assert_eq!(outcome(&writer.wait_with_output().unwrap()), "written");
        }
        assert!(expected.contains(&snapshot(&out)));
        if round % 3 == 0 {
            std::fs::remove_dir_all(&out).unwrap();
        }
    }
}

#[test]
fn the_second_writer_says_that_it_waits() {
    let (_keep, above) = temp();
    let out = above.join("out");
    write_tree(&out, 0, 1).unwrap();
    let lock = std::fs::File::open(&out).unwrap();
    lock.lock().unwrap();
    let waits = AtomicBool::new(false);
    let says = || waits.store(true, Ordering::SeqCst);
    let options = WriteOptions {
        on_wait: Some(&says),
        ..WriteOptions::default()
    };
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| write(&out, &tree(1, 1), &input(1), &options));
        while !waits.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(!writer.is_finished());
        lock.unlock().unwrap();
        writer.join().unwrap().unwrap();
    });
    assert_eq!(snapshot(&out), fresh(1, 1));
}

#[test]
fn no_umask_changes_a_mode() {
    let expected = fresh(0, 2);
    for umask in ["000", "002", "027", "077"] {
        let (_keep, above) = temp();
        let out = above.join("out");
        let output = shell(&format!("umask {umask};"), &out, 0, 2)
            .output()
            .unwrap();
        assert_eq!(outcome(&output), "written");
        assert_eq!(snapshot(&out), expected, "{umask}");
    }
}

#[test]
fn others_cannot_read_a_secret_from_its_first_byte_on() {
    let (_keep, above) = temp();
    let out = above.join("out");
    let trace = above.join("trace");
    let strace = Command::new("strace")
        .args(["-f", "-e", "trace=openat", "-o", trace.as_str(), "sh", "-c"])
        .arg(format!("umask 000; exec {}", myself()))
        .env(CHILD, format!("{out}|0|1"))
        .output();
    let Some(strace) = strace.ok().filter(|strace| strace.status.success()) else {
        return skipped("strace is not installed (apt-get install strace) or cannot trace here");
    };
    assert_eq!(outcome(&strace), "written");
    let trace = std::fs::read_to_string(trace).unwrap();
    let opened = trace
        .lines()
        .find(|line| line.contains("\"wifi\"") && line.contains("O_CREAT"));
    assert!(
        opened.unwrap().contains("O_EXCL") && opened.unwrap().contains("0600"),
        "{opened:?}"
    );
}

/// A folder that a child of another user can reach, with this binary in it; permissions do not
/// apply to root, so the child drops root.
fn unprivileged(above: &Utf8Path) -> Command {
    let me = above.join("writer");
    // Copied by another process: if this one had the file open for writing while a parallel test
    // starts a program, the copy would be "busy".
    let copied = Command::new("cp")
        .arg(std::env::current_exe().unwrap())
        .arg(&me)
        .status();
    assert!(copied.unwrap().success());
    std::fs::set_permissions(above, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(me);
    command.args(["child", "--exact", "--nocapture"]);
    if above.metadata().unwrap().uid() == 0 {
        command.uid(65534).gid(65534);
    }
    command
}

#[test]
fn a_folder_without_write_permission() {
    // Not in memory: such a file system is often mounted noexec.
    let keep = tempfile::tempdir().unwrap();
    let above = Utf8PathBuf::try_from(keep.path().canonicalize().unwrap()).unwrap();
    let mut writer = unprivileged(&above);
    let out = above.join("out");
    std::fs::create_dir(&out).unwrap();
    let closed = std::fs::Permissions::from_mode(0o555);
    std::fs::set_permissions(&out, closed).unwrap();
    let output = writer.env(CHILD, format!("{out}|0|1")).output().unwrap();
    assert_eq!(
        outcome(&output),
        format!(
            "cannot create the folder {out}/.pikc: permission denied: name a folder that you may write to with -o; nothing was changed"
        )
    );
    assert!(snapshot(&out).is_empty());
    let output = writer
        .env(CHILD, format!("{out}/deeper|0|1"))
        .output()
        .unwrap();
    assert_eq!(
        outcome(&output),
        format!(
            "cannot create the folder {out}/deeper: permission denied: name a folder that you may write to with -o; nothing was changed"
        )
    );
}

/// Runs a writer after `set_up` has mounted something, in a mount namespace of its own; `None` if
/// this machine does not allow that.
fn mounted(set_up: &str, out: &Utf8Path, seed: usize, nodes: usize) -> Option<String> {
    let root = out.parent().unwrap().metadata().unwrap().uid() == 0;
    let flags = if root { "-m" } else { "-rm" };
    let able = Command::new("unshare").args([flags, "true"]).output();
    if !able.is_ok_and(|able| able.status.success()) {
        skipped("this machine allows no mount namespace; run the tests as root");
        return None;
    }
    let output = Command::new("unshare")
        .args([
            flags,
            "sh",
            "-ec",
            &format!("{set_up}\n{}\nls -A {out}", myself()),
        ])
        .env(CHILD, format!("{out}|{seed}|{nodes}"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let listed = String::from_utf8_lossy(&output.stdout);
    let listed: Vec<_> = listed
        .rsplit_once("finished in")
        .unwrap()
        .1
        .lines()
        .skip(1)
        .collect();
    Some(format!(
        "{} [{}]",
        outcome(&output),
        listed.join(" ").trim()
    ))
}

/// Always visible: libtest captures the print macros, but not writes to the stream.
fn skipped(why: &str) {
    let mut stream = std::io::stderr().lock();
    writeln!(stream, "SKIPPED in tests/output/main.rs: {why}").unwrap();
}

#[test]
fn a_read_only_file_system() {
    let (_keep, above) = temp();
    let out = above.join("out");
    std::fs::create_dir(&out).unwrap();
    let mount = format!("mount -t tmpfs -o ro none {out}");
    let Some(said) = mounted(&mount, &out, 0, 1) else {
        return;
    };
    assert_eq!(
        said,
        format!(
            "cannot create the folder {out}/.pikc: it is on a read-only file system: name another output folder with -o; nothing was changed []"
        )
    );
}

#[test]
fn a_disk_that_is_actually_full() {
    let (_keep, above) = temp();
    let out = above.join("out");
    std::fs::create_dir(&out).unwrap();
    let mount = format!("mount -t tmpfs -o size=64k none {out}; echo mine > {out}/mine");
    let Some(said) = mounted(&mount, &out, 0, 300) else {
        return;
    };
    assert!(
        said.ends_with(": the disk is full: make room; nothing was changed [mine]"),
        "{said}"
    );
}

#[test]
fn a_part_of_the_tree_on_another_file_system() {
    let (_keep, above) = temp();
    let out = above.join("out");
    std::fs::create_dir_all(out.join("nodes")).unwrap();
    let mount = format!("mount -t tmpfs none {out}/nodes");
    let Some(said) = mounted(&mount, &out, 0, 1) else {
        return;
    };
    assert_eq!(
        said,
        format!(
            "{out}/nodes is on another file system than the output folder, and files cannot be moved there in one step: name an output folder that is on one file system [nodes]"
        )
    );
}
