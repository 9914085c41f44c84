//! The user's own CNI manifest: reads its network, with its place.
//!
//! In: the text of a Kubernetes manifest with flannel's ConfigMap, or of a bare `net-conf.json`. Out:
//! the value of `Network`. A library that keeps places reads the YAML; nothing else in the file is
//! checked.

use std::net::IpAddr;

use ipnet::IpNet;
use saphyr_parser::{Event, Parser};

use crate::source::{FileId, Span, Spanned};

/// The key of flannel's configuration in its ConfigMap.
const KEY: &str = "net-conf.json";

/// The network that a manifest sets, or a sentence that says why none was found.
pub(super) fn network(file: FileId, text: &str) -> Result<Spanned<IpNet>, String> {
    if text.trim_start().starts_with('{') {
        return of_json(file, text, 0, text);
    }
    let mut last_scalar = None;
    for event in Parser::new_from_str(text) {
        let (event, place) = event.map_err(|error| format!("it is not YAML: {error}"))?;
        let Event::Scalar(value, ..) = event else {
            last_scalar = None;
            continue;
        };
        if last_scalar.as_deref() == Some(KEY) {
            let start = byte_offset(text, place.start.index());
            return of_json(file, text, start, &value);
        }
        last_scalar = Some(value.into_owned());
    }
    Err(format!("it has no ConfigMap with `{KEY}`"))
}

/// The parser counts characters; places here are bytes.
fn byte_offset(text: &str, chars: usize) -> usize {
    text.char_indices()
        .nth(chars)
        .map_or(text.len(), |(at, _)| at)
}

/// The `Network` of a net-conf.json; `from` is where it begins in the file.
pub(super) fn of_json(
    file: FileId,
    text: &str,
    from: usize,
    json: &str,
) -> Result<Spanned<IpNet>, String> {
    let conf: serde_json::Value =
        serde_json::from_str(json).map_err(|error| format!("its `{KEY}` is not JSON: {error}"))?;
    let found = conf
        .as_object()
        .and_then(|map| {
            // Go reads JSON keys case-insensitively, and so does flannel.
            map.iter()
                .find(|(key, _)| key.eq_ignore_ascii_case("network"))
        })
        .and_then(|(_, value)| value.as_str())
        .ok_or_else(|| format!("its `{KEY}` has no `Network`"))?;
    let net: IpNet = found
        .parse()
        .or_else(|_| found.parse::<IpAddr>().map(IpNet::from))
        .map_err(|_| {
            format!(
                "its `Network` is `{}`, which is not a network",
                found.escape_debug()
            )
        })?;
    let place = text[from..]
        .find(&format!("\"{found}\""))
        .map_or(from..from, |at| from + at + 1..from + at + 1 + found.len());
    Ok(Spanned::new(net, Span::new(file, place.start, place.end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_network_and_its_place() {
        let text = "# é\nkind: ConfigMap\ndata:\n  net-conf.json: |\n    {\n      \"Network\": \"10.243.0.0/16\"\n    }\n";
        let found = network(FileId(0), text).expect("a network");
        assert_eq!(found.value.to_string(), "10.243.0.0/16");
        let (from, to) = (found.span.start as usize, found.span.end as usize);
        assert_eq!(&text[from..to], "10.243.0.0/16");
    }

    #[test]
    fn says_why_there_is_none() {
        for (text, why) in [
            ("kind: Pod\n", "no ConfigMap"),
            ("a: [", "not YAML"),
            ("{\"Backend\": {}}", "no `Network`"),
            ("{\"Network\": \"ten\"}", "not a network"),
        ] {
            let error = network(FileId(0), text).expect_err(text);
            assert!(error.contains(why), "{error}");
        }
    }
}
