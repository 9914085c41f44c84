//! A write is ended before each single change that it makes to the disk, or finds the disk full
//! there; the next write must end in exactly its tree, whichever tree that is.
//!
//! The write that is ended runs in a process of its own: this test binary again, told by an
//! environment variable to run [`child`] in earnest.

use std::process::Command;

use camino::Utf8Path;

use super::fixture::{Snapshot, Temp, fresh, input, snapshot, touched, tree};
use crate::output::*;
use crate::render::Rendered;

/// `<output folder>|<number of the tree>|<end or full>|<number of the change>`.
const CHILD: &str = "PIKC_TEST_OUTPUT_CHILD";
const UNTOUCHED: i32 = 10;
const CUT_SHORT: i32 = 11;

/// Trees that between them create, change, remove, and turn files into folders and links and back.
fn trees() -> [Rendered; 4] {
    [
        tree(&[]),
        tree(&[
            ("README.md", "one\n"),
            ("a", "file\n"),
            ("b/c/d", "deep\n"),
            ("b/run.sh", "#!/bin/bash\n"),
            ("n/1/key", "!secret\n"),
            ("n/1/run.sh", "-> ../../b/run.sh"),
            ("n/1/steps", "-> ../../b/c"),
        ]),
        tree(&[
            ("README.md", "two\n"),
            ("a", "file\n"),
            ("b/c/d", "deeper\n"),
            ("b/c/e", "new\n"),
            ("b/run.sh", "#!/bin/bash\n"),
            ("n/2/key", "!secret\n"),
            ("n/2/run.sh", "-> ../../b/run.sh"),
        ]),
        tree(&[
            ("README.md", "two\n"),
            ("a/x/y", "a folder now\n"),
            ("a/z", "-> x"),
            ("b", "a file now\n"),
            ("n/1/steps/s", "a folder now\n"),
            ("n/1/key", "-> steps"),
        ]),
    ]
}

fn child_write(out: &Utf8Path, to: usize, how: &str, change: u64) -> i32 {
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["output::tests::kill::child", "--exact", "--nocapture"])
        .env(CHILD, format!("{out}|{to}|{how}|{change}"))
        .stdout(std::process::Stdio::null())
        .status()
        .unwrap();
    status.code().unwrap()
}

#[test]
fn child() {
    let Ok(task) = std::env::var(CHILD) else {
        return;
    };
    let parts: Vec<_> = task.split('|').collect();
    let [out, to, how, change] = parts[..] else {
        panic!("{task}");
    };
    let change = change.parse().unwrap();
    match how {
        "end" => fault::end_before(change),
        _ => fault::full_at(change),
    }
    let tree = &trees()[to.parse::<usize>().unwrap()];
    let outcome = write(Utf8Path::new(out), tree, &input(), &WriteOptions::default());
    std::process::exit(match outcome {
        Ok(_) => 0,
        Err(OutputError::Io {
            left: Left::Untouched,
            ..
        }) => UNTOUCHED,
        Err(OutputError::Io {
            left: Left::CutShort,
            ..
        }) => CUT_SHORT,
        Err(_) => 12,
    });
}

/// A folder with this tree and someone else's file in it.
fn start(tree: &Rendered) -> Temp {
    let temp = Temp::new();
    temp.write(tree).unwrap();
    temp.put("n/mine", "mine");
    temp
}

fn expected(tree: &Rendered) -> Snapshot {
    let temp = start(tree);
    temp.write(tree).unwrap();
    snapshot(&temp.out)
}

/// Ends a write from one tree to another before each change, and lets each of `then` be next.
fn ended_everywhere(from: usize, to: usize) {
    let trees = trees();
    let expected = trees.each_ref().map(expected);
    let mut change = 1;
    loop {
        for then in 0..trees.len() {
            let temp = start(&trees[from]);
            let code = child_write(&temp.out, to, "end", change);
            if code == 0 {
                assert!(change > 10, "only {change} changes were counted");
                return;
            }
            assert_eq!(code, fault::ENDED, "{from} to {to}, change {change}");
            let about = format!("{from} to {to}, ended before change {change}, then {then}");
            temp.write(&trees[then])
                .unwrap_or_else(|error| panic!("{about}: {error}"));
            assert_eq!(snapshot(&temp.out), expected[then], "{about}");
            let settled = touched(&temp.out);
            let again = temp.write(&trees[then]).unwrap();
            assert!(again.changes.is_empty() && !again.recovered, "{about}");
            assert_eq!(touched(&temp.out), settled, "{about}");
        }
        change += 1;
    }
}

