//! The command from outside: where things go, what is never written, and how it ends.

use crate::support::predicates_lite::{has, lacks};
use crate::support::{Folder, pikc};

const KUBEADM: &str = include_str!("../../examples/existing/kubeadm.yaml");
const FLANNEL: &str = include_str!("../../examples/existing/kube-flannel.yaml");
const TOKENS: &str = include_str!("files/tokens.yaml");

fn folder() -> Folder {
    Folder::new(&[
        ("kubeadm.yaml", KUBEADM),
        ("flannel.yaml", FLANNEL),
        ("tokens.yaml", TOKENS),
    ])
}

#[test]
fn the_spec_goes_to_standard_output_or_into_a_file_and_passes_check() {
    let folder = folder();
    let run = pikc(&folder, &["import", "kubeadm.yaml", "flannel.yaml"]);
    assert_eq!(run.status, 0, "{run:?}");
    has(&run.out, "cni flannel");
    has(&run.err, "To fill in:");
    assert!(
        run.err.ends_with("3 fields were not carried over\n"),
        "{}",
        run.err
    );
    let both = [
        "import",
        "kubeadm.yaml",
        "flannel.yaml",
        "-o",
        "cluster.pik",
    ];
    let written = pikc(&folder, &both);
    assert_eq!(
        (written.status, written.out.as_str()),
        (0, ""),
        "{written:?}"
    );
    assert_eq!(folder.read("cluster.pik"), run.out);
    let check = pikc(&folder, &["check", "cluster.pik"]);
    assert_eq!(check.status, 0, "{check:?}");
    // From standard input it is the same, but for the name.
    let piped = folder.run(&["import", "-"], &[], KUBEADM);
    assert_eq!(piped.status, 0, "{piped:?}");
    has(&piped.out, "# Made by `pikc import` from <stdin>.");
}

#[test]
fn a_file_is_not_replaced_without_being_told() {
    let folder = folder();
    folder.text("cluster.pik", "mine\n");
    let run = pikc(&folder, &["import", "kubeadm.yaml", "-o", "cluster.pik"]);
    assert_eq!(run.status, 3, "{run:?}");
    has(&run.err, "already exists");
    has(&run.err, "--overwrite");
    assert_eq!(folder.read("cluster.pik"), "mine\n");
    let run = pikc(
        &folder,
        &["import", "kubeadm.yaml", "-o", "cluster.pik", "--overwrite"],
    );
    assert_eq!(run.status, 0, "{run:?}");
    has(&folder.read("cluster.pik"), "kubernetes = 1.36.4");
    let names = folder.shell("ls").out;
    lacks(&names, ".new");
}

#[test]
fn the_report_is_json_where_the_spec_is_not() {
    let folder = folder();
    let run = pikc(
        &folder,
        &["import", "tokens.yaml", "-o", "a.pik", "--format", "json"],
    );
    assert_eq!((run.status, run.err.as_str()), (0, ""), "{run:?}");
    let report: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
    let losses = report["losses"].as_array().expect("a list");
    assert_eq!(report["count"], losses.len());
    let token = losses
        .iter()
        .find(|one| one["field"] == "bootstrapTokens[0].token")
        .expect("a line");
    assert_eq!(
        (&token["file"], &token["line"]),
        (&"tokens.yaml".into(), &9.into())
    );
    assert!(
        token["why"]
            .as_str()
            .is_some_and(|why| why.contains("join"))
    );
    // Without -o the spec has standard output, and the report the other.
    let run = pikc(&folder, &["import", "tokens.yaml", "--format", "json"]);
    has(&run.out, "cluster kubernetes {");
    assert!(
        serde_json::from_str::<serde_json::Value>(&run.err).is_ok(),
        "{run:?}"
    );
}

#[test]
fn bad_files_are_reported_with_their_place_and_nothing_is_written() {
    let deep = "[".repeat(2000);
    let bomb: String = (1..40).fold("a0: &a0 [1, 1]\n".to_owned(), |text, level| {
        format!("{text}a{level}: &a{level} [*a{0}, *a{0}]\n", level - 1)
    });
    let twice = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nnetworking:\n  podSubnet: 10.1.0.0/16\n  podSubnet: 10.2.0.0/16\n";
    let group = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: ClusterConfiguration\n";
    let inner = "apiVersion: v1\nkind: ConfigMap\ndata:\n  ClusterConfiguration: |\n    apiVersion: kubeadm.k8s.io/v1beta4\n    kind: ClusterConfiguration\n    a: [\n";
    let cases: &[(&str, &str, &str)] = &[
        ("open", "kind: [\n", "kubeadm/no-yaml"),
        (
            "tab",
            "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nnetworking:\n\tpodSubnet: 10.0.0.0/8\n",
            "bad.yaml:4",
        ),
        ("deep", &deep, "kubeadm/no-yaml"),
        ("bomb", &bomb, "more than"),
        ("twice", twice, "[bad.yaml:5:3]"),
        ("group", group, "[bad.yaml:1:13]"),
        ("inner", inner, "[bad.yaml:8:1]"),
        (
            "nothing",
            "apiVersion: v1\nkind: Namespace\nmetadata: { name: a }\n",
            "kubeadm/nothing-known",
        ),
        ("empty", "", "kubeadm/nothing-known"),
        ("anchor", "a: *nowhere\n", "kubeadm/no-yaml"),
        ("text", "just words\n", "kubeadm/nothing-known"),
    ];
    for (name, text, wanted) in cases {
        let folder = Folder::new(&[("bad.yaml", text), ("good.yaml", KUBEADM)]);
        let alone = *wanted == "kubeadm/nothing-known";
        let files: &[&str] = if alone {
            &["bad.yaml"]
        } else {
            &["good.yaml", "bad.yaml"]
        };
        let line = [&["import"], files, &["-o", "out.pik"]].concat();
        let run = pikc(&folder, &line);
        assert_eq!((run.status, run.out.as_str()), (1, ""), "{name}: {run:?}");
        has(&run.err, wanted);
        assert!(!folder.path().join("out.pik").exists(), "{name}");
    }
}

#[test]
fn what_cannot_be_read_ends_with_3_and_latin_1_with_1() {
    let folder = folder();
    folder.shell("printf 'kind: \\351\\n' > latin.yaml; mkdir empty; head -c 17000000 /dev/zero | tr '\\0' 'a' > huge.yaml");
    for (file, status, words) in [
        ("nowhere.yaml", 3, "there is no such file"),
        ("empty", 3, "holds no YAML"),
        ("huge.yaml", 3, "MiB"),
        ("latin.yaml", 1, "file/not-utf-8"),
    ] {
        let run = pikc(&folder, &["import", file, "-o", "out.pik"]);
        assert_eq!(run.status, status, "{file}: {run:?}");
        has(&run.err, words);
        assert!(!folder.path().join("out.pik").exists(), "{file}");
    }
    assert_eq!(pikc(&folder, &["import"]).status, 2);
    let run = pikc(&folder, &["import", "kubeadm.yaml", "--overwrite"]);
    assert_eq!(run.status, 2, "{run:?}");
}

#[test]
fn help_shows_an_example() {
    let run = pikc(&folder(), &["import", "--help"]);
    has(&run.out, "kubectl get nodes -o yaml > nodes.yaml");
}
