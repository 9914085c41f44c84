//! How the container runtime reaches registries, and the certificate authorities that machines trust.

use super::control_plane::Brought;
use super::types::Model;
use crate::origin::Sourced;
use crate::source::Span;
use crate::value::SecretName;

/// A `registry` block.
#[derive(Clone, Debug)]
pub struct Registry {
    /// Where its block begins.
    pub head: Span,
    /// The registry, as images name it.
    pub name: Sourced<String>,
    /// The addresses of its mirrors.
    pub mirrors: Vec<Sourced<String>>,
    /// The authority that signed the certificates of what is asked.
    pub ca: Option<Brought>,
    /// Whether those certificates are not verified.
    pub insecure: Option<Sourced<bool>>,
    /// The account there.
    pub login: Option<Sourced<SecretName>>,
    /// Whether the block sets any of them, also to a value that is wrong.
    pub says: bool,
}

/// An `authority` block: every machine trusts it.
#[derive(Clone, Debug)]
pub struct Authority {
    /// The name that the user chose.
    pub name: Sourced<String>,
    /// Its certificate.
    pub ca: Brought,
}

impl Registry {
    /// What `ca`, `insecure` and `login` are about: the hosts of the mirrors with their ports, or the registry itself without any.
    pub fn asked(&self) -> Vec<Sourced<String>> {
        if self.mirrors.is_empty() {
            return vec![self.name.clone()];
        }
        let mut hosts: Vec<Sourced<String>> = Vec::new();
        for mirror in &self.mirrors {
            let host = mirror.clone().map(|url| host_and_port(&url).to_owned());
            if !hosts.iter().any(|known| known.value == host.value) {
                hosts.push(host);
            }
        }
        hosts
    }

    /// Whether certificates are not verified.
    pub fn is_insecure(&self) -> Option<&Sourced<bool>> {
        self.insecure.as_ref().filter(|on| on.value)
    }
}

/// `registry.example.org:5000` of `https://registry.example.org:5000/hub`.
fn host_and_port(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default()
}

impl Model {
    /// What the spec says of a host that is asked in place of another registry: its own block, if that has no mirrors.
    pub fn registry_itself(&self, host: &str) -> Option<&Registry> {
        let mut all = self.cluster.registries.iter();
        all.find(|one| one.mirrors.is_empty() && one.name.value == host)
    }

    /// The accounts at registries, in the order of the spec: the host that is asked, and the secret. The first one counts if a host
    /// has several.
    pub fn registry_logins(&self) -> Vec<(Sourced<String>, &Sourced<SecretName>)> {
        let mut found: Vec<(Sourced<String>, &Sourced<SecretName>)> = Vec::new();
        for registry in &self.cluster.registries {
            let Some(login) = &registry.login else {
                continue;
            };
            for host in registry.asked() {
                if !found.iter().any(|(known, _)| known.value == host.value) {
                    found.push((host, login));
                }
            }
        }
        found
    }

    /// The registries that the mirror of images stands for: Kubernetes' own and those of the CNI.
    pub fn image_registries(&self) -> Vec<Sourced<String>> {
        let release = self.facts.release.iter();
        let mut found: Vec<Sourced<String>> =
            release.map(|release| release.registry.clone()).collect();
        for image in self.facts.cni.iter().flat_map(|cni| &cni.images) {
            let Some((registry, _)) = image.value.split_once('/') else {
                continue;
            };
            if !found.iter().any(|known| known.value == registry) {
                found.push(Sourced::new(registry.to_owned(), image.origin.clone()));
            }
        }
        found
    }
}
