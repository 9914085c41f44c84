//! `pikc why`: from a line of the spec to the output and back, and what files and folders are made from.

use serde_json::Value as Json;

use crate::support::predicates_lite::{has, lacks};
use crate::support::{Folder, Run, pikc};

const SPEC: &str = include_str!("home-pi.pik");
const PASSPHRASE: &str = "correct horse battery";
const SECRET: (&str, &str) = ("PIKC_SECRET_WIFI", PASSPHRASE);

fn why(folder: &Folder, arguments: &[&str]) -> Run {
    let mut line = vec!["why"];
    line.extend(arguments);
    let run = folder.run(&line, &[SECRET], "");
    assert_eq!(run.status, 0, "{arguments:?}: {run:?}");
    lacks(&run.out, PASSPHRASE);
    run
}

fn data(folder: &Folder, arguments: &[&str]) -> Json {
    let run = why(folder, &[arguments, &["--format", "json"]].concat());
    serde_json::from_str(&run.out).expect("JSON")
}

/// A folder with the spec and its tree.
fn built() -> Folder {
    let folder = Folder::new(&[("cluster.pik", SPEC)]);
    let run = folder.run(&["compile", "cluster.pik", "-o", "out"], &[SECRET], "");
    assert_eq!(run.status, 0, "{run:?}");
    folder
}

/// The number of the first line that contains this.
fn line_of(text: &str) -> usize {
    let found = SPEC.lines().position(|line| line.contains(text));
    found.unwrap_or_else(|| panic!("{text}")) + 1
}

fn items(value: &Json) -> &[Json] {
    value.as_array().expect("a list")
}

fn text(value: &Json) -> &str {
    value.as_str().expect("a text")
}

#[test]
fn both_directions_agree() {
    let folder = built();
    let mut asked = 0;
    for place in ["pods ", "fallback", "swap ", "address = "] {
        let number = line_of(place);
        let made = data(&folder, &[&format!("cluster.pik:{number}")]);
        let groups = items(&made["groups"]);
        assert!(!groups.is_empty(), "{place} makes nothing");
        for group in groups {
            let path = text(items(&group["paths"]).last().expect("a path"));
            let first = &items(&group["lines"])[0];
            let line = first["line"].as_u64().expect("a number");
            let back = data(&folder, &[&format!("out/{path}:{line}")]);
            let places = items(&back["places"]);
            let named = |place: &Json| place["file"] == "cluster.pik" && place["line"] == number;
            assert!(
                places.iter().any(named),
                "{place}: out/{path}:{line}: {back}"
            );
            asked += 1;
        }
    }
    assert!(asked > 15, "{asked}");
}

#[test]
fn what_is_the_same_on_many_machines_is_shown_once() {
    let folder = built();
    let run = why(
        &folder,
        &[&format!("cluster.pik:{}", line_of("swap    = on"))],
    );
    let patch = "nodes/*/patches/kubeletconfiguration+merge.yaml\n  the same on 3 machines: node02 to node04\n";
    has(&run.out, patch);
    assert_eq!(
        run.out.matches("failSwapOn: false").count(),
        2,
        "{}",
        run.out
    );
    has(
        &run.out,
        "swap stays on, so the kubelet is told to tolerate it",
    );
    has(&run.out, "Files that are there because of it\n");
    has(
        &run.out,
        "steps/40-swap.sh\n      47 lines, the same on 3 machines: node02 to node04\n",
    );
    let run = why(
        &folder,
        &[&format!("cluster.pik:{}", line_of("192.168.11.202"))],
    );
    has(
        &run.out,
        "each has values of its own, these are those of node02",
    );
}

