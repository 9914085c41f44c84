//! Registries: which mirrors are trusted, and blocks that contradict each other.

use crate::check::support::findings::Findings;
use crate::check::support::offers::left_out;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, Registry};
use crate::origin::Origin;
use crate::value::{self, Type};

declare! {
    /// The runtimes name a registry by its host, with a port if that is not 443: containerd has a folder of that name, CRI-O an entry.
    /// For part of a registry there is no such folder, and containerd would never read it.
    ///
    /// A path belongs to a mirror: below it are the images of the registry.
    ///
    /// ```pik fails
    /// registry ghcr.io/office { mirrors = ["https://registry.example.org/ghcr"] }
    /// ```
    ///
    /// ```pik
    /// registry ghcr.io { mirrors = ["https://registry.example.org/ghcr"] }
    /// ```
    pub static PART = {
        code: "registry/part",
        since: "0.1.0",
        severity: Error,
        title: "a `registry` block about a part of a registry",
        help: "name the registry without a path",
        sources: ["containerd/containerd docs/hosts.md"],
    }

    /// A mirror that is reached over plain HTTP can be impersonated by everyone on the way, who then decides what every machine
    /// runs. CRI-O refuses such a mirror unless it is told to accept it, and the image comes from the registry itself, or not at all.
    /// If that is what you want, `insecure = on` says so.
    ///
    /// ```pik fails
    /// registry docker.io { mirrors = ["http://registry.example.org:5000"] }
    /// ```
    ///
    /// ```pik
    /// registry docker.io { mirrors = ["https://registry.example.org:5000"] }
    /// ```
    pub static PLAIN = {
        code: "registry/plain-http",
        since: "0.1.0",
        severity: Error,
        title: "a mirror that is reached over plain HTTP",
        help: "write `https://`, or `insecure = on` if anyone on the way may replace images",
        sources: ["containers/image docs/containers-registries.conf.5.md"],
    }

    /// With `insecure = on` no certificate is verified, and HTTP is accepted. Anyone on the way can answer in the registry's place, send
    /// another image, and so run programs on every machine; and get the password of `login`. For a registry with a certificate of your
    /// own authority, `ca` names the authority, and everything stays verified.
    ///
    /// ```pik fails
    /// registry registry.example.org { insecure = on }
    /// ```
    ///
    /// ```pik
    /// registry registry.example.org { ca = "ca.pem" }
    /// ```
    pub static UNVERIFIED = {
        code: "registry/not-verified",
        since: "0.1.0",
        severity: Warning,
        title: "a registry whose certificate is not verified",
        help: "leave `insecure` out, and name the authority that signed the certificate: `ca = \"FILE.pem\"`",
        sources: ["containerd/containerd docs/hosts.md"],
    }

    /// `mirror { images = ... }` already says where the images of Kubernetes and of the CNI come from: kubeadm and the manifests name that
    /// registry, and the runtime asks it first for everything else from the registries that it stands for. A `registry` block about one
    /// of them would be a second answer to the same question, in the same file.
    ///
    /// How the mirror itself is reached is said in a block about the mirror: `registry registry.example.org { ca = ..., login = ... }`.
    ///
    /// ```pik fails
    /// mirror { images = registry.example.org }
    /// registry registry.k8s.io { mirrors = ["https://registry.example.org/k8s"] }
    /// ```
    ///
    /// ```pik
    /// mirror { images = registry.example.org }
    /// registry registry.example.org { ca = "ca.pem" }
    /// ```
    pub static TWICE = {
        code: "registry/mirrored-twice",
        since: "0.1.0",
        severity: Error,
        title: "a registry that `mirror { images }` already stands for",
        help: "leave the block out, or `images` of `mirror`",
        sources: ["docs/registries.md"],
    }

    /// The block says nothing that differs from how every registry is reached, so it changes nothing.
    ///
    /// ```pik fails
    /// registry registry.example.org { }
    /// ```
    ///
    /// ```pik
    /// registry registry.example.org { login = secret:registry }
    /// ```
    pub static NO_EFFECT = {
        code: "registry/no-effect",
        since: "0.1.0",
        severity: Warning,
        title: "a `registry` block that says nothing",
        help: "set `mirrors`, `ca` or `login`, or leave the block out",
        sources: ["docs/registries.md"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] =
    &[&PART, &PLAIN, &UNVERIFIED, &TWICE, &NO_EFFECT];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let images = model.image_registries();
    for registry in &model.cluster.registries {
        let name = &registry.name;
        // A name that is not one at all has been reported.
        if value::parse(Type::Registry, &name.value).is_err() {
            continue;
        }
        if let Some((host, _)) = name.value.split_once('/') {
            let message = format!("`registry {}` names a part of a registry", name.value);
            let finding = Diagnostic::new(&PART, message).label(name, "has a path");
            out.push(finding.choice(|it| it.write(&name.origin, host)));
            continue;
        }
        trust(registry, out);
        let says = registry.ca.is_some() || registry.is_insecure().is_some();
        if !registry.says && registry.is_insecure().is_none() {
            let message = format!("`registry {}` changes nothing", name.value);
            out.push(
                Diagnostic::new(&NO_EFFECT, message)
                    .label(registry.head, "says nothing")
                    .choice(|it| it.remove_block("leave it out", registry.head)),
            );
        }
        let stands = model.cluster.mirror.images.as_ref();
        if let Some(mirror) = stands
            && images.iter().any(|known| known.value == name.value)
            && (says || !registry.mirrors.is_empty())
        {
            let message = format!(
                "`registry {}` and `images` of `mirror` both say where these images come from",
                name.value
            );
            let finding = Diagnostic::new(&TWICE, message)
                .label(registry.head, "a second answer")
                .label(mirror, "stands for it already");
            let finding =
                finding.choice(|it| it.remove_block("leave the block out", registry.head));
            out.push(left_out(finding, "images", &mirror.origin));
        }
    }
}

/// HTTP only where the spec says so, and a warning where it does.
fn trust(registry: &Registry, out: &mut Findings<'_>) {
    if let Some(on) = registry.is_insecure() {
        let message = format!(
            "certificates are not verified for {}",
            registry
                .asked()
                .iter()
                .map(|host| host.value.clone())
                .collect::<Vec<_>>()
                .join(", ")
        );
        let mut finding =
            Diagnostic::new(&UNVERIFIED, message).label(on, "anyone on the way can replace images");
        if let Some(login) = &registry.login {
            finding = finding.label(login, "and read this");
        }
        if let Some(ca) = &registry.ca {
            finding = finding
                .label(&ca.path, "has no effect then")
                .help("`insecure` and `ca` contradict each other: leave `insecure` out, and certificates are verified with `ca`, or leave `ca` out");
            finding = left_out(finding, "ca", &ca.path.origin);
        }
        // What is reached over plain HTTP would then be an error.
        let plain = registry
            .mirrors
            .iter()
            .any(|mirror| mirror.value.starts_with("http://"));
        out.push(match plain {
            true => finding,
            false => left_out(finding, "insecure", &on.origin),
        });
        return;
    }
    for mirror in &registry.mirrors {
        let Some(rest) = mirror.value.strip_prefix("http://") else {
            continue;
        };
        let message = format!("the mirror {} is reached over plain HTTP", mirror.value);
        let meant = format!("\"https://{rest}\"");
        let finding = Diagnostic::new(&PLAIN, message).label(mirror, "not encrypted, not verified");
        let written = matches!(mirror.origin, Origin::Written(_));
        out.push(match written {
            true => finding.choice(|it| it.write(&mirror.origin, meant)),
            false => finding,
        });
    }
}
