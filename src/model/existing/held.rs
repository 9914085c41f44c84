//! Documents that objects of a running cluster hold: `kubectl get configmap kubeadm-config --namespace kube-system --output yaml`.
//!
//! In: objects. Out: the kubeadm documents in the values of their ConfigMaps, with every place mapped to the file around them.

use super::kubeadm::is_ours;
use super::yaml::{self, Unreadable, Value, Yaml};
use crate::source::{FileId, Span};

/// What a file's ConfigMaps hold.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// The documents, with places in the file.
    pub roots: Vec<Yaml>,
    /// Texts that cannot be read.
    pub problems: Vec<Unreadable>,
}

/// The kubeadm documents in the ConfigMaps of a file.
pub(super) fn documents(file: FileId, text: &str, roots: &[Yaml]) -> Held {
    let mut objects = Vec::new();
    for root in roots {
        super::applied::gather(root, &mut objects);
    }
    let mut held = Held::default();
    for object in objects {
        let is = |key: &str, wanted: &str| {
            object
                .get(key)
                .and_then(Yaml::text)
                .is_some_and(|found| found.value == wanted)
        };
        if !(is("kind", "ConfigMap") && is("apiVersion", "v1")) {
            continue;
        }
        for (_, value) in object.get("data").map_or(&[][..], Yaml::pairs) {
            if let Value::Scalar { text: inner, .. } = &value.value
                && inner.lines().any(names_ours)
            {
                unpack(file, text, inner, value.span, &mut held);
            }
        }
    }
    held
}

/// Whether a line of a text says that the text is a document of kubeadm's, the kubelet's or kube-proxy's.
fn names_ours(line: &str) -> bool {
    line.strip_prefix("apiVersion:")
        .is_some_and(|api| is_ours(api.trim().trim_matches(['"', '\''])))
}

fn unpack(file: FileId, text: &str, inner: &str, span: Span, held: &mut Held) {
    let places = places(text, inner, span);
    let outer = |inside: Span| place(file, places.as_deref(), inside, span);
    let read = yaml::documents(file, inner);
    held.problems.extend(read.problem.map(|problem| Unreadable {
        span: outer(problem.span),
        ..problem
    }));
    for mut root in read.roots {
        let own = |key| root.get(key).and_then(Yaml::text);
        let ours = own("apiVersion").is_some_and(|api| is_ours(&api.value));
        // The state of old clusters, which no file for kubeadm contains.
        let state = own("kind").is_some_and(|kind| kind.value == "ClusterStatus");
        if ours && !state {
            moved(&mut root, &outer);
            held.roots.push(root);
        }
    }
}

/// Maps every place in a document.
fn moved(node: &mut Yaml, outer: &dyn Fn(Span) -> Span) {
    node.span = outer(node.span);
    match &mut node.value {
        Value::Map(pairs) => {
            for (key, value) in pairs {
                key.span = outer(key.span);
                moved(value, outer);
            }
        }
        Value::List(items) => items.iter_mut().for_each(|item| moved(item, outer)),
        Value::Scalar { .. } | Value::Unfilled => {}
    }
}

/// A place in the inner text as a place in the file: the whole value if the file writes it in a form that no place can be found in.
fn place(file: FileId, places: Option<&[usize]>, inside: Span, whole: Span) -> Span {
    let (from, to) = (inside.start as usize, inside.end as usize);
    let found = places.and_then(|places| {
        let start = *places.get(from)?;
        let end = match to > from {
            true => places.get(to - 1)? + 1,
            false => start,
        };
        Some(Span::new(file, start, end))
    });
    found.unwrap_or_else(|| whole.part(0, 1))
}

/// Where each byte of a scalar's value is in the text around it, and where the value ends.
fn places(text: &str, inner: &str, span: Span) -> Option<Vec<usize>> {
    let (start, end) = (span.start as usize, span.end as usize);
    let raw = text.get(start..end)?;
    let found = if let Some(quoted) = raw.strip_prefix('"') {
        escaped(quoted, start + 1)?
    } else if raw.starts_with('\'') {
        return None;
    } else if raw.starts_with(['|', '>']) {
        let first = text[start..].find('\n')? + start + 1;
        block(text, inner, first)?
    } else {
        // A block whose place begins with its first line.
        let first = text[..start].rfind('\n').map_or(0, |at| at + 1);
        block(text, inner, first)?
    };
    (found.len() == inner.len() + 1).then_some(found)
}

