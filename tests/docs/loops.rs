//! The runbook's loops over many machines, run as they are written, with stand-ins for ssh and scp: each machine gets its own folder, and
//! one that fails is named and neither stops nor hides the others.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;

use crate::support::predicates_lite::{has, lacks};
use crate::support::{Folder, Run, pikc};

/// One control plane and twelve workers: more than the loops take at a time.
const SPEC: &str = "cluster many {
  kubernetes = 1.36
  network {
    lan     = 192.168.11.0/24
    gateway = 192.168.11.1
    dns     = [192.168.11.1]
  }
  time { servers = [ntp.nict.jp] }
  runtime containerd {}
  cni flannel {}
}

profile pc {
  os     = debian-13
  board  = generic-amd64
  memory = 8GiB
  cpus   = 4
  user ops { ssh-keys = [\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4AcNkgPqWB1BZ9bmFmCDBj2cGEBsdWx5bTA3eHwR3m ops@desk\"] }
  interface eth0 {}
}

node cp {
  profile = pc
  role    = control-plane
  address = 192.168.11.10
}

node w[01-12] {
  profile = pc
  role    = worker
  address = 192.168.11.101..192.168.11.112
}
";

/// `ssh [-o X]... LOGIN COMMAND...`: the machine is a folder of that name, and its home folder. It reads standard input only for a command
/// that does. 104 cannot be reached, the run on 105 fails, and the join on 106 ends as a lost connection does.
const SSH: &str = r#"#!/bin/bash
set -euo pipefail
while [ "${1:-}" = -o ]; do shift 2; done
login=$1; shift
mkdir -p "$MACHINES/$login"
cd "$MACHINES/$login"
printf '%s\n' "$*" >>ssh.log
case $login in *.104) echo "ssh: connect to host ${login#*@} port 22: No route to host" >&2; exit 255 ;; esac
case "$*" in
  'rm -rf pikc') rm -rf pikc ;;
  'sudo cat /etc/pikc/join.conf') echo 'the join file' ;;
  'sudo bash pikc/run.sh')
    [ -x pikc/run.sh ] || { echo 'bash: pikc/run.sh: No such file or directory' >&2; exit 127; }
    mkdir -p opt; cp pikc/node.conf opt/
    case $login in *.105) echo FAILED >opt/status; echo 'step 30 FAILED' >&2; exit 1 ;; esac
    echo 'waits for the join file' >opt/status
    # It restarts, which ends the connection.
    exit 255 ;;
  'sudo /opt/pikc/run.sh --status') if [ -e opt/status ]; then echo '10-preflight done'; cat opt/status; else echo 'sudo: /opt/pikc/run.sh: command not found' >&2; exit 1; fi ;;
  'sudo /opt/pikc/run.sh --join -')
    cat >joined
    case $login in *.106) echo 'Connection closed' >&2; exit 255 ;; esac ;;
  *) echo "not a command of the runbook: $*" >&2; exit 64 ;;
esac
"#;

/// `scp [-o X]... -r FOLDER LOGIN:PATH`, which follows links, and copies into a folder that is there.
const SCP: &str = r#"#!/bin/bash
set -euo pipefail
while [ "${1:-}" = -o ]; do shift 2; done
[ "$1" = -r ] || exit 64
case $3 in *.104:*) echo 'scp: Connection closed' >&2; exit 255 ;; esac
mkdir -p "$MACHINES/${3%%:*}"
cp -rL "$2" "$MACHINES/${3%%:*}/${3#*:}"
"#;

/// The commands of the runbook's blocks that go over all workers, in order.
fn loops(runbook: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut block: Option<String> = None;
    for line in runbook.lines() {
        match (line.starts_with("```"), &mut block) {
            (true, None) => block = Some(String::new()),
            (true, Some(_)) => found.extend(block.take()),
            (false, Some(text)) => {
                let _ = writeln!(text, "{line}");
            }
            (false, None) => {}
        }
    }
    found.retain(|block| block.contains("hosts.txt"));
    found
}

