//! A write to a card is ended before each single change; at every moment the command line is the old
//! one or the new one, and the next run ends as if nothing had happened.

use std::process::Command;

use camino::Utf8Path;

use super::fixture::{Temp, snapshot};
use crate::file_format::command_line::Word;
use crate::output::*;
use crate::render::Content;

/// `<boot partition>|<number of the change>`.
const CHILD: &str = "PIKC_TEST_CARD_CHILD";
const OLD: &str = "console=tty1 root=PARTUUID=1-02 quiet\n";

fn put(dir: &Utf8Path, options: CardOptions) -> Result<Vec<CardChange>, CardError> {
    let (user, meta) = (Content::from("#cloud-config\n"), Content::from("a: b\n"));
    let wanted = [Word::new("cgroup_enable=memory").expect("a word")];
    put_on_card(
        dir,
        &Card {
            owner: "n1 of the cluster c",
            instance: "pikc-c-n1",
            files: vec![("user-data", &user), ("meta-data", &meta)],
            command_lines: &["current/cmdline.txt".to_owned(), "cmdline.txt".to_owned()],
            words: Words {
                wanted: &wanted,
                unwanted: &[],
                once: &[],
            },
            firmware: Some("[all]\ngpu_mem=16\n"),
        },
        options,
    )
}

fn partition() -> Temp {
    let temp = Temp::new();
    let dir = &temp.above;
    std::fs::write(dir.join("config.txt"), "arm_64bit=1\n").unwrap();
    std::fs::write(dir.join("cmdline.txt"), OLD).unwrap();
    std::fs::write(dir.join("user-data"), "the image's\n").unwrap();
    temp
}

#[test]
fn child() {
    let Ok(order) = std::env::var(CHILD) else {
        return;
    };
    let (dir, change) = order.split_once('|').unwrap();
    fault::end_before(change.parse().unwrap());
    let outcome = put(dir.into(), CardOptions::default());
    std::process::exit(i32::from(outcome.is_err()));
}

#[test]
fn ended_anywhere_the_next_run_makes_it_right() {
    let whole = partition();
    put(&whole.above, CardOptions::default()).unwrap();
    let wanted = snapshot(&whole.above);
    let new = std::fs::read_to_string(whole.above.join("cmdline.txt")).unwrap();
    let mut ended = 0;
    for change in 1.. {
        let temp = partition();
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["output::tests::card::child", "--exact", "--nocapture"])
            .env(CHILD, format!("{}|{change}", temp.above))
            .stdout(std::process::Stdio::null())
            .status()
            .unwrap();
        let line = std::fs::read_to_string(temp.above.join("cmdline.txt")).unwrap();
        assert!(line == OLD || line == new, "change {change}: {line:?}");
        put(&temp.above, CardOptions::default()).unwrap();
        assert_eq!(snapshot(&temp.above), wanted, "change {change}");
        assert!(put(&temp.above, CardOptions::default()).unwrap().is_empty());
        if status.code() == Some(0) {
            break;
        }
        assert_eq!(status.code(), Some(fault::ENDED));
        ended += 1;
    }
    assert!(ended >= 10, "only {ended} moments");
}

#[test]
fn the_next_kernels_command_line_is_fixed_too() {
    let temp = partition();
    for folder in ["current", "new"] {
        std::fs::create_dir(temp.above.join(folder)).unwrap();
        std::fs::write(temp.above.join(folder).join("cmdline.txt"), OLD).unwrap();
    }
    put(&temp.above, CardOptions::default()).unwrap();
    for folder in ["current", "new"] {
        let line = std::fs::read_to_string(temp.above.join(folder).join("cmdline.txt")).unwrap();
        assert!(line.ends_with(" cgroup_enable=memory\n"), "{line}");
    }
    let decoy = std::fs::read_to_string(temp.above.join("cmdline.txt")).unwrap();
    assert_eq!(decoy, OLD);
}

#[test]
fn what_is_not_a_file_is_never_written_through() {
    let temp = partition();
    let outside = Temp::new();
    let target = outside.above.join("precious");
    std::fs::write(&target, "mine\n").unwrap();
    std::os::unix::fs::symlink(&target, temp.above.join("meta-data")).unwrap();
    let error = put(&temp.above, CardOptions::default()).unwrap_err();
    assert!(matches!(error, CardError::NoFile(_)), "{error}");
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "mine\n");
    // A link where the new bytes are written first is removed, and not followed.
    std::fs::remove_file(temp.above.join("meta-data")).unwrap();
    std::os::unix::fs::symlink(&target, temp.above.join("meta-data.pikc-new")).unwrap();
    put(&temp.above, CardOptions::default()).unwrap();
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "mine\n");
}

#[test]
fn what_may_hold_a_secret_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let temp = partition();
    let set = |name: &str, mode| {
        let mode = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(temp.above.join(name), mode).unwrap();
    };
    let mode = |name: &str| {
        let found = std::fs::metadata(temp.above.join(name)).unwrap();
        format!("{:04o}", found.permissions().mode() & 0o7777)
    };
    set("user-data", 0o644);
    set("cmdline.txt", 0o755);
    put(&temp.above, CardOptions::default()).unwrap();
    assert_eq!(mode("user-data"), "0600");
    assert_eq!(mode("meta-data"), "0600");
    // What the image brought stays as open as it was.
    assert_eq!(mode("user-data.before-pikc"), "0644");
    assert_eq!(mode("cmdline.txt"), "0755");
    // An earlier pikc left it open.
    set("user-data", 0o644);
    assert!(put(&temp.above, CardOptions::default()).unwrap().is_empty());
    assert_eq!(mode("user-data"), "0600");
}
