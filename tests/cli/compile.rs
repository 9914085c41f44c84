//! `compile`, `diff` and `why` from outside: what they write, print and refuse.

use super::GOOD;
use crate::support::predicates_lite::{has, lacks};
use crate::support::{self, Folder, Run, pikc};

const SPEC: &str = include_str!("home-pi.pik");
const SECRET: (&str, &str) = ("PIKC_SECRET_WIFI", "correct horse battery");

fn compile(folder: &Folder, more: &[&str]) -> Run {
    let mut line = vec!["compile", "cluster.pik", "-o", "out"];
    line.extend(more);
    folder.run(&line, &[SECRET], "")
}

/// Every file below out/ with its text, links with their targets.
fn tree(folder: &Folder) -> String {
    folder
        .shell("cd out && find . -type f -exec sha256sum {} + | sort -k 2 && find . -type l -printf '%p -> %l\\n' | sort")
        .out
}

#[test]
fn a_tree_is_written_and_left_alone_when_nothing_changes() {
    let folder = Folder::new(&[("cluster.pik", SPEC)]);
    let first = compile(&folder, &[]);
    assert_eq!(first.status, 0, "{first:?}");
    assert_eq!(first.err, "");
    has(&first.out, "created out/README.md\n");
    has(&first.out, "created out/pikc.json\n");
    has(&first.out, "next: read out/README.md");
    // The rest is counted by folder, unless all of it is wanted.
    has(&first.out, "out/nodes/node02/: ");
    assert!(first.out.lines().count() < 16, "{}", first.out);
    let each = folder.run(
        &["compile", "cluster.pik", "-o", "two", "--verbose"],
        &[SECRET],
        "",
    );
    let created = each
        .out
        .lines()
        .filter(|line| line.starts_with("created two/"))
        .count();
    has(&each.out, &format!("two: {created} created; next"));
    // The counts of the folders and the files that are named are all there is.
    let counted: usize = first
        .out
        .lines()
        .filter_map(|line| line.split_once("/: "))
        .map(|(_, counts)| {
            let number = counts.strip_suffix(" created").expect("only created");
            number.parse::<usize>().expect("a number")
        })
        .sum();
    let named = first
        .out
        .lines()
        .filter(|line| line.starts_with("created out/"))
        .count();
    assert_eq!(counted + named, created, "{}", first.out);
    let before = tree(&folder);
    let second = compile(&folder, &[]);
    assert_eq!(second.status, 0);
    assert_eq!(second.out, "nothing changed in out\n");
    assert_eq!(tree(&folder), before);
}

#[test]
fn a_change_of_the_spec_is_a_change_of_few_files() {
    let folder = Folder::new(&[("cluster.pik", SPEC)]);
    compile(&folder, &[]);
    folder.text(
        "cluster.pik",
        &SPEC.replace("time.google.com", "time.example.org"),
    );
    let dry = compile(&folder, &["--dry-run"]);
    has(&dry.out, "would change out/classes/");
    has(&dry.out, "nothing was written");
    let run = compile(&folder, &[]);
    assert_eq!(run.status, 0, "{run:?}");
    has(&run.out, "changed out/classes/");
    lacks(&run.out, "kubeadm.yaml");
    let comment = format!("# A comment.\n{}", folder.read("cluster.pik"));
    folder.text("cluster.pik", &comment);
    let run = compile(&folder, &[]);
    // The spec's checksum is in the manifest; nothing else depends on comments.
    has(&run.out, "out: 1 changed, ");
    has(&run.out, "changed out/pikc.json\n");
}

#[test]
fn errors_leave_everything_as_it_was() {
    let folder = Folder::new(&[("cluster.pik", SPEC)]);
    compile(&folder, &[]);
    let before = tree(&folder);
    folder.text("cluster.pik", &SPEC.replace("vxlan", "vxlann"));
    let run = compile(&folder, &[]);
    assert_eq!(run.status, 1, "{run:?}");
    assert_eq!(run.out, "");
    has(&run.err, "value/not-a-choice");
    has(&run.err, "nothing was written");
    assert_eq!(tree(&folder), before);
    let spare = format!("{SPEC}\nprofile spare {{ swap = off }}\n");
    folder.text("cluster.pik", &spare);
    let run = compile(&folder, &["--deny", "warnings"]);
    assert_eq!(run.status, 1, "{run:?}");
    has(&run.err, "warnings are denied: nothing was written");
    assert_eq!(tree(&folder), before);
}