#[test]
fn a_column_asks_about_one_setting() {
    let folder = built();
    let number = line_of("cni flannel");
    let all = data(&folder, &[&format!("cluster.pik:{number}")]);
    let column = SPEC
        .lines()
        .nth(number - 1)
        .and_then(|line| line.find("vxlan"));
    let column = column.expect("there") + 1;
    let one = data(&folder, &[&format!("cluster.pik:{number}:{column}")]);
    assert_eq!(one["place"]["text"], "backend = vxlan");
    let lines = |found: &Json| found["lines"].as_u64().expect("a number");
    assert!(0 < lines(&one) && lines(&one) < lines(&all), "{one}");
    // An element of a list.
    let number = line_of("servers ");
    let line = SPEC.lines().nth(number - 1).expect("a line");
    let column = line.rfind("ntp.").expect("the second server") + 1;
    let one = data(&folder, &[&format!("cluster.pik:{number}:{column}")]);
    assert_eq!(one["place"]["text"], "ntp.nict.jp");
    let run = pikc(&folder, &["why", &format!("cluster.pik:{number}:1")]);
    assert_eq!(run.status, 2, "{run:?}");
    has(
        &run.err,
        &format!("write `cluster.pik:{number}` for all of the line"),
    );
}

#[test]
fn no_answer_shows_a_secret() {
    let folder = built();
    let place = format!("cluster.pik:{}", line_of("secret:wifi"));
    let run = why(&folder, &[&place]);
    has(&run.out, "(holds a secret: not shown)");
    let found = data(&folder, &[&place]);
    let lines = items(&found["groups"])
        .iter()
        .flat_map(|group| items(&group["lines"]));
    let hidden = lines.filter(|line| line["hidden"] == "secret").count();
    assert!(hidden > 0, "{found}");
    // Neither does a checksum of a file that holds one: values could be tried until one fits.
    let manifest: Json = serde_json::from_str(&folder.read("out/pikc.json")).expect("JSON");
    let secret = items(&manifest["files"])
        .iter()
        .filter(|file| file["mode"] == "0600");
    let sums: Vec<&str> = secret.map(|file| text(&file["sha256"])).collect();
    assert!(sums.len() > 3, "{manifest}");
    for number in [
        line_of("cluster home"),
        line_of("secret:wifi"),
        line_of("swap "),
    ] {
        let found = data(&folder, &[&format!("cluster.pik:{number}")]).to_string();
        for sum in &sums {
            lacks(&found, sum);
        }
    }
}

#[test]
fn a_summary_counts_every_line_of_the_tree_once() {
    let folder = built();
    let manifest: Json = serde_json::from_str(&folder.read("out/pikc.json")).expect("JSON");
    let files = items(&manifest["files"])
        .iter()
        .filter(|file| file["kind"] == "file");
    let paths: Vec<&str> = files.map(|file| text(&file["path"])).collect();
    let lines: usize = paths
        .iter()
        .map(|path| folder.read(&format!("out/{path}")).lines().count())
        .sum();
    let all = data(&folder, &["out"]);
    assert_eq!(all["lines"]["all"], lines);
    assert_eq!(items(&all["files"]).len(), paths.len());
    assert_eq!(items(&all["machines"]).len(), 4);
    let kinds = ["spec", "library", "rule", "constant", "packed"];
    let sum: u64 = kinds
        .iter()
        .filter_map(|kind| all["lines"][kind].as_u64())
        .sum();
    assert_eq!(all["lines"]["all"], sum);
}

#[test]
fn a_summary_says_who_runs_it_and_what_that_does() {
    let folder = built();
    // What is behind the links of a machine's folder is part of it; the machine is the only one asked about.
    let node = data(&folder, &["out/nodes/node02"]);
    assert_eq!(node["machines"], serde_json::json!(["node02"]));
    let steps: Vec<&str> = items(&node["steps"])
        .iter()
        .map(|step| text(&step["name"]))
        .collect();
    assert_eq!(steps.first(), Some(&"10-preflight"));
    assert!(steps.is_sorted() && steps.contains(&"40-swap"), "{steps:?}");
    let run = why(&folder, &["out/nodes/node02/steps/40-swap.sh"]);
    has(&run.out, "root runs it on 3 machines: node02 to node04");
    has(
        &run.out,
        &format!("cluster.pik:{}  swap    = on", line_of("swap    = on")),
    );
    let run = why(&folder, &["out/README.md"]);
    has(&run.out, "for people");
}

