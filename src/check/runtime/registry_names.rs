//! Registries by name: those that images are never named by, and those that are their own mirror.

use crate::check::support::findings::Findings;
use crate::check::support::offers::text_instead;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, Registry};

declare! {
    /// The runtime looks for a block with the registry's name as images have it: `nginx` is short for `docker.io/library/nginx`, and so is
    /// `index.docker.io/library/nginx`. docker.com and hub.docker.com are Docker's web pages, and no image is named by them, so nothing reads
    /// the block: images keep coming from docker.io itself, with its limit of downloads.
    ///
    /// ```pik fails
    /// registry docker.com { mirrors = ["https://registry.example.org/hub"] }
    /// ```
    ///
    /// ```pik
    /// registry docker.io { mirrors = ["https://registry.example.org/hub"] }
    /// ```
    pub static NEVER_NAMED = {
        code: "registry/never-named",
        since: "0.1.0",
        severity: Warning,
        title: "a `registry` block for a name that images do not have",
        help: "write `registry docker.io { ... }`",
        sources: ["distribution/reference normalize.go", "docs/registries.md"],
    }

    /// The mirrors of a registry are asked before it. One with the registry's own address is the registry: each image that it does not
    /// have, or refuses, is asked for twice, and no download is saved. A mirror is another server, or a folder of the same one with a
    /// path of its own.
    ///
    /// ```pik fails
    /// registry ghcr.io { mirrors = ["https://ghcr.io"] }
    /// ```
    ///
    /// ```pik
    /// registry ghcr.io { mirrors = ["https://registry.example.org/ghcr"] }
    /// ```
    pub static ITSELF = {
        code: "registry/mirrors-itself",
        since: "0.1.0",
        severity: Warning,
        title: "a registry that is its own mirror",
        help: "write the mirror's address: `mirrors = [\"https://registry.example.org/hub\"]`, or leave it out",
        sources: ["containerd/containerd docs/hosts.md", "containers/image docs/containers-registries.conf.5.md"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&NEVER_NAMED, &ITSELF];

/// The registry that short names of images mean.
const HUB: &str = "docker.io";

/// What is taken for that registry's name. Runtimes read the last one as the registry itself.
const NOT_THE_HUB: &[&str] = &[
    "docker.com",
    "www.docker.com",
    "hub.docker.com",
    "index.docker.io",
];

/// Other names of that registry's servers.
const SERVERS_OF_THE_HUB: &[&str] = &["registry-1.docker.io", "index.docker.io"];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    for registry in &model.cluster.registries {
        let name = &registry.name;
        if NOT_THE_HUB.contains(&name.value.as_str()) {
            let message = format!("no image is named by {}: the registry is {HUB}", name.value);
            let finding =
                Diagnostic::new(&NEVER_NAMED, message).label(name, "nothing reads this block");
            let known = model.cluster.registries.iter();
            let known = known.filter(|other| other.name.value == HUB).count();
            out.push(match known {
                0 => text_instead(finding, &name.origin, &name.value, HUB),
                _ => finding.choice(|it| it.remove_block("leave it out", registry.head)),
            });
            continue;
        }
        itself(registry, out);
    }
}

fn itself(registry: &Registry, out: &mut Findings<'_>) {
    let name = registry.name.value.as_str();
    let own = |url: &str| {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let host = rest.trim_end_matches('/');
        let host = host.strip_suffix(":443").unwrap_or(host);
        host == name || (name == HUB && SERVERS_OF_THE_HUB.contains(&host))
    };
    let Some(mirror) = registry.mirrors.iter().find(|mirror| own(&mirror.value)) else {
        return;
    };
    let message = format!("{} is {name} itself, and not a mirror of it", mirror.value);
    let finding = Diagnostic::new(&ITSELF, message)
        .label(mirror, "asked before the registry")
        .label(&registry.name, "the registry");
    let alone = registry.mirrors.len() == 1;
    let more =
        registry.ca.is_some() || registry.login.is_some() || registry.is_insecure().is_some();
    out.push(match (alone, more) {
        (false, _) => finding.choice(|it| it.remove_element("leave it out", &mirror.origin)),
        (true, false) => finding.choice(|it| it.remove_block("leave it out", registry.head)),
        (true, true) => finding,
    });
}
