//! Values of a kubeadm file, read as kubeadm reads them: what it refuses, and what it wrongly accepts.

use std::net::IpAddr;

use ipnet::IpNet;

use super::secret;
use super::spelling::is_labels;
use super::yaml::Yaml;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Diagnostics, Severity};
use crate::source::Spanned;

declare! {
    /// kubeadm validates its own values before it does anything, and stops at a malformed token, a malformed range, or a name that
    /// a node cannot have. What it does not check is worse: it accepts a range with host bits set (`10.244.5.0/16`), and kubelets,
    /// CNI and kube-proxy then disagree about where the range begins.
    ///
    /// | value | form |
    /// |---|---|
    /// | a range | `10.244.0.0/16`; two of different families with a comma and no space between them |
    /// | a token | six and sixteen characters of `a-z0-9` with a dot between them |
    /// | a certificate hash | `sha256:` and 64 hexadecimal digits |
    /// | a certificate key | 64 hexadecimal digits |
    /// | a node's name | `a-z0-9`, `-` and `.`, at most 63 characters |
    /// | `controlPlaneEndpoint` | `k8s.example.org:6443`: a name or an address, without a scheme |
    /// | a name in a certificate | `k8s.example.org`, `*.example.org` or an address, without a port |
    /// | `imageRepository` | `registry.example.org/k8s`, without a scheme and without a tag |
    /// | a file or folder | the whole path, from `/` on |
    /// | a length of time | `24h0m0s`; there is no unit for days |
    /// | an endpoint of etcd | `https://192.168.11.9:2379` |
    ///
    /// An empty value (`""`) is the same as none.
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// networking:
    ///   podSubnet: 10.244.0.0
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// networking:
    ///   podSubnet: 10.244.0.0/16
    /// ```
    pub static NOT_A_VALUE = {
        code: "kubeadm/not-a-value",
        since: "0.1.0",
        severity: Error,
        title: "a value that kubeadm refuses or misreads",
        help: "write the value in the form that kubeadm reads",
        sources: [
            "kubernetes/kubernetes cmd/kubeadm/app/apis/kubeadm/validation/validation.go",
            "kubernetes/kubernetes#95723",
            "kubernetes/kubernetes#99194",
            "projectcalico/node#193",
        ],
    }
}

pub(super) static CODES: &[&Descriptor] = &[&NOT_A_VALUE];

/// Reports a value that kubeadm refuses, with its place.
pub(super) fn refuse(found: &Spanned<String>, why: &str, help: &str, out: &mut Diagnostics) {
    let message = format!("{} {why}", secret::quoted(&found.value));
    let finding = Diagnostic::new(&NOT_A_VALUE, message).label(found.span, "kubeadm refuses this");
    out.push(finding.help(help));
}

/// The ranges of a comma list.
pub(super) fn ranges(node: Option<&Yaml>, out: &mut Diagnostics) -> Vec<Spanned<IpNet>> {
    let Some(found) = node.and_then(Yaml::said) else {
        return Vec::new();
    };
    let mut all: Vec<Spanned<IpNet>> = Vec::new();
    // Inside quotes the text begins one byte later.
    let quote = usize::from(found.span.len() == found.value.len() + 2);
    // In a text with escapes the parts cannot be found.
    let exact = quote == 1 || found.span.len() == found.value.len();
    let mut at = quote;
    for part in found.value.split(',') {
        let span = match exact {
            true => found.span.part(at, at + part.len()),
            false => found.span,
        };
        at += part.len() + 1;
        let part = Spanned::new(part.to_owned(), span);
        match part.value.parse::<IpNet>() {
            Ok(net) => {
                if net.addr() != net.network() {
                    inside(&part, net, out);
                }
                if all.iter().any(|other| same_family(&other.value, &net)) {
                    let help = "write one range, or one of each address family";
                    refuse(
                        &part,
                        "is a second range of the same address family",
                        help,
                        out,
                    );
                    continue;
                }
                all.push(Spanned::new(net.trunc(), part.span));
            }
            Err(_) => {
                let (why, help) = match part.value.trim().parse::<IpAddr>() {
                    _ if part.value.trim() != part.value => (
                        "has a space around a range",
                        "write the ranges without spaces",
                    ),
                    Ok(_) => (
                        "is one address, not a range",
                        "add the length, as in `10.244.0.0/16`",
                    ),
                    Err(_) => ("is not a range", "write a range as `10.244.0.0/16`"),
                };
                refuse(&part, why, help, out);
            }
        }
    }
    all
}

fn same_family(one: &IpNet, other: &IpNet) -> bool {
    one.addr().is_ipv4() == other.addr().is_ipv4()
}