/// The consequences that `why` foresees for a path, each with its weight and its fields.
fn foreseen(folder: &Folder, path: &str) -> Vec<(String, String, Vec<String>)> {
    let found = data(folder, &[path]);
    let one = |one: &Json| {
        let fields = items(&one["fields"]).iter().map(text);
        let words = [&one["consequence"], &one["is"]].map(|word| text(word).to_owned());
        let [name, is] = words;
        (name, is, fields.map(str::to_owned).collect())
    };
    items(&found["if-changed"]).iter().map(one).collect()
}

#[test]
fn a_summary_says_what_a_change_would_mean() {
    let folder = built();
    let class = "out/classes/worker-raspios-trixie-pi-3-swap-on";
    let one = |name: &str, is: &str| vec![(name.to_owned(), is.to_owned(), Vec::new())];
    let timesyncd = format!("{class}/files/etc/systemd/timesyncd.conf.d/90-pikc.conf");
    assert_eq!(foreseen(&folder, &timesyncd), one("clock", "service"));
    assert_eq!(
        foreseen(&folder, "out/README.md"),
        one("nothing", "nothing")
    );
    let cmdline = format!("{class}/steps/20-boot-cmdline.sh");
    assert_eq!(foreseen(&folder, &cmdline), one("boot", "reboot"));
    let run = why(&folder, &[&timesyncd]);
    has(
        &run.out,
        "\nIf it changes\n  service: the time service restarts\n    why: ",
    );
    // Of a folder, each consequence once, the worst first, with its files.
    let all = data(&folder, &[class]);
    let weights: Vec<&str> = items(&all["if-changed"])
        .iter()
        .map(|one| text(&one["is"]))
        .collect();
    assert_eq!(weights.first(), Some(&"reboot"), "{weights:?}");
    assert_eq!(weights.last(), Some(&"nothing"), "{weights:?}");
    let files: usize = items(&all["if-changed"])
        .iter()
        .map(|one| items(&one["files"]).len())
        .sum();
    assert_eq!(files, items(&all["files"]).len(), "each file has one");
    has(&why(&folder, &[class]).out, "\nIf a file of it changes\n");
}

/// What is foreseen for a file is what `diff` says when it has changed.
#[test]
fn what_is_foreseen_is_what_diff_says() {
    let folder = built();
    folder.text(
        "cluster.pik",
        &SPEC.replace("time.google.com", "time.example.org"),
    );
    let arguments = ["diff", "cluster.pik", "-o", "out", "--format", "json"];
    let diff = folder.run(&arguments, &[SECRET], "");
    let diff: Json = serde_json::from_str(&diff.out).expect("JSON");
    let compile = folder.run(&["compile", "cluster.pik", "-o", "out"], &[SECRET], "");
    assert_eq!(compile.status, 0, "{compile:?}");
    let mut compared = 0;
    for group in items(&diff["groups"]) {
        let said = text(&group["consequence"]["name"]);
        for file in items(&group["files"]) {
            // A comment in a script, and the list of all files, are `diff`'s alone.
            let own = file["note"] == "only comments differ" || file["name"] == "pikc.json";
            for path in items(&file["paths"]).iter().filter(|_| !own) {
                let found = foreseen(&folder, &format!("out/{}", text(path)));
                let names: Vec<&str> = found.iter().map(|(name, ..)| name.as_str()).collect();
                assert_eq!(names, [said], "{path}");
                compared += 1;
            }
        }
    }
    assert!(compared > 4, "{diff:#}");
}

