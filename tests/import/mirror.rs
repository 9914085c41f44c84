//! What a spec compiles to is imported, and the new spec compiles to the same bytes for kubeadm.

use super::{analyzed, compiled, files, imported};
use crate::support::analysis::analyze;

/// Specs whose documents for kubeadm an import can express; all but those whose network is not in a manifest.
const SPECS: &[&str] = &[
    "examples/home-pi/cluster.pik",
    "tests/specs/wired.pik",
    "tests/specs/every-setting.pik",
    "tests/specs/mirrored.pik",
    "tests/specs/calico.pik",
    "tests/specs/dual-stack.pik",
    "tests/specs/canal.pik",
    "tests/specs/three-control-planes.pik",
    "tests/specs/weave.pik",
];

/// Every block of the control plane, the kubelet and kube-proxy.
const WHOLE: &str = include_str!("whole.pik");

#[test]
fn every_block_comes_back() {
    let first = analyzed(WHOLE);
    assert_eq!(super::errors(&first), Vec::<String>::new());
    let before = files(&compiled(&first), "/kubeadm.yaml");
    let list: Vec<(&str, &str)> = before
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let made = imported(&list).expect("a spec");
    let spec = made.text.expect("a spec");
    let second = analyzed(&spec);
    assert_eq!(super::errors(&second), Vec::<String>::new(), "{spec}");
    let after = files(&compiled(&second), "/kubeadm.yaml");
    for (name, before) in &before {
        let after = after.get(name).map_or("", String::as_str);
        let difference = similar::TextDiff::from_lines(before.as_str(), after)
            .unified_diff()
            .to_string();
        assert!(before == after, "{name}\n{difference}\n{spec}");
    }
    let lost: Vec<&str> = made
        .report
        .losses
        .iter()
        .map(|line| line.place.field.as_str())
        .collect();
    assert_eq!(lost, Vec::<&str>::new());
}

#[test]
fn an_imported_spec_compiles_to_the_same_kubeadm_files() {
    let mut wrong = Vec::new();
    for path in SPECS {
        let text = std::fs::read_to_string(path).expect("a spec");
        let analysis = analyze(path, &text);
        assert_eq!(super::errors(&analysis), Vec::<String>::new(), "{path}");
        let first = compiled(&analysis);
        let mut given = files(&first, "/kubeadm.yaml");
        let wanted = given.clone();
        given.extend(files(&first, "/patches/kubeletconfiguration+merge.yaml"));
        let mut list: Vec<(&str, &str)> = given
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        // As `pikc import OUT/nodes` reads it: the control plane's own file is the one with the cluster in it.
        list.sort_by_key(|(name, text)| (!text.contains("ClusterConfiguration"), *name));
        let made = imported(&list).unwrap_or_else(|why| panic!("{path}: {why:?}"));
        let spec = made.text.expect("a spec");
        let analysis = analyzed(&spec);
        if analysis.checked.is_none() {
            wrong.push(format!("{path}: {:#?}\n{spec}", super::errors(&analysis)));
            continue;
        }
        let second = files(&compiled(&analysis), "/kubeadm.yaml");
        for (name, before) in &wanted {
            let after = second.get(name).map_or("", String::as_str);
            if before != after {
                let difference = similar::TextDiff::from_lines(before.as_str(), after)
                    .unified_diff()
                    .to_string();
                wrong.push(format!(
                    "{path}: {name}\n{difference}\n{:#?}",
                    made.report.losses
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