fn inside(found: &Spanned<String>, net: IpNet, out: &mut Diagnostics) {
    let meant = net.trunc();
    let message = format!(
        "`{}` is an address inside {meant}: kubeadm accepts it, but not every program reads it the same way",
        found.value
    );
    let finding = Diagnostic::new(&NOT_A_VALUE, message)
        .severity(Severity::Warning)
        .label(found.span, format!("the range begins at {}", meant.addr()))
        .help(format!("write `{meant}`"))
        .fix(format!("write `{meant}`"), found.span, meant.to_string());
    out.push(finding);
}

/// One address.
pub(super) fn address(node: &Yaml, out: &mut Diagnostics) -> Option<Spanned<IpAddr>> {
    let found = node.said()?;
    match found.value.parse() {
        Ok(address) => Some(Spanned::new(address, found.span)),
        Err(_) => {
            refuse(
                &found,
                "is not an address",
                "write an address as `192.168.11.201`",
                out,
            );
            None
        }
    }
}

/// A whole number; a wrong type has been reported.
pub(super) fn integer(node: Option<&Yaml>) -> Option<Spanned<i64>> {
    let found = node?.text()?;
    let value = found.value.parse().ok()?;
    Some(Spanned::new(value, found.span))
}

/// `true` or `false`; a wrong type has been reported.
pub(super) fn boolean(node: Option<&Yaml>) -> Option<Spanned<bool>> {
    let found = node?.text()?;
    let value = match found.value.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => true,
        "false" | "no" | "off" => false,
        _ => return None,
    };
    Some(Spanned::new(value, found.span))
}

/// Checks a bootstrap token.
pub(super) fn token(node: Option<&Yaml>, out: &mut Diagnostics) {
    let Some(found) = node.and_then(Yaml::said) else {
        return;
    };
    let letters = |part: &str, count: usize| {
        part.len() == count
            && part
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    let good = found
        .value
        .split_once('.')
        .is_some_and(|(id, secret)| letters(id, 6) && letters(secret, 16));
    if !good {
        // Never quote the value: a malformed token may be a real one with a typo.
        let message = "this is not a token: it must be six and sixteen characters of a-z0-9 with a dot between them";
        let finding = Diagnostic::new(&NOT_A_VALUE, message)
            .label(found.span, "kubeadm refuses this")
            .help("generate one: `kubeadm token generate`");
        out.push(finding);
    }
}

/// Checks the key that certificates are uploaded with.
pub(super) fn certificate_key(node: Option<&Yaml>, out: &mut Diagnostics) {
    let Some(found) = node.and_then(Yaml::said) else {
        return;
    };
    if found.value.len() != 64 || !found.value.chars().all(|c| c.is_ascii_hexdigit()) {
        let message = "this is not a certificate key: it must be 64 hexadecimal digits";
        let finding = Diagnostic::new(&NOT_A_VALUE, message)
            .label(found.span, "kubeadm refuses this")
            .help("generate one: `kubeadm certs certificate-key`");
        out.push(finding);
    }
}

/// Checks the hash of a certificate authority's key.
pub(super) fn ca_hash(node: &Yaml, out: &mut Diagnostics) {
    let Some(found) = node.text() else {
        return;
    };
    let digits = found
        .value
        .get(..7)
        .filter(|start| start.eq_ignore_ascii_case("sha256:"))
        .map(|_| &found.value[7..]);
    match digits {
        Some(digits) if digits.len() == 64 && digits.chars().all(|c| c.is_ascii_hexdigit()) => {}
        _ => refuse(
            &found,
            "is not the hash of a certificate authority's key",
            "write `sha256:` and 64 hexadecimal digits, as `kubeadm token create --print-join-command` shows them",
            out,
        ),
    }
}

/// Checks the name of a node.
pub(super) fn node_name(found: &Spanned<String>, out: &mut Diagnostics) {
    let lower = found.value.trim().to_lowercase();
    if !is_labels(&lower) {
        let help = "write it with a to z, 0 to 9 and `-`, as in `node01`";
        refuse(found, "cannot be a node's name", help, out);
    } else if lower.len() > 63 {
        let message = format!(
            "a node's name has at most 63 characters, and this one has {}: kubeadm accepts it, but no label can hold it",
            lower.len()
        );
        let finding = Diagnostic::new(&NOT_A_VALUE, message);
        out.push(
            finding
                .label(found.span, "too long")
                .help("write a shorter name"),
        );
    } else if lower != found.value {
        let message = format!("the node will be called `{lower}`");
        let finding = Diagnostic::new(&NOT_A_VALUE, message)
            .severity(Severity::Warning)
            .label(found.span, "kubeadm writes it in lowercase")
            .help(format!("write `{lower}`"));
        out.push(finding);
    }
}