#[test]
fn a_secret_stays_where_it_belongs() {
    let folder = Folder::new(&[("cluster.pik", SPEC)]);
    let without = pikc(&folder, &["compile", "cluster.pik", "-o", "out"]);
    assert_eq!(without.status, 0, "{without:?}");
    has(&without.err, "Warning: secret/missing");
    has(&without.err, "PIKC_SECRET_WIFI");
    let strict = pikc(
        &folder,
        &["compile", "cluster.pik", "-o", "two", "--require-secrets"],
    );
    assert_eq!(strict.status, 1, "{strict:?}");
    has(&strict.err, "Error: secret/missing");
    assert!(!folder.path().join("two").exists());
    folder.text("secrets.env", "# mine\nwifi=correct horse battery\n");
    folder.shell("chmod 644 secrets.env");
    let from_file = [
        "compile",
        "cluster.pik",
        "-o",
        "out",
        "--secrets",
        "secrets.env",
    ];
    let open = pikc(&folder, &from_file);
    assert_eq!(open.status, 3, "{open:?}");
    has(&open.err, "can be read by others (mode 0644)");
    has(&open.err, "chmod 600 secrets.env");
    folder.shell("chmod 600 secrets.env; cp -p secrets.env kept");
    folder.text("secrets.env", "wifi=horse\n# mine\nwifi=battery\n");
    let twice = pikc(&folder, &from_file);
    assert_eq!(twice.status, 3, "{twice:?}");
    has(
        &twice.err,
        "`secrets.env` is not a secrets file: lines 1 and 3",
    );
    has(&twice.err, "each name once");
    lacks(&twice.err, "horse");
    lacks(&twice.err, "battery");
    folder.shell("mv kept secrets.env");
    let run = pikc(&folder, &from_file);
    assert_eq!(run.status, 0, "{run:?}");
    let again = compile(&folder, &[]);
    assert_eq!(again.out, "nothing changed in out\n");
    // Only in files that no one but their owner can read, and not as it was entered: a network
    // file needs a key derived from it.
    let found = folder.shell("find out -type f ! -perm 600 -exec grep -l 'horse' {} +");
    assert_eq!(found.out, "");
    let private = folder.shell("find out -type f -perm 600");
    assert!(!private.out.is_empty());
    folder.text("cluster.pik", &SPEC.replace("\"home\"", "\"attic\""));
    let diff = folder.run(
        &["diff", "cluster.pik", "-o", "out", "--unified"],
        &[SECRET],
        "",
    );
    has(&diff.out, "(holds a secret: not shown)");
    for text in [&run.out, &run.err, &diff.out, &diff.err] {
        lacks(text, "horse");
    }
    let wrong = folder.run(
        &["compile", "cluster.pik", "-o", "out"],
        &[("PIKC_SECRET_WIFI", "horse\nstaple")],
        "",
    );
    assert_eq!(wrong.status, 3, "{wrong:?}");
    has(&wrong.err, "control character");
    lacks(&wrong.err, "horse");
}

#[test]
fn an_output_folder_that_cannot_be_created_is_named() {
    let folder = Folder::new(&[("cluster.pik", SPEC), ("file", "mine\n")]);
    let file = pikc(&folder, &["compile", "cluster.pik", "-o", "file"]);
    assert_eq!(file.status, 3, "{file:?}");
    has(&file.err, "file is not a folder");
    assert_eq!(folder.read("file"), "mine\n");
    let below = pikc(&folder, &["compile", "cluster.pik", "-o", "file/out"]);
    assert_eq!(below.status, 3, "{below:?}");
    let deep = pikc(&folder, &["compile", "cluster.pik", "-o", "no/such/out"]);
    assert_eq!(deep.status, 3, "{deep:?}");
    has(&deep.err, "mkdir -p");
    // A folder that not even root can write to.
    let closed = pikc(&folder, &["compile", "cluster.pik", "-o", "/proc/out"]);
    assert_eq!(closed.status, 3, "{closed:?}");
    has(&closed.err, "cannot create the folder /proc/out");
    has(&closed.err, "nothing was changed");
    let missing = pikc(&folder, &["compile", "no.pik", "-o", "out"]);
    assert_eq!(missing.status, 3, "{missing:?}");
    assert!(!folder.path().join("out").exists());
}

