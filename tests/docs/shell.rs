//! Blocks of commands whose output is not shown: each command succeeds.
//!
//! ```` ```sh ```` blocks run in a folder with what a reader has by then: `cluster.pik`, its tree `out`, an earlier `old.pik`, an SSH key, and the files of a
//! cluster without a spec, which a `kubectl` there prints, too. Blocks of other kinds hold no commands of pikc, so none escapes; what is typed on machines is in
//! ```` ```text ```` blocks, and `tests/e2e` types it.

use super::{fences, pages};
use crate::support::{Folder, PIKC};

/// Commands that other suites run: they build, or install.
const ELSEWHERE: &[&str] = &["cargo install ", "bash packaging/", "bash tests/run"];

/// A folder, and the start of each script in it.
fn folder() -> (Folder, String) {
    let folder = Folder::new(&[]);
    let root = env!("CARGO_MANIFEST_DIR");
    let script = format!(
        "set -e
        mkdir bin tmp && ln -s '{PIKC}' bin/pikc && cp -r '{root}/examples' .
        cp examples/home-pi/cluster.pik . && cp cluster.pik old.pik
        bin/pikc compile cluster.pik -o out >/dev/null 2>&1
        sed 's|10.100.0.0/16|10.244.0.0/16|' examples/existing/kubeadm.yaml >kubeadm.yaml
        cp examples/existing/kube-flannel.yaml kube-flannel.yml
        printf '#!/bin/sh\ncat config-map.yaml\n' >bin/kubectl && chmod 0755 bin/kubectl
        printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: kubeadm-config\ndata:\n  ClusterConfiguration: |\n' >config-map.yaml
        sed -n '/^kind: ClusterConfiguration/,/^---/p' kubeadm.yaml | sed -e '/^---/d' -e 's/^/    /' >>config-map.yaml
        echo '    apiVersion: kubeadm.k8s.io/v1beta4' >>config-map.yaml
        mkdir -p reader/.ssh && cp '{root}'/tests/cli/secrets/keys/key reader/.ssh/id_ed25519 && chmod 600 reader/.ssh/id_ed25519
        cp '{root}'/tests/cli/secrets/keys/key.pub reader/.ssh/id_ed25519.pub && echo 'correct horse' >wifi-key.txt
        git init --quiet . && git add cluster.pik out
        git -c user.name=a -c user.email=a@example.org commit --quiet -m first"
    );
    let run = folder.shell(&script);
    assert_eq!(run.status, 0, "{run:?}");
    let start = format!(
        "set -euo pipefail; export PATH={0}/bin:$PATH HOME={0}/reader\n",
        folder.path().display()
    );
    (folder, start)
}

#[test]
fn commands_succeed() {
    let mut seen = 0;
    for (name, text) in pages() {
        let blocks: Vec<_> = fences(&text)
            .into_iter()
            .filter(|fence| fence.tag == "sh")
            .collect();
        if blocks.is_empty() {
            continue;
        }
        let (folder, start) = folder();
        // What makes a cluster of its own begins with nothing.
        if blocks.iter().any(|fence| fence.text.contains("pikc init")) {
            folder.shell("rm -rf cluster.pik out");
        }
        let away = folder.path().join("tmp");
        for fence in blocks {
            let commands: Vec<&str> = fence
                .text
                .lines()
                .filter(|line| !ELSEWHERE.iter().any(|start| line.starts_with(start)))
                .collect();
            // Nothing outside the folder is touched.
            let script = commands
                .join("\n")
                .replace("/tmp/", &format!("{}/", away.display()));
            let run = folder.shell(&format!("{start}{script}"));
            assert_eq!(run.status, 0, "{name}:{}: {run:?}", fence.line);
            seen += 1;
        }
    }
    assert!(seen > 3, "the manual has few blocks of commands: {seen}");
}

#[test]
fn no_command_of_pikc_is_in_a_block_that_is_not_run() {
    let mut found = Vec::new();
    for (name, text) in pages() {
        for fence in fences(&text) {
            if ["console", "sh", "yaml"].contains(&fence.tag.as_str()) {
                continue;
            }
            let command = |line: &&str| line.starts_with("pikc ") || line.contains("| pikc ");
            found.extend(
                fence
                    .text
                    .lines()
                    .filter(command)
                    .map(|line| format!("{name}:{}: {line}", fence.line)),
            );
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
