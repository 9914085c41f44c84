//! Never silently new: what shows that a cluster may exist is found, and a tree that gets other secrets, or none, says so.

use super::{cluster, compile, compiled, folder, init, kept, say, spec, with_key};
use crate::support::Folder;
use crate::support::predicates_lite::{has, lacks};

fn remove(folder: &Folder, name: &str) {
    std::fs::remove_file(folder.path().join(name)).expect("a file");
}

/// What `compile` or `diff` says about the tree that is there.
#[track_caller]
fn about_the_tree(folder: &Folder, options: &[&str]) -> String {
    let line = ["compile", "cluster.pik", "-o", "out", "--dry-run"];
    let run = with_key(folder, &[&line, options].concat(), "");
    assert_eq!(run.status, 0, "{run:?}");
    let line = ["diff", "cluster.pik", "-o", "out"];
    let diff = with_key(folder, &[&line, options].concat(), "");
    assert_eq!(diff.status, 0, "{diff:?}");
    for code in ["tree/other-authorities", "tree/secrets-gone"] {
        assert_eq!(run.err.contains(code), diff.err.contains(code), "{diff:?}");
    }
    // A long line of a report is folded.
    let words = run.err.split_whitespace().filter(|word| *word != "│");
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_tree_is_found_where_the_next_line_puts_it_and_in_the_current_folder() {
    for (home, next) in [
        ("home", "pikc compile home/c.pik -o home/out"),
        (
            "my $home",
            "pikc compile 'my $home/c.pik' -o 'my $home/out'",
        ),
    ] {
        for given in ["next", "out", "trees/out", "."] {
            let folder = folder();
            folder.text("trees/other", "");
            let named = format!("{home}/c.pik");
            folder.text(&named, &spec());
            let begin = || say(&folder, &["secrets", "init", &named, "-R", "key.pub"]);
            let run = begin();
            assert_eq!(run.status, 0, "{run:?}");
            has(&run.out, &format!("next: {next}\n"));
            let beside = format!("{home}/out");
            let out = if given == "next" { &beside } else { given };
            let run = with_key(&folder, &["compile", &named, "-o", out], "");
            assert_eq!(run.status, 0, "{run:?}");
            remove(&folder, &format!("{home}/c.secrets.age"));
            let run = begin();
            if given == "trees/out" {
                // Too far away to be found; `compile` says it.
                assert_eq!(run.status, 0, "{run:?}");
                let run = with_key(&folder, &["compile", &named, "-o", out], "");
                has(&run.err, "tree/other-authorities");
                continue;
            }
            assert_eq!(run.status, 3, "{given}: {run:?}");
            has(
                &run.err,
                &format!("`{out}` was compiled with secrets of this cluster"),
            );
        }
    }
}

#[test]
fn another_cluster_in_the_same_folder_may_have_a_machine_of_the_same_name() {
    let folder = compiled();
    folder.text("lab.pik", &spec().replacen("cluster ", "cluster not", 1));
    let begin = || say(&folder, &["secrets", "init", "lab.pik", "-R", "key.pub"]);
    let run = begin();
    assert_eq!(run.status, 0, "{run:?}");
    remove(&folder, "lab.secrets.age");
    // A manifest that does not say whose it is: the machines may be this cluster's.
    let list = folder.read("out/pikc.json");
    let name = cluster();
    let silent: Vec<&str> = list
        .lines()
        .filter(|line| !line.contains(&format!("\"cluster\": \"{name}\"")))
        .filter(|line| !line.contains("\"cluster {}\""))
        .collect();
    assert_eq!(silent.len() + 2, list.lines().count());
    folder.text("out/pikc.json", &(silent.join("\n") + "\n"));
    let run = begin();
    assert_eq!(run.status, 3, "{run:?}");
    has(&run.err, "`out` was compiled with secrets of this cluster");
}

#[test]
fn a_tree_that_gets_other_authorities_says_so() {
    let folder = compiled();
    lacks(&about_the_tree(&folder, &[]), "tree/other-authorities");
    let rotate = |secret: &str| {
        let name = cluster();
        let line = [
            "secrets",
            "rotate",
            "cluster.pik",
            secret,
            "--confirm",
            &name,
        ];
        let run = with_key(&folder, &line, "");
        assert_eq!(run.status, 0, "{run:?}");
        run.out
    };
    rotate("join/token");
    lacks(&about_the_tree(&folder, &[]), "tree/other-authorities");
    let diff = || with_key(&folder, &["diff", "cluster.pik", "-o", "out"], "").out;
    has(&diff(), "the most that it takes: next-run");
    has(&rotate("pki/service-account"), "refuses the tokens of pods");
    let found = about_the_tree(&folder, &[]);
    has(
        &found,
        "the key of service accounts is not the one that the tree was built with",
    );
    has(
        &diff(),
        "impossible in place: another authority, or another key of service accounts",
    );
    has(
        &rotate("pki/ca"),
        "takes the running cluster for another one",
    );
    has(&rotate("pki/etcd-ca"), "is not let in by the others");
    has(&rotate("pki/front-proxy-ca"), "metrics-server");
    let found = about_the_tree(&folder, &[]);
    has(
        &found,
        "not those that the tree was built with: the cluster's certificate authority, etcd's",
    );
    assert_eq!(
        found.matches("Warning: tree/other-authorities").count(),
        1,
        "{found}"
    );
    // Neither is there anything to compare with if one of the two has none.
    lacks(
        &about_the_tree(&folder, &["--without-secrets"]),
        "tree/other-authorities",
    );
    compile(&folder, &["-o", "out", "--without-secrets"]);
    lacks(&about_the_tree(&folder, &[]), "tree/other-authorities");
}

#[test]
fn a_tree_that_loses_its_secrets_says_so() {
    let folder = compiled();
    folder.shell("mv cluster.secrets.age away");
    let found = about_the_tree(&folder, &[]);
    has(&found, "tree/secrets-gone");
    has(&found, "there is no `cluster.secrets.age`");
    has(&found, "--without-secrets");
    lacks(
        &about_the_tree(&folder, &["--without-secrets"]),
        "tree/secrets-gone",
    );
    lacks(
        &about_the_tree(&folder, &["--secrets", "away"]),
        "tree/secrets-gone",
    );
    let line = ["compile", "cluster.pik", "-o", "out", "--deny", "warnings"];
    let run = with_key(&folder, &line, "");
    assert_eq!(run.status, 1, "{run:?}");
    assert!(
        folder
            .path()
            .join("out/nodes/control/once/pki/ca.key")
            .exists()
    );
    compile(&folder, &["-o", "out"]);
    lacks(&about_the_tree(&folder, &[]), "tree/secrets-gone");
}

#[test]
fn a_link_that_leads_nowhere_is_neither_passed_over_nor_replaced() {
    let folder = kept();
    let made = folder.shell("mv cluster.secrets.age vault; ln -s vault cluster.secrets.age");
    assert_eq!(made.status, 0, "{made:?}");
    compile(&folder, &["-o", "out"]);
    folder.shell("mv vault away");
    for run in [
        with_key(&folder, &["compile", "cluster.pik", "-o", "out"], ""),
        with_key(&folder, &["compile", "cluster.pik", "-o", "new"], ""),
        with_key(&folder, &["secrets", "list", "cluster.pik"], ""),
        init(&folder),
    ] {
        assert_eq!(run.status, 3, "{run:?}");
        has(
            &run.err,
            "`cluster.secrets.age` is a link to a file that is not there",
        );
    }
    let link = folder.path().join("cluster.secrets.age");
    assert!(link.is_symlink() && !link.exists());
    compile(&folder, &["-o", "new", "--without-secrets"]);
}
