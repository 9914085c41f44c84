//! Checks a document against the fields of its kind.

use super::secret;
use super::yaml::{Value, Yaml};
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Diagnostics, suggest};
use crate::source::{Span, Spanned};
use crate::stdlib::{Field, Known, KubeadmDocument, row};
use crate::value::Version;

declare! {
    /// kubeadm does not read its file strictly: it drops a field that it does not know, with one line in its log. The cluster
    /// then comes up without what was asked for. `kubeadm config validate` is strict and refuses the file.
    ///
    /// Often the field belongs to another version: `timeoutForControlPlane` of v1beta3 became `timeouts` in v1beta4. Of the
    /// kubelet's and kube-proxy's fields, pikc reports only what looks like a misspelt known field.
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// networking:
    ///   podSubnets: 10.244.0.0/16
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// networking:
    ///   podSubnet: 10.244.0.0/16
    /// ```
    pub static UNKNOWN_FIELD = {
        code: "kubeadm/unknown-field",
        since: "0.1.0",
        severity: Warning,
        title: "a field that this kind of document does not have",
        help: "look the field up for the document's `apiVersion`, or remove it",
        sources: ["kubernetes/kubernetes cmd/kubeadm/app/apis/kubeadm", "kubernetes/kubeadm#3067"],
    }

    /// A value of the wrong type stops kubeadm before it does anything: "cannot unmarshal". The usual cases:
    ///
    /// - `kubernetesVersion: 1.36` is a number in YAML, but the field is a string: write quotes, or `v1.36.4`.
    /// - `extraArgs` was a map in v1beta3 and is a list of `name` and `value` in v1beta4.
    /// - `"true"` in quotes is a string, but the field needs `true`.
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// networking:
    ///   podSubnet: 10.244.0.0/16
    /// apiServer:
    ///   extraArgs:
    ///     audit-log-maxage: "30"
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// networking:
    ///   podSubnet: 10.244.0.0/16
    /// apiServer:
    ///   extraArgs:
    ///     - name: audit-log-maxage
    ///       value: "30"
    /// ```
    pub static WRONG_TYPE = {
        code: "kubeadm/wrong-type",
        since: "0.1.0",
        severity: Error,
        title: "a value of the wrong type in a kubeadm file",
        help: "write a value of the field's type",
        sources: ["kubernetes/kubeadm#3067", "karmab/kcli#851", "huweihuang/kubeadm-scripts#21"],
    }
}

pub(super) static CODES: &[&Descriptor] = &[&UNKNOWN_FIELD, &WRONG_TYPE];

/// Compares a document with the fields of its kind.
pub(super) struct Look<'a> {
    pub document: &'a KubeadmDocument,
    /// All known documents, to find fields that belong elsewhere.
    pub documents: &'a [KubeadmDocument],
    /// The release that reads it, if it is known.
    pub release: Option<Version>,
    pub out: &'a mut Diagnostics,
}