#[test]
fn edited_and_foreign_files_are_named_and_kept() {
    let folder = Folder::new(&[("cluster.pik", SPEC)]);
    compile(&folder, &[]);
    folder.text("out/README.md", "mine\n");
    folder.text("cluster.pik", &SPEC.replace("1.36 ", "1.35 "));
    let run = compile(&folder, &[]);
    assert_eq!(run.status, 3, "{run:?}");
    has(&run.err, "README.md: edited since pikc wrote it");
    assert_eq!(folder.read("out/README.md"), "mine\n");
    let diff = folder.run(&["diff", "cluster.pik", "-o", "out"], &[SECRET], "");
    has(&diff.err, "README.md: edited since pikc wrote it");
    let forced = compile(&folder, &["--force"]);
    assert_eq!(forced.status, 0, "{forced:?}");
    lacks(&folder.read("out/README.md"), "mine");
}

#[test]
fn a_floating_version_is_kept_until_an_upgrade() {
    let folder = Folder::new(&[("cluster.pik", SPEC)]);
    compile(&folder, &[]);
    let manifest = folder.read("out/pikc.json");
    let newest = manifest
        .split("\"kubernetes\": \"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap_or_else(|| panic!("{manifest}"))
        .to_owned();
    // As if an older pikc had made the tree.
    let exact = SPEC.replace("kubernetes = 1.36 ", "kubernetes = 1.36.1 ");
    folder.text("cluster.pik", &exact);
    assert_eq!(compile(&folder, &[]).status, 0);
    folder.text("cluster.pik", SPEC);
    let kept = compile(&folder, &[]);
    assert_eq!(kept.status, 0, "{kept:?}");
    has(&folder.read("out/pikc.json"), "\"1.36.1\"");
    let upgraded = compile(&folder, &["--upgrade"]);
    assert_eq!(upgraded.status, 0, "{upgraded:?}");
    has(&folder.read("out/pikc.json"), &format!("\"{newest}\""));
}

#[test]
fn diff_shows_what_compile_would_change_and_writes_nothing() {
    let folder = Folder::new(&[("cluster.pik", SPEC)]);
    let fresh = folder.run(
        &["diff", "cluster.pik", "-o", "out", "--unified"],
        &[SECRET],
        "",
    );
    assert_eq!(fresh.status, 0, "{fresh:?}");
    has(&fresh.out, "--- /dev/null\n+++ b/README.md\n");
    assert!(!folder.path().join("out").exists());
    compile(&folder, &[]);
    let same = folder.run(&["diff", "cluster.pik", "-o", "out"], &[SECRET], "");
    assert_eq!(same.out, "nothing would change in out\n");
    let before = tree(&folder);
    folder.text(
        "cluster.pik",
        &SPEC.replace("10.244.0.0/16", "10.245.0.0/16"),
    );
    let diff = folder.run(
        &["diff", "cluster.pik", "-o", "out", "--unified"],
        &[SECRET],
        "",
    );
    has(
        &diff.out,
        "-  podSubnet: 10.244.0.0/16\n+  podSubnet: 10.245.0.0/16\n",
    );
    assert_eq!(tree(&folder), before);
}

#[test]
fn why_answers_for_lines_of_the_output() {
    let folder = Folder::new(&[("cluster.pik", SPEC)]);
    compile(&folder, &[]);
    let line = |path: &str, word: &str| {
        let text = folder.read(path);
        let at = text.lines().position(|line| line.contains(word));
        format!(
            "{path}:{}",
            at.unwrap_or_else(|| panic!("{word}: {text}")) + 1
        )
    };
    let place = line("out/nodes/node01/kubeadm.yaml", "podSubnet");
    let run = folder.run(&["why", &place], &[SECRET], "");
    assert_eq!(run.status, 0, "{run:?}");
    has(&run.out, &place);
    has(&run.out, "podSubnet: 10.244.0.0/16");
    has(&run.out, "pods     = 10.244.0.0/16");
    // Through a link from the node to its class.
    let place = line("out/nodes/node02/steps/40-swap.sh", "this node swaps");
    let run = folder.run(&["why", &place], &[SECRET], "");
    assert_eq!(run.status, 0, "{run:?}");
    has(&run.out, "swap    = on");
    // From another folder, with the spec found next to the tree.
    let run = folder.shell(&format!(
        "export PIKC_SECRET_WIFI='{}'; mkdir -p elsewhere; cd elsewhere && {} why ../out/README.md:1",
        SECRET.1,
        support::PIKC
    ));
    assert_eq!(run.status, 0, "{run:?}");
    has(&run.out, "cluster home");
}

#[test]
fn why_says_what_is_wrong_with_its_argument() {
    let folder = Folder::new(&[("cluster.pik", SPEC), ("other/file", "x\n")]);
    compile(&folder, &[]);
    let cases = [
        ("out/README.md:x", 2, "does not name a line"),
        ("out/README.md:99999", 2, "there is no line 99999"),
        ("out/README.md:0", 2, "there is no line 0"),
        ("out/nothing:1", 3, "there is no such file"),
        ("other/file:1", 2, "is not in a tree that pikc wrote"),
        ("out/pikc.json:1", 2, "pikc's own list"),
    ];
    for (place, status, words) in cases {
        let run = folder.run(&["why", place], &[SECRET], "");
        assert_eq!(run.status, status, "{place}: {run:?}");
        has(&run.err, words);
    }
    folder.text("out/README.md", "mine\n");
    let run = folder.run(&["why", "out/README.md:1"], &[SECRET], "");
    assert_eq!(run.status, 3, "{run:?}");
    has(&run.err, "is not what `cluster.pik` produces now");
    has(&run.err, "pikc diff cluster.pik -o out");
}

#[test]
fn the_same_spec_gives_the_same_bytes_in_any_folder() {
    let folder = Folder::new(&[("cluster.pik", SPEC), ("deep/er/cluster.pik", SPEC)]);
    compile(&folder, &[]);
    let run = folder.run(
        &["compile", "deep/er/cluster.pik", "-o", "again"],
        &[SECRET],
        "",
    );
    assert_eq!(run.status, 0, "{run:?}");
    let diff = folder.shell("diff -r out again");
    assert_eq!(diff.out, "");
}

#[test]
fn a_tree_of_another_cluster_is_noticed() {
    let folder = Folder::new(&[("cluster.pik", GOOD)]);
    assert_eq!(
        pikc(&folder, &["compile", "cluster.pik", "-o", "out"]).status,
        0
    );
    let again = pikc(&folder, &["compile", "cluster.pik", "-o", "out"]);
    lacks(&again.err, "tree/");
    let spec = folder.read("cluster.pik");
    let with_cni = |block: &str| {
        let start = spec.find("cni flannel").expect("a CNI");
        let end = start + spec[start..].find('}').expect("its end") + 1;
        format!("{}{block}{}", &spec[..start], &spec[end..])
    };
    folder.text(
        "cluster.pik",
        &with_cni("cni flannel { backend = host-gw }"),
    );
    let backend = pikc(&folder, &["diff", "cluster.pik", "-o", "out"]);
    has(&backend.err, "Warning: tree/cannot-change");
    has(
        &backend.err,
        "`cni flannel: backend` was vxlan when the tree was built, and is host-gw now",
    );
    folder.text("cluster.pik", &with_cni("cni canal {}"));
    let other = pikc(&folder, &["compile", "cluster.pik", "-o", "out"]);
    has(&other.err, "Warning: tree/cni-changed");
    has(
        &other.err,
        "the tree was built with flannel, and the spec now has canal",
    );
    lacks(&other.err, "tree/cannot-change");
    folder.text(
        "cluster.pik",
        &with_cni("cni canal {}").replace("network {", "network {\n    pods = 10.240.0.0/16"),
    );
    let pods = pikc(
        &folder,
        &["compile", "cluster.pik", "-o", "out", "--dry-run"],
    );
    has(&pods.err, "`pods` was 10.244.0.0/16");
    folder.text("cluster.pik", &spec.replace("cluster home", "cluster lab"));
    for command in ["diff", "compile"] {
        let renamed = pikc(&folder, &[command, "cluster.pik", "-o", "out"]);
        has(&renamed.err, "tree/other-cluster");
        has(
            &renamed.err,
            "the tree that is there is the cluster home's, and the spec is lab's",
        );
    }
}

/// As a shell writes a variable that was never set.
#[test]
fn an_empty_path_is_refused() {
    let folder = Folder::new(&[("cluster.pik", GOOD)]);
    for words in [
        &["compile", "cluster.pik", "-o", ""][..],
        &["diff", "cluster.pik", "-o", ""],
        &["review", "cluster.pik", "-o", ""],
        &["graph", "cluster.pik", "-o", ""],
        &["card", "cluster.pik", "node01", "--boot", ""],
        &["card", "cluster.pik", "node01", "-o", "", "--boot", "boot"],
        &["check", ""],
        &["compile", "cluster.pik", "--output="],
        &["compile", "cluster.pik", "--stdlib", ""],
        &["compile", "cluster.pik", "--secrets", ""],
    ] {
        let run = pikc(&folder, words);
        assert_eq!(run.status, 2, "{words:?}: {run:?}");
        has(&run.err, "an argument is empty");
    }
    assert_eq!(folder.files("").len(), 1);
}

#[test]
fn a_passphrase_that_no_access_point_accepts_is_refused_and_never_printed() {
    for (value, why) in [
        ("hunter2", "has 7 characters, and a passphrase has 8 to 63"),
        (&"horse".repeat(13)[..64], "has 64 characters"),
        ("correct horse b\u{e4}ttery", "not ASCII"),
    ] {
        let folder = Folder::new(&[("cluster.pik", SPEC)]);
        let secret = &[("PIKC_SECRET_WIFI", value)];
        let run = folder.run(&["compile", "cluster.pik", "-o", "out"], secret, "");
        assert_eq!(run.status, 1, "{run:?}");
        has(&run.err, "Error: secret/wifi-passphrase");
        has(&run.err, why);
        has(&run.err, "the passphrase of this network");
        assert!(!run.err.contains(value), "{}", run.err);
        assert_ne!(folder.shell("ls out").status, 0, "nothing is written");
    }
    // A value that is already a key is used as it is.
    let folder = Folder::new(&[("cluster.pik", SPEC)]);
    let key = "aF0".repeat(22)[..64].to_owned();
    let secret = &[("PIKC_SECRET_WIFI", key.as_str())];
    let run = folder.run(&["compile", "cluster.pik", "-o", "out"], secret, "");
    assert_eq!((run.status, run.err.as_str()), (0, ""), "{run:?}");
}

#[test]
fn many_machines_are_one_line() {
    let spec = SPEC.replace("node[02-04]", "node[02-40]").replace(
        "192.168.11.202..192.168.11.204",
        "192.168.11.205..192.168.11.243",
    );
    let folder = Folder::new(&[("cluster.pik", &spec)]);
    let run = compile(&folder, &[]);
    assert_eq!(run.status, 0, "{run:?}");
    has(&run.out, "\nout/nodes/: ");
    assert!(run.out.lines().count() < 12, "{}", run.out);
    // A change of all of them, and what stays.
    folder.text(
        "cluster.pik",
        &spec.replace("swap    = on", "swap    = off"),
    );
    let dry = compile(&folder, &["--dry-run"]);
    let nodes = dry
        .out
        .lines()
        .find(|line| line.starts_with("out/nodes/: "));
    let nodes = nodes.unwrap_or_else(|| panic!("{}", dry.out));
    has(nodes, " would be changed");
    has(nodes, " unchanged");
}