/// The consequence of a file of YAML depends on the field.
#[test]
fn a_change_of_a_field_is_foreseen_by_field() {
    let folder = built();
    let found = foreseen(&folder, "out/nodes/node01/kubeadm.yaml");
    let of = |name: &str| {
        let all = found.iter().find(|(known, ..)| known == name);
        all.unwrap_or_else(|| panic!("{name}: {found:?}"))
    };
    let (_, is, fields) = of("for-good");
    assert_eq!(is, "cluster");
    assert_eq!(fields, &["ClusterConfiguration networking"]);
    assert!(of("upgrade").2.iter().all(|field| field.contains(' ')));
    // A worker's file has no such document.
    let worker = foreseen(&folder, "out/nodes/node02/kubeadm.yaml");
    assert!(worker.iter().all(|(name, ..)| name != "for-good"));
    assert!(worker.len() > 1, "{worker:?}");
    let run = why(&folder, &["out/nodes/node01/kubeadm.yaml"]);
    has(&run.out, "    fields: ClusterConfiguration networking\n");
}

#[test]
fn a_line_that_makes_nothing_says_so() {
    let folder = built();
    has(
        &why(&folder, &["cluster.pik:1"]).out,
        "makes no line of the output",
    );
    let number = line_of("  network {");
    let run = why(&folder, &[&format!("cluster.pik:{number}")]);
    has(&run.out, &format!("ask about the lines {} to ", number + 1));
}

#[test]
fn a_file_that_a_spec_uses_needs_the_spec() {
    let own = "node node01 {\n  profile = pi\n";
    assert!(SPEC.contains(own));
    let cluster = SPEC.replace(own, "node node01 {\n  profile = [pi, four]\n");
    let folder = Folder::new(&[
        ("cluster.pik", &format!("use = [\"pi.pik\"]\n{cluster}")),
        ("other.pik", SPEC),
        ("pi.pik", "profile four {\n  swap = off\n}\n"),
    ]);
    let run = pikc(&folder, &["why", "pi.pik:2"]);
    assert_eq!(run.status, 2, "{run:?}");
    has(&run.err, "--spec SPEC");
    let run = pikc(&folder, &["why", "pi.pik:2", "--spec", "cluster.pik"]);
    assert_eq!(run.status, 0, "{run:?}");
    has(&run.out, "on node01");
    let run = pikc(&folder, &["why", "pi.pik:2", "--spec", "other.pik"]);
    assert_eq!(run.status, 2, "{run:?}");
    has(&run.err, "`other.pik` does not use `pi.pik`");
}

#[test]
fn a_wrong_place_is_a_usage_error_with_what_to_type() {
    let folder = built();
    for (place, words) in [
        ("cluster.pik:99", "lines, so there is no line 99"),
        ("cluster.pik:0", "there is no line 0"),
        ("cluster.pik", "write `cluster.pik:LINE`"),
        ("out/README.md:1:1", "write PATH:LINE"),
        ("out/README.md:9999", "there is no line 9999"),
        (".", "is not in a tree that pikc wrote"),
    ] {
        let run = pikc(&folder, &["why", place]);
        assert_eq!(run.status, 2, "{place}: {run:?}");
        has(&run.err, words);
    }
    folder.text("out/hosts.txt", "edited\n");
    let run = folder.run(&["why", "out/hosts.txt"], &[SECRET], "");
    assert_eq!(run.status, 3, "{run:?}");
    let run = folder.run(&["why", "out"], &[SECRET], "");
    assert_eq!(run.status, 0, "{run:?}");
    has(&run.err, "hosts.txt: not what `cluster.pik` produces now");
    folder.text("cluster.pik", &SPEC.replace("vxlan", "vxlann"));
    let run = pikc(
        &folder,
        &["why", &format!("cluster.pik:{}", line_of("vxlan"))],
    );
    assert_eq!(run.status, 1, "{run:?}");
    has(&run.err, "value/not-a-choice");
}