impl Look<'_> {
    /// Reports every unknown field and every value of the wrong type.
    pub(super) fn whole(&mut self, root: &Yaml) {
        self.node(root, &self.document.fields.clone(), &[]);
    }

    fn node(&mut self, node: &Yaml, field: &Field, path: &[&str]) {
        if node.is_null() || node.is_unfilled() {
            return;
        }
        match (field, &node.value) {
            // A quantity may be a number: `cpu: 2`.
            (Field::Any, _) | (Field::Quantity, Value::Scalar { .. }) => {}
            (Field::Struct(fields), Value::Map(pairs)) => {
                for (key, value) in pairs {
                    let top = path.is_empty();
                    if top && matches!(key.value.as_str(), "apiVersion" | "kind" | "metadata") {
                        continue;
                    }
                    let inner = [path, &[key.value.as_str()]].concat();
                    match fields
                        .get(&key.value)
                        .and_then(|rows| row(rows, self.release))
                    {
                        Some(known) => {
                            self.since(key, known);
                            self.node(value, &known.field, &inner);
                        }
                        None => self.unknown(key, fields.keys().map(String::as_str), path),
                    }
                }
            }
            (Field::Map(inner), Value::Map(pairs)) => {
                for (key, value) in pairs {
                    self.node(value, inner, &[path, &[key.value.as_str()]].concat());
                }
            }
            (Field::List(inner), Value::List(items)) => {
                for item in items {
                    self.node(item, inner, path);
                }
            }
            (Field::Text | Field::Duration | Field::Choice(_), Value::Scalar { text, plain }) => {
                if let Some(what) = plain.then(|| other_type(text)).flatten() {
                    let fits = !matches!(field, Field::Duration);
                    self.unquoted((text, what, fits), node.span, path);
                } else if let Field::Choice(known) = field {
                    self.choice(text, known, node.span, path);
                }
            }
            (Field::Boolean, Value::Scalar { text, plain }) => {
                if !(*plain && boolean(text)) {
                    self.wrong(node, "`true` or `false`", path);
                }
            }
            (Field::Number { whole }, Value::Scalar { text, plain }) => {
                let number = match whole {
                    true => text.parse::<i64>().is_ok(),
                    false => text.parse::<f64>().is_ok(),
                };
                if !(*plain && number) {
                    self.wrong(
                        node,
                        if *whole { "a whole number" } else { "a number" },
                        path,
                    );
                }
            }
            (Field::Struct(_), _) => self.wrong(node, "a map of its fields", path),
            (Field::Map(_), Value::List(_)) => {
                self.wrong(node, "a map of names and values before v1beta4", path);
            }
            (Field::Map(_), _) => self.wrong(node, "a map", path),
            (Field::List(_), Value::Map(_))
                if path.last().is_some_and(|name| name.ends_with("Args")) =>
            {
                self.wrong(node, "a list of `name` and `value` since v1beta4", path);
            }
            (Field::List(_), _) => self.wrong(node, "a list", path),
            (Field::Text | Field::Duration | Field::Quantity | Field::Choice(_), _) => {
                self.wrong(node, "a string", path);
            }
            (Field::Boolean, _) => self.wrong(node, "`true` or `false`", path),
            (Field::Number { .. }, _) => self.wrong(node, "a number", path),
        }
    }

    /// A string without quotes that YAML reads as something else; `fits` is whether the text with
    /// quotes can be right: a number alone is not a length of time.
    fn unquoted(&mut self, (text, what, fits): (&str, &str, bool), span: Span, path: &[&str]) {
        let hidden = path.last().is_some_and(|name| secret::is_key(name)) || secret::reveals(text);
        let value = match hidden {
            true => "this".to_owned(),
            false => format!("`{text}`"),
        };
        let message = format!("{value} is {what} in YAML, but {} is a string", place(path));
        let mut finding = Diagnostic::new(&WRONG_TYPE, message)
            .label(span, format!("{what}, unless it is quoted"));
        finding = match hidden {
            true => finding.help("write it in quotes"),
            false => finding.help(format!("write `\"{text}\"`")),
        };
        if fits && !hidden {
            finding = finding.fix("quote it", span, format!("\"{text}\""));
        }
        self.out.push(finding);
    }

    fn since(&mut self, key: &Spanned<String>, known: &Known) {
        let Some(release) = self.release.filter(|release| !known.is_in(*release)) else {
            return;
        };
        let (message, help) = match (known.gone, known.from) {
            (Some(gone), _) if gone <= release => (
                format!("`{}` no longer exists from Kubernetes {gone} on", key.value),
                "remove the field",
            ),
            (_, Some(from)) => (
                format!("`{}` exists from Kubernetes {from} on", key.value),
                "remove the field, or write a newer `kubernetesVersion`",
            ),
            _ => return,
        };
        let finding = Diagnostic::new(&UNKNOWN_FIELD, message)
            .label(key.span, "dropped by this release")
            .help(help);
        self.out.push(finding);
    }

    fn unknown<'f>(
        &mut self,
        key: &Spanned<String>,
        known: impl Iterator<Item = &'f str> + Clone,
        path: &[&str],
    ) {
        let nearest = suggest::nearest(&key.value, known);
        if !self.document.complete && nearest.is_none() {
            return;
        }
        let within = match path {
            [] => self.document.kind.clone(),
            path => place(path),
        };
        let message = match secret::reveals(&key.value) {
            true => format!("{within} has no field of this name"),
            false => format!("{within} has no field `{}`", key.value.escape_debug()),
        };
        let mut finding =
            Diagnostic::new(&UNKNOWN_FIELD, message).label(key.span, "kubeadm drops this");
        if let Some(elsewhere) = self.elsewhere(&key.value, path) {
            finding = finding.help(elsewhere);
        } else if let Some(nearest) = nearest {
            finding = finding.help(format!("did you mean `{nearest}`?")).fix(
                format!("rename to `{nearest}`"),
                key.span,
                nearest,
            );
        }
        self.out.push(finding);
    }

    /// Where a field of exactly this name belongs: in another version of the document, elsewhere in it, or in another
    /// document of the same version.
    fn elsewhere(&self, name: &str, path: &[&str]) -> Option<String> {
        let own = [path, &[name]].concat().join(".");
        let same_kind = |other: &&KubeadmDocument| other.kind == self.document.kind;
        for other in self.documents.iter().filter(same_kind) {
            if find(&other.fields, name).contains(&own) {
                return Some(format!("it is a field of {}", other.api));
            }
        }
        if let Some(place) = find(&self.document.fields, name).first() {
            return Some(format!("`{name}` belongs at `{place}`"));
        }
        let same_api = |other: &&KubeadmDocument| other.api == self.document.api;
        self.documents.iter().filter(same_api).find_map(|other| {
            let place = find(&other.fields, name).into_iter().next()?;
            Some(format!("`{place}` is a field of {}", other.kind))
        })
    }

    fn choice(&mut self, text: &str, known: &[String], span: Span, path: &[&str]) {
        if text.is_empty() || known.iter().any(|value| value == text) {
            return;
        }
        let all = known.join("`, `");
        let message = format!("{} is not a value of {}", secret::quoted(text), place(path));
        let mut finding = Diagnostic::new(&WRONG_TYPE, message)
            .label(span, "not one of its values")
            .help(format!("write one of `{all}`"));
        if let Some(nearest) = suggest::nearest(text, known.iter().map(String::as_str)) {
            finding = finding.help(format!("did you mean `{nearest}`?"));
        }
        self.out.push(finding);
    }

    fn wrong(&mut self, node: &Yaml, wanted: &str, path: &[&str]) {
        let what = match &node.value {
            Value::Scalar { plain: false, .. } => "a quoted string",
            Value::Scalar { .. } => "a single value",
            Value::Map(_) => "a map",
            Value::List(_) => "a list",
            Value::Unfilled => return,
        };
        let message = format!("{} is {wanted}, but this is {what}", place(path));
        // Of a map or a list, the report shows the first line.
        let finding = Diagnostic::new(&WRONG_TYPE, message).label(first(node), what);
        self.out.push(finding.help(format!("write {wanted}")));
    }
}

