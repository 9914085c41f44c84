//! Clusters without a spec: `tests/existing/` holds their files, with the expected reports as comments.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use pikc::Analysis;
use pikc::model::GivenFile;
use proptest::prelude::*;

fn analyze(files: &[(String, String)]) -> Analysis {
    let given: Vec<GivenFile<'_>> = files
        .iter()
        .map(|(name, text)| GivenFile { name, text })
        .collect();
    pikc::analyze_existing(&given, BTreeMap::new(), None)
}

/// The files of each case: kubeadm's first, then what was applied.
pub fn cases() -> BTreeMap<String, Vec<(String, String)>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/existing");
    let mut cases: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .expect("the folder is there")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .filter(|name| name.ends_with(".yaml"))
        .collect();
    names.sort();
    for name in names {
        let text = std::fs::read_to_string(folder.join(&name)).expect("it can be read");
        let case = name.split('.').next().expect("a name").to_owned();
        cases.entry(case).or_default().push((name, text));
    }
    cases
}

/// What the comments expect: file, line, code and a part of the message.
fn expected(files: &[(String, String)]) -> BTreeSet<(String, usize, String, String)> {
    let mut out = BTreeSet::new();
    for (name, text) in files {
        for (line, text) in text.lines().enumerate() {
            for wish in text.split("#!").skip(1) {
                let (code, part) = wish.split_once(": ").expect("`code: part`");
                let (code, part) = (code.trim().to_owned(), part.trim().to_owned());
                out.insert((name.clone(), line + 1, code, part));
            }
        }
    }
    out
}

