//! Files that were given as a spec and are in another language: YAML, JSON, HCL, an inventory.
//!
//! In: a text. Out: one finding that names the command which reads such a file, in place of a mistake for every line.

use camino::Utf8Path;

use super::existing;
use crate::declare;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Sources, Span};

declare! {
    /// A spec is written in a language of its own (docs/language.md). This file is written in another one, and pikc does not read it as a spec.
    ///
    /// | file | command |
    /// |---|---|
    /// | for `kubeadm --config`, or the ConfigMaps `kubeadm-config`, `kubelet-config`, `kube-proxy` | `pikc check --kubeadm FILE` |
    /// | a manifest that was applied to a cluster | `pikc check --manifest FILE` |
    /// | of k0sctl or Kubespray, or a list of nodes from `kubectl get nodes -o yaml` | `pikc import FILE` writes a spec from it |
    ///
    /// ```pik whole fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// ```
    ///
    /// ```pik
    /// cni flannel { }
    /// ```
    pub static NOT_A_SPEC = {
        code: "spec/not-a-spec",
        since: "0.1.0",
        severity: Error,
        title: "a file in another language, given as a spec",
        help: "`pikc init` writes a spec to start from",
        no_edit: "the file is in another language; `pikc import` reads some of them",
        sources: ["docs/language.md"],
    }
}

/// Reports a file that is no spec. False if it can be one.
pub(super) fn report(
    path: &Utf8Path,
    text: &str,
    sources: &mut Sources,
    out: &mut Diagnostics,
) -> bool {
    let Some((language, at)) = language(text) else {
        return false;
    };
    let file = sources.add(path.as_str(), text);
    existing::hide_secrets(file, text, sources);
    let line = text[at..].lines().next().unwrap_or_default().trim_end();
    let name = match path.as_str() {
        "<stdin>" => "-",
        path => path,
    };
    let shown = path.as_str().escape_debug();
    let finding = Diagnostic::new(&NOT_A_SPEC, format!("`{shown}` is {language}, not a spec"))
        .label(Span::new(file, at, at + line.len()), language);
    out.push(
        match help(text, language, &name.escape_debug().to_string()) {
            Some(help) => finding.help(help),
            None => finding,
        },
    );
    true
}

const YAML: &str = "YAML";
const JSON: &str = "JSON";
const HCL: &str = "HCL";
const INI: &str = "an inventory";

/// The language of a text that is not a spec, and where its first line begins.
fn language(text: &str) -> Option<(&'static str, usize)> {
    let text_only = text.trim_start_matches('\u{feff}');
    let mut at = text.len() - text_only.len();
    let mut first = None;
    for line in text_only.split_inclusive('\n') {
        let trimmed = line.trim();
        if !trimmed.is_empty() && !trimmed.starts_with('#') && !trimmed.starts_with("//") {
            first = Some((trimmed, at + line.len() - line.trim_start().len()));
            break;
        }
        at += line.len();
    }
    let (line, at) = first?;
    // What a spec has at its top level, and other languages do not.
    if text_only.lines().any(is_head) {
        return None;
    }
    let found = if line.starts_with('[') && line.ends_with(']') && is_section(line) {
        INI
    } else if is_json(&text_only[at - (text.len() - text_only.len())..]) {
        JSON
    } else if text_only.lines().any(is_hcl) {
        HCL
    } else if is_yaml(line, text_only) {
        YAML
    } else {
        return None;
    };
    Some((found, at))
}

/// A map or a list of them.
fn is_json(text: &str) -> bool {
    let inner = text.strip_prefix('[').map_or(text, str::trim_start);
    let inside = inner.strip_prefix('{').map(str::trim_start);
    inside.is_some_and(|inside| inside.starts_with(['"', '}']))
}

/// `cluster home {`, `node node01 {`
fn is_head(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let kind = words.next();
    matches!(kind, Some("cluster" | "node" | "profile" | "let" | "use"))
        && !line.starts_with(char::is_whitespace)
        && (line.contains('{') || line.contains('='))
}

/// `[kube_control_plane]`, `[k8s:children]`
fn is_section(line: &str) -> bool {
    let name = &line[1..line.len() - 1];
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-:".contains(c))
}

/// The head of a block of Terraform: `resource "x" "y" {`.
fn is_hcl(line: &str) -> bool {
    const KINDS: &[&str] = &[
        "data",
        "locals",
        "module",
        "output",
        "provider",
        "resource",
        "terraform",
        "variable",
    ];
    let words = line.split([' ', '"', '{']).next().unwrap_or_default();
    KINDS.contains(&words) && line.trim_end().ends_with('{')
}

fn is_yaml(first: &str, text: &str) -> bool {
    let key = |line: &str| {
        let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c)));
        end.is_some_and(|end| {
            end > 0
                && line[end..].starts_with(':')
                && matches!(line[end + 1..].chars().next(), None | Some(' '))
        })
    };
    if first.starts_with("---") || first.starts_with("%YAML") {
        return true;
    }
    if text
        .lines()
        .any(|line| line.starts_with("apiVersion:") || line.starts_with("kind:"))
    {
        return true;
    }
    let lines = || text.lines().map(str::trim_end);
    let keys = lines().filter(|line| key(line)).count();
    let begins = key(first) || first.starts_with("- ");
    // A spec with `:` in place of `=` has braces.
    begins && keys > 0 && !lines().any(|line| line.ends_with('{') || line == "}")
}

/// The command that reads the file.
fn help(text: &str, language: &str, name: &str) -> Option<String> {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if language == HCL {
        return None;
    }
    let inventory = has(&[
        "kube_control_plane",
        "kube_node",
        "k0sctl.k0sproject.io",
        "kube-master",
    ]);
    if inventory {
        return Some(format!("`pikc import {name}` writes a spec from it"));
    }
    if has(&[
        "kubeadm.k8s.io/",
        "kubelet.config.k8s.io/",
        "kubeproxy.config.k8s.io/",
    ]) {
        return Some(format!(
            "`pikc check --kubeadm {name}` checks it, and `pikc import {name}` writes a spec from it"
        ));
    }
    if has(&["kind: Node\n", "\"kind\": \"Node\""]) {
        return Some(format!("`pikc import {name}` writes a spec from it"));
    }
    (has(&["apiVersion"]) && has(&["kind"]))
        .then(|| format!("`pikc check --manifest {name}` checks what was applied to a cluster"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_distinguished() {
        for (text, found) in [
            ("apiVersion: v1\nkind: List\n", Some(YAML)),
            ("# a\n---\nall:\n", Some(YAML)),
            ("all:\n  hosts:\n", Some(YAML)),
            ("- a\nb: c\n", Some(YAML)),
            ("{\"kind\": \"List\"}", Some(JSON)),
            ("[\n  {\"a\": 1}]", Some(JSON)),
            ("resource \"aws_instance\" \"a\" {\n}\n", Some(HCL)),
            ("terraform {\n}\n", Some(HCL)),
            ("[all]\nnode01 ansible_host=10.0.0.1\n", Some(INI)),
            ("cluster home {\n  kubernetes: 1.36\n}\n", None),
            ("cluster: home\nkubernetes {\n}\n", None),
            ("", None),
            ("nonsense", None),
            ("[[[[[[", None),
            ("{ {", None),
            ("\u{feff}{\"a\": 1}", Some(JSON)),
            ("use = [\"a.pik\"]\n", None),
            ("profile pi { }\nresource x {\n}", None),
        ] {
            assert_eq!(language(text).map(|(name, _)| name), found, "{text}");
        }
    }
}