/// The lines of a block scalar: each has more indentation in the file.
fn block(text: &str, inner: &str, first: usize) -> Option<Vec<usize>> {
    let mut found = Vec::with_capacity(inner.len() + 1);
    let mut at = first;
    for line in inner.split_inclusive('\n') {
        let outer = text.get(at..)?.split_inclusive('\n').next().unwrap_or("");
        let body = line.trim_end_matches('\n');
        let shown = outer.trim_end_matches(['\n', '\r']);
        let indent = shown.len().checked_sub(body.len())?;
        if !shown.ends_with(body) || !shown.is_char_boundary(indent) {
            return None;
        }
        found.extend((0..line.len()).map(|byte| at + indent + byte));
        at += outer.len();
    }
    found.push(at);
    Some(found)
}

/// The characters between double quotes: each byte of what an escape stands for is where the escape begins.
fn escaped(quoted: &str, from: usize) -> Option<Vec<usize>> {
    let mut found = Vec::new();
    let mut rest = quoted.char_indices();
    while let Some((at, c)) = rest.next() {
        let bytes = match c {
            '"' => {
                found.push(from + at);
                return Some(found);
            }
            '\n' | '\r' => return None,
            '\\' => {
                let digits = match rest.next()?.1 {
                    'x' => 2,
                    'u' => 4,
                    'U' => 8,
                    '\n' | '\r' => return None,
                    _ => 0,
                };
                let hex: String = (0..digits)
                    .map_while(|_| rest.next().map(|(_, digit)| digit))
                    .collect();
                let c = u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32);
                c.map_or(1, char::len_utf8)
            }
            c => {
                found.extend((0..c.len_utf8()).map(|byte| from + at + byte));
                continue;
            }
        };
        found.extend(std::iter::repeat_n(from + at, bytes));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text at the place of a value.
    fn at<'t>(text: &'t str, path: &str) -> &'t str {
        let outer = yaml::documents(FileId(0), text);
        assert!(outer.problem.is_none(), "{:?}", outer.problem);
        let held = documents(FileId(0), text, &outer.roots);
        assert!(held.problems.is_empty(), "{:?}", held.problems);
        let [root] = held.roots.as_slice() else {
            panic!("one document: {:?}", held.roots);
        };
        let span = root.at(path).expect("a value").span;
        &text[span.start as usize..span.end as usize]
    }

    #[test]
    fn a_place_in_a_block_is_a_place_in_the_file() {
        let text = "# é\napiVersion: v1\ndata:\n  ClusterConfiguration: |\n    apiVersion: kubeadm.k8s.io/v1beta4\n    # ü\n\n    kind: ClusterConfiguration\n    networking:\n      podSubnet: 10.244.0.0/16\nkind: ConfigMap\n";
        assert_eq!(at(text, "networking.podSubnet"), "10.244.0.0/16");
        let list = format!(
            "apiVersion: v1\nkind: List\nitems:\n- {}",
            text.trim_start_matches("# é\n")
                .trim_end()
                .replace('\n', "\n  ")
        );
        assert_eq!(at(&list, "networking.podSubnet"), "10.244.0.0/16");
        assert_eq!(
            at(&text.replace('\n', "\r\n"), "networking.podSubnet"),
            "10.244.0.0/16"
        );
    }

    #[test]
    fn a_place_between_quotes_is_a_place_in_the_file() {
        let text = r#"{"apiVersion": "v1", "kind": "ConfigMap", "data": {"x": "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n# \u00e9\nclusterName: \"home\"\nnetworking:\n  podSubnet: 10.244.0.0/16\n"}}"#;
        assert_eq!(at(text, "networking.podSubnet"), "10.244.0.0/16");
        assert_eq!(at(text, "kind"), "ClusterConfiguration");
    }

    #[test]
    fn what_cannot_be_mapped_points_at_the_value() {
        let text = "apiVersion: v1\nkind: ConfigMap\ndata:\n  x: 'apiVersion: kubeadm.k8s.io/v1beta4\n\n    kind: ClusterConfiguration'\n";
        assert_eq!(at(text, "kind"), "'");
    }
}