/// A compiled tree, the stand-ins, and a folder for the machines.
fn prepared() -> (Folder, Vec<String>) {
    let folder = Folder::new(&[("cluster.pik", SPEC), ("bin/ssh", SSH), ("bin/scp", SCP)]);
    for program in ["bin/ssh", "bin/scp"] {
        let path = folder.path().join(program);
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).expect("a mode");
    }
    compile(&folder);
    let loops = loops(&folder.read("out/README.md"));
    assert_eq!(loops.len(), 2, "joining, and setting up: {loops:#?}");
    (folder, loops)
}

fn compile(folder: &Folder) {
    let run = pikc(folder, &["compile", "cluster.pik", "-o", "out"]);
    assert_eq!(run.status, 0, "{}", run.err);
}

/// Runs a block in the tree's folder, with the stand-ins first on the path.
fn typed(folder: &Folder, block: &str) -> Run {
    let mut script = String::new();
    let place = folder.path().display();
    let _ = writeln!(
        script,
        "export MACHINES='{place}/machines' PATH='{place}/bin':$PATH"
    );
    let _ = writeln!(script, "cd out || exit\n{block}");
    folder.shell(&script)
}

/// The last number of each worker's address, with its name.
fn workers() -> impl Iterator<Item = (u8, String)> {
    (1..=12).map(|number| (100 + number, format!("w{number:02}")))
}

fn lines(text: &str) -> BTreeSet<&str> {
    text.lines().collect()
}

#[test]
fn each_machine_gets_its_own_folder_and_a_failure_is_named() {
    let (folder, loops) = prepared();
    let run = typed(&folder, &loops[1]);
    assert_eq!(run.status, 0, "{run:?}");
    let mut said = BTreeSet::new();
    for (number, name) in workers() {
        let copied = format!("machines/ops@192.168.11.{number}/opt/node.conf");
        match number {
            104 => {
                let _ = said.insert(format!("{name}: not copied, see run-{name}.log"));
                has(
                    &folder.read(&format!("out/run-{name}.log")),
                    "No route to host",
                );
            }
            _ => has(&folder.read(&copied), &format!("name={name}\n")),
        }
        let _ = said.insert(match number {
            104 => format!("{name}: ssh: connect to host 192.168.11.104 port 22: No route to host"),
            105 => format!("{name}: FAILED"),
            _ => format!("{name}: waits for the join file"),
        });
    }
    let said: BTreeSet<&str> = said.iter().map(String::as_str).collect();
    assert_eq!(lines(&run.out), said);
    assert_eq!(run.err, "");
    has(&folder.read("out/run-w05.log"), "step 30 FAILED");
    assert!(!folder.path().join("machines/ops@192.168.11.10").exists());
}

/// `scp -r` puts a folder into one that is there: a second run must not leave the first copy in place.
#[test]
fn a_second_run_copies_what_changed() {
    let (folder, loops) = prepared();
    typed(&folder, &loops[1]);
    folder.text(
        "cluster.pik",
        &SPEC.replace("ntp.nict.jp", "ntp.jst.mfeed.ad.jp"),
    );
    compile(&folder);
    let run = typed(&folder, &loops[1]);
    assert_eq!(run.status, 0, "{run:?}");
    for (number, name) in workers().filter(|(number, _)| *number != 104) {
        let copy = format!("machines/ops@192.168.11.{number}/pikc");
        let list = folder.read(&format!("{copy}/class.list"));
        assert_eq!(list, folder.read(&format!("out/nodes/{name}/class.list")));
        assert!(!folder.path().join(&copy).join(&name).exists(), "{name}");
    }
}

#[test]
fn all_machines_join_but_the_one_that_is_named() {
    let (folder, loops) = prepared();
    let run = typed(&folder, &loops[0]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(
        lines(&run.out),
        BTreeSet::from(["w04: see join-w04.log", "w06: see join-w06.log"])
    );
    for (number, name) in workers().filter(|(number, _)| *number != 104) {
        let joined = folder.read(&format!("machines/ops@192.168.11.{number}/joined"));
        assert_eq!(joined, "the join file\n", "{name}");
    }
    has(&folder.read("out/join-w04.log"), "No route to host");
    // The file has a secret: it is not left behind.
    assert!(!folder.path().join("out/join.conf").exists());
    lacks(&folder.read("out/join-w06.log"), "the join file");
}
