//! Placeholders of templates that no one filled in: `<admin_ip>`, `{{ vip }}`, `${LB}`, `$(LB)`.
//!
//! In: the text of a file, and its documents. Out: one finding for each, and documents in which nothing else is said about them.

use std::borrow::Cow;

use super::secret;
use super::yaml::{Value, Yaml};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Diagnostics};
use crate::source::{FileId, Span};

declare! {
    /// Instructions and templates hold places that a person or a tool fills in: `<admin_ip>`, `{{ vip }}`, `${LB}`, `$(LB)`. kubeadm reads
    /// such a text as it stands, and refuses it as an address or writes it into certificates as a name.
    ///
    /// pikc says nothing else about the value. Check the file that the template produces.
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// controlPlaneEndpoint: "${LB}:6443"
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// controlPlaneEndpoint: "192.168.11.5:6443"
    /// ```
    pub static PLACEHOLDER = {
        code: "kubeadm/placeholder",
        since: "0.1.0",
        severity: Error,
        title: "a placeholder that no one filled in",
        help: "write the value in its place, or check the file that the template produces",
        no_edit: "the value is still to be chosen",
        sources: ["kubernetes/kubernetes cmd/kubeadm/app/apis/kubeadm/validation/validation.go"],
    }
}

pub(super) static CODES: &[&Descriptor] = &[&PLACEHOLDER];

/// The text as YAML can read it: `{{ vip }}` would be a map with a map as its key, and a line with a statement of a template would be
/// anything at all. Both are replaced by as many bytes, so that every place stays where it is.
pub(super) fn masked(text: &str) -> Cow<'_, str> {
    if !(text.contains("{{") || text.contains("{%")) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        match statement(line) {
            Some((from, to)) => {
                out.push_str(&line[..from]);
                out.push('#');
                out.push_str(&" ".repeat(to - from - 1));
                out.push_str(&line[to..]);
            }
            None => {
                let mut rest = line;
                while let Some((from, to)) = expression(rest) {
                    out.push_str(&rest[..from]);
                    out.push_str(&"x".repeat(to - from));
                    rest = &rest[to..];
                }
                out.push_str(rest);
            }
        }
    }
    Cow::Owned(out)
}

/// The statement of a template that is a line of its own, with or without a comment behind it.
fn statement(line: &str) -> Option<(usize, usize)> {
    let from = line.len() - line.trim_start().len();
    let rest = &line[from..];
    let close = match rest.get(..2)? {
        "{%" => "%}",
        "{{" => "}}",
        _ => return None,
    };
    let to = rest.find(close)? + close.len();
    let after = rest[to..].trim();
    (after.is_empty() || after.starts_with('#')).then_some((from, from + to))
}

/// The first expression of a template in a line, from `{{` to behind `}}`.
fn expression(line: &str) -> Option<(usize, usize)> {
    let from = line.find("{{")?;
    let to = line[from..].find("}}")? + from + 2;
    Some((from, to))
}

/// Reports every statement of a template.
pub(super) fn statements(file: FileId, text: &str, out: &mut Diagnostics) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some((from, to)) = statement(line) {
            report(&line[from..to], Span::new(file, at + from, at + to), out);
        }
        at += line.len();
    }
}

/// Reports every placeholder in a document, and takes its value out of the document.
pub(super) fn take(node: &mut Yaml, text: &str, out: &mut Diagnostics) {
    let raw = |span: Span| text.get(span.start as usize..span.end as usize);
    match &mut node.value {
        Value::Scalar { .. } => {
            if let Some(found) = raw(node.span).and_then(within) {
                report(found, node.span, out);
                node.value = Value::Unfilled;
            }
        }
        Value::Map(pairs) => {
            pairs.retain_mut(|(key, value)| {
                if let Some(found) = raw(key.span).and_then(within) {
                    report(found, key.span, out);
                    return false;
                }
                take(value, text, out);
                true
            });
        }
        Value::List(items) => items.iter_mut().for_each(|item| take(item, text, out)),
        Value::Unfilled => {}
    }
}

fn report(found: &str, span: Span, out: &mut Diagnostics) {
    let shown = secret::quoted(found);
    let finding = Diagnostic::new(
        &PLACEHOLDER,
        format!("{shown} is a placeholder that no one filled in"),
    );
    out.push(finding.label(span, "kubeadm reads it as it stands"));
}

/// The first placeholder in a value.
fn within(raw: &str) -> Option<&str> {
    let between = |open: &str, close: &str, fits: fn(&str) -> bool| {
        let from = raw.find(open)?;
        let inner = from + open.len();
        let to = raw[inner..].find(close)? + inner;
        fits(&raw[inner..to]).then(|| &raw[from..to + close.len()])
    };
    between("{{", "}}", |_| true)
        .or_else(|| between("{%", "%}", |_| true))
        .or_else(|| between("${", "}", |_| true))
        .or_else(|| between("$(", ")", |_| true))
        .or_else(|| between("<", ">", is_words))
        .or_else(|| variable(raw))
}

/// Words as an instruction writes them between angle brackets: `<admin_ip>`, `<your load balancer>`.
fn is_words(inner: &str) -> bool {
    inner.starts_with(|c: char| c.is_ascii_alphabetic())
        && inner
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-. /".contains(c))
}

/// `$LB`: a variable of a shell, in capitals.
fn variable(raw: &str) -> Option<&str> {
    let from = raw.find('$')?;
    let name = &raw[from + 1..];
    let length = name
        .find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'))
        .unwrap_or(name.len());
    let begins = name.starts_with(|c: char| c.is_ascii_uppercase());
    (begins && length > 1).then(|| &raw[from..from + 1 + length])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_text_is_as_long() {
        let text =
            "a: {{ vip }}:6443\n{% if é %}\nb: '{{ x }}-{{ y }}'\n  {{- end }}\nc: {d: {}}\n";
        let masked = masked(text);
        assert_eq!(masked.len(), text.len());
        assert!(masked.contains("a: xxxxxxxxx:6443\n#"), "{masked}");
        assert!(masked.contains("b: 'xxxxxxx-xxxxxxx'\n  #"), "{masked}");
        assert!(masked.ends_with("c: {d: {}}\n"), "{masked}");
    }

    #[test]
    fn placeholders_are_distinguished_from_values() {
        for (raw, found) in [
            ("<admin_ip>", "<admin_ip>"),
            ("\"https://${LB}:6443\"", "${LB}"),
            ("$(IP)", "$(IP)"),
            ("{{ vip }}:6443", "{{ vip }}"),
            ("$LB_NAME:6443", "$LB_NAME"),
        ] {
            assert_eq!(within(raw), Some(found), "{raw}");
        }
        for raw in ["memory.available<10%", "a<b", "$x", "cost: $5", "{}", "<2>"] {
            assert_eq!(within(raw), None, "{raw}");
        }
    }
}