/// A short piece of a value to point at: not a whole block of lines.
pub(super) fn first(node: &Yaml) -> Span {
    match &node.value {
        Value::Scalar { .. } | Value::Unfilled => node.span,
        Value::Map(pairs) => pairs.first().map_or(node.span, |(key, _)| key.span),
        Value::List(items) => items.first().map_or(node.span, first),
    }
}

fn place(path: &[&str]) -> String {
    format!("`{}`", path.join(".").escape_debug())
}

fn boolean(text: &str) -> bool {
    // What YAML 1.1 reads as one, like the parser that kubeadm is built with.
    const WORDS: &[&str] = &["true", "false", "yes", "no", "on", "off"];
    WORDS.contains(&text.to_ascii_lowercase().as_str())
        && (text.chars().all(char::is_lowercase)
            || text.chars().all(char::is_uppercase)
            || text[1..].chars().all(char::is_lowercase))
}

/// What a scalar without quotes is, if it is not a string.
fn other_type(text: &str) -> Option<&'static str> {
    if boolean(text) {
        return Some("yes or no");
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let number = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits.contains(|c: char| c.is_ascii_digit())
        && (digits.replace('_', "").parse::<f64>().is_ok()
            || digits
                .strip_prefix("0x")
                .is_some_and(|hex| !hex.is_empty() && hex.chars().all(|c| c.is_ascii_hexdigit())));
    number.then_some("a number")
}

/// The paths of all fields with a name.
fn find(field: &Field, name: &str) -> Vec<String> {
    let mut out = Vec::new();
    gather(field, name, "", &mut out);
    out
}

fn gather(field: &Field, name: &str, path: &str, out: &mut Vec<String>) {
    match field {
        Field::Struct(fields) => {
            for (key, rows) in fields {
                let path = match path {
                    "" => key.clone(),
                    path => format!("{path}.{key}"),
                };
                if key == name {
                    out.push(path.clone());
                }
                if let Some(known) = rows.last() {
                    gather(&known.field, name, &path, out);
                }
            }
        }
        Field::List(inner) | Field::Map(inner) => gather(inner, name, path, out),
        _ => {}
    }
}