#[test]
fn ended_while_making_a_tree() {
    ended_everywhere(0, 1);
}

#[test]
fn ended_while_changing_a_tree() {
    ended_everywhere(1, 2);
}

#[test]
fn ended_while_files_become_folders() {
    ended_everywhere(2, 3);
}

#[test]
fn ended_while_folders_become_files() {
    ended_everywhere(3, 1);
}

#[test]
fn ended_while_removing_all() {
    ended_everywhere(1, 0);
}

#[test]
fn ended_again_and_again() {
    let trees = trees();
    let expected = trees.each_ref().map(expected);
    for seed in 0..150_u64 {
        let temp = start(&trees[1]);
        // Which tree, and where it is ended: SplitMix64, the same in each run.
        let mut state = seed;
        let mut dice = |sides: u64| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            (mixed ^ (mixed >> 27)) % sides
        };
        for _ in 0..4 {
            let code = child_write(&temp.out, dice(4) as usize, "end", dice(80) + 1);
            assert!([0, fault::ENDED].contains(&code), "seed {seed}: {code}");
        }
        for (tree, expected) in trees.iter().zip(&expected).skip(dice(4) as usize) {
            temp.write(tree).unwrap();
            assert_eq!(snapshot(&temp.out), *expected, "seed {seed}");
        }
    }
}

#[test]
fn a_full_disk_leaves_the_tree_as_it_was_or_to_be_finished() {
    let trees = trees();
    for (from, to) in [(0, 1), (1, 2), (2, 3), (3, 1)] {
        let expected = [from, to].map(|tree| expected(&trees[tree]));
        let (mut untouched, mut cut_short) = (0, 0);
        for change in 1.. {
            let temp = start(&trees[from]);
            let ids = touched(&temp.out);
            let about = format!("{from} to {to}, full at change {change}");
            match child_write(&temp.out, to, "full", change) {
                0 => break,
                UNTOUCHED => {
                    untouched += 1;
                    assert_eq!(snapshot(&temp.out), expected[0], "{about}");
                    assert_eq!(touched(&temp.out), ids, "{about}");
                }
                CUT_SHORT => cut_short += 1,
                other => panic!("{about}: {other}"),
            }
            temp.write(&trees[to])
                .unwrap_or_else(|error| panic!("{about}: {error}"));
            assert_eq!(snapshot(&temp.out), expected[1], "{about}");
        }
        assert!(untouched > 5 && cut_short > 3, "{untouched} {cut_short}");
    }
}

#[test]
fn a_first_write_that_fails_leaves_no_folder() {
    for change in 1..8 {
        let temp = Temp::new();
        assert_eq!(child_write(&temp.out, 1, "full", change), UNTOUCHED);
        assert!(!temp.out.exists());
    }
}

#[test]
fn a_file_edited_after_a_cut_short_write_is_still_spared() {
    let trees = trees();
    let mut refused = 0;
    for change in 1.. {
        let temp = start(&trees[1]);
        if child_write(&temp.out, 2, "end", change) == 0 {
            break;
        }
        temp.put("README.md", "edited by hand\n");
        let before = touched(&temp.out);
        match temp.write(&trees[2]) {
            Err(OutputError::InTheWay { edited, .. }) => assert_eq!(edited, ["README.md"]),
            other => panic!("change {change}: {other:?}"),
        }
        assert_eq!(touched(&temp.out), before);
        refused += 1;
    }
    assert!(refused > 10);
    assert_eq!(fresh(&trees[0]).len(), 1);
}