#[test]
fn every_file_gets_the_reports_that_its_comments_expect() {
    let mut wrong = Vec::new();
    let mut codes = BTreeSet::new();
    for (case, files) in cases() {
        let analysis = analyze(&files);
        let mut left = expected(&files);
        for finding in analysis.diagnostics.iter() {
            let span = finding.span().expect("a place");
            let name = &analysis.sources.file(span.file).name;
            let line = analysis.sources.start(span).line;
            let code = finding.descriptor.code;
            codes.insert(code);
            let wish = left.iter().find(|(file, at, wanted, part)| {
                (file, *at, wanted.as_str()) == (name, line, code)
                    && finding.message.contains(part.as_str())
            });
            match wish.cloned() {
                Some(wish) => {
                    left.remove(&wish);
                }
                None => wrong.push(format!(
                    "{case}: {name}:{line}: not expected: {code}: {}",
                    finding.message
                )),
            }
        }
        wrong.extend(
            left.into_iter()
                .map(|wish| format!("{case}: not reported: {wish:?}")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let lacking: Vec<&str> = pikc::check::all_codes()
        .iter()
        .filter(|known| known.file.contains("existing") && !codes.contains(known.code))
        .map(|known| known.code)
        .collect();
    assert!(
        lacking.is_empty(),
        "no file leads to these codes: {lacking:?}"
    );
}

#[test]
fn the_rules_of_a_spec_that_apply_are_rules() {
    let all: BTreeSet<&str> = pikc::check::all_codes()
        .iter()
        .map(|known| known.code)
        .collect();
    for (code, help) in pikc::check::APPLY {
        assert!(all.contains(code), "{code} is not a code");
        assert!(!help.contains(" = "), "{code}: {help} is for a spec");
    }
}

#[test]
fn a_secret_that_is_almost_right_is_not_printed() {
    for (_, files) in cases() {
        for finding in analyze(&files).diagnostics.iter() {
            let said = [
                &[finding.message.clone(), finding.help_text().to_owned()][..],
                &finding.notes,
            ]
            .concat();
            assert!(
                said.iter().all(|said| !said.contains("0123456789abcdef")),
                "{said:?}"
            );
        }
    }
}

/// What the help of a code says for one file; none if the code is not reported.
fn help(text: &str, code: &str) -> Option<String> {
    let analysis = analyze(&[("a.yaml".to_owned(), text.to_owned())]);
    let mut all = analysis.diagnostics.iter();
    let found = all.find(|finding| finding.descriptor.code == code)?;
    Some(found.help_text().to_owned())
}

#[test]
fn a_help_is_for_such_files_and_offers_nothing_that_a_rule_refuses() {
    let cluster = |rest: &str| {
        format!("apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n{rest}")
    };
    let old = help(
        &cluster("kubernetesVersion: v1.16.3\n"),
        "kubernetes/unknown-release",
    );
    let old = old.expect("reported");
    assert!(old.starts_with("write `kubernetesVersion: v1.36."), "{old}");

    let proxy = cluster(
        "kubernetesVersion: v1.30.14\n---\napiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmode: nftables\n",
    );
    let proxy = help(&proxy, "proxy/mode").expect("reported");
    assert!(!proxy.contains("nftables"), "{proxy}");

    // flannel's range holds the API server's address, so that it cannot become the pod range.
    let flannel = |address: &str| {
        let text = cluster(&format!(
            "kubernetesVersion: v1.36.4\nnetworking: {{ podSubnet: 10.244.0.0/16 }}\ncontrolPlaneEndpoint: {address}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: kube-flannel-cfg }}\ndata:\n  net-conf.json: '{{ \"Network\": \"10.1.0.0/16\", \"Backend\": {{ \"Type\": \"vxlan\" }} }}'\n"
        ));
        help(&text, "cni/network-differs-from-pods").expect("reported")
    };
    let free = flannel("192.168.11.201");
    assert!(free.contains("`podSubnet: 10.1.0.0/16`"), "{free}");
    let taken = flannel("10.1.0.5");
    assert!(!taken.contains("podSubnet: 10.1"), "{taken}");
    assert!(taken.contains("write 10.244.0.0/16"), "{taken}");
}

/// Parts of a kubeadm file, put together at random.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("apiVersion: kubeadm.k8s.io/v1beta4\n".to_owned()),
        Just("kind: ClusterConfiguration\n".to_owned()),
        Just("kind: KubeletConfiguration\n".to_owned()),
        Just(
            "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: kube-flannel-ds}\n".to_owned()
        ),
        Just("data:\n  net-conf.json: '{\"Network\": \"1.2.3.4\"}'\n".to_owned()),
        Just(
            "networking: {podSubnet: '10.0.0.0/8,,é/9', serviceSubnet: 10.96.0.0/31}\n".to_owned()
        ),
        Just("kubernetesVersion: v1.36.4\n".to_owned()),
        Just("clusterDNS: [::1, 10.96.0.10]\n".to_owned()),
        Just("imageGCHighThresholdPercent: -9223372036854775808\n".to_owned()),
        Just("a: &a [*a]\n".to_owned()),
        Just("b: &b {c: *b, <<: *b}\n".to_owned()),
        Just("---\n".to_owned()),
        Just("? [x]\n: y\n".to_owned()),
        Just("apiVersion: v1\nkind: ConfigMap\ndata:\n  a: |\n    apiVersion: kubeadm.k8s.io/v1beta4\n    kind: ClusterConfiguration\n    é: [\n".to_owned()),
        Just("apiVersion: v1\nkind: ConfigMap\ndata: {a: \"apiVersion: kubeadm.k8s.io/v1beta4\\nkind: \\u00e9\\n\"}\n".to_owned()),
        Just("controlPlaneEndpoint: {{ é }}:{{ x }}\n{% if é %}\n".to_owned()),
        Just("skipPhases: [é, addon]\nnodeRegistration: {criSocket: \"unix://é\", taints: [{}]}\n".to_owned()),
        "[ -~éß\t\n]{0,40}",
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    // Each case reads the whole library.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 8, ..ProptestConfig::default() })]

    /// Whatever the text, `check` returns a result, and every place in it lies in the file.
    #[test]
    fn no_text_makes_it_fail(text in pieces()) {
        let analysis = analyze(&[("a.yaml".to_owned(), text.clone())]);
        for finding in analysis.diagnostics.iter() {
            for label in &finding.labels {
                let file = analysis.sources.file(label.span.file);
                prop_assert!(file.text.get(label.span.start as usize..label.span.end as usize).is_some());
            }
        }
    }

    /// A valid file, cut anywhere or with one byte replaced.
    #[test]
    fn no_cut_makes_it_fail(at in 0usize..1600, other in any::<char>()) {
        let files = cases().remove("sound").expect("the sound case");
        let text = &files[0].1;
        let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let cut = text[..at].to_owned();
        let changed = format!("{cut}{other}{}", &text[at..]);
        for text in [cut, changed] {
            analyze(&[("a.yaml".to_owned(), text)]);
        }
    }
}
