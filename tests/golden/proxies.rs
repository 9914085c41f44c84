//! Machines behind a proxy: the files that name it, and the page that lists what is reached without it. Registries of one's own.

use super::excerpt::excerpt;
use crate::support::bless::same;

/// The files that differ from those of a cluster without a proxy.
const SHOWN: &[&str] = &[
    "/etc/pikc/proxy.env",
    "/90-pikc-proxy.conf",
    "/steps/33-proxy.sh",
    "/steps/60-containerd.sh",
    "/etc/containerd/config.toml",
    "/hosts.toml",
    "README.md",
];

#[test]
fn machines_behind_a_proxy_are_as_they_were_read() {
    let login = [("registry", "ops:correct \"horse\"")];
    let out = excerpt("behind-a-proxy", &login, |path| {
        SHOWN.iter().any(|part| path.ends_with(part))
    });
    same("tests/golden/proxies/behind-a-proxy.txt", &out);
}

/// CRI-O has a file for the registries, one for the logins, and a folder of certificates for each host.
#[test]
fn registries_are_as_they_were_read() {
    let login = [("registry", "ops:correct \"horse\"")];
    let out = excerpt("registries", &login, |path| {
        let below = ["/etc/crio/", "/etc/containers/", "/node.list"];
        below.iter().any(|part| path.contains(part))
    });
    same("tests/golden/proxies/registries.txt", &out);
}

/// Every file of a tree without a proxy, searched for the word.
#[test]
fn a_machine_without_a_proxy_has_no_line_of_it() {
    for name in ["wired", "two-racks", "cilium", "three-control-planes"] {
        let out = excerpt(name, &[], |path| !path.starts_with("cluster/cni/"));
        let lines = out.lines().filter(|line| {
            let line = line.to_ascii_lowercase().replace("kube-proxy", "");
            [
                "http_proxy",
                "https_proxy",
                "no_proxy",
                "proxy.env",
                "pikc-proxy",
            ]
            .iter()
            .any(|word| line.contains(word))
        });
        let lines: Vec<&str> = lines.collect();
        assert!(lines.is_empty(), "{name}: {lines:#?}");
        assert!(out.len() > 100_000, "{name} has no files");
    }
}
