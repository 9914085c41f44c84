//! Addresses of documents: `file:` paths, unsaved documents, and the schemes that this server answers for.

use camino::{Utf8Path, Utf8PathBuf};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The scheme of files of the embedded library.
pub(super) const LIBRARY: &str = "pikc-lib";

/// The scheme of explanations of codes.
pub(super) const EXPLANATION: &str = "pikc-explain";

/// The scheme of files of an output tree.
pub(super) const OUTPUT: &str = "pikc-out";

/// What stays as it is in a path.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A text, safe in a path of an address.
pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

/// The text behind the escapes; none if it is not UTF-8.
pub(super) fn decoded(text: &str) -> Option<String> {
    let text = percent_decode_str(text).decode_utf8().ok()?;
    Some(text.into_owned())
}

/// The address of the explanation of a code.
pub(super) fn explanation(code: &str) -> String {
    format!("{EXPLANATION}:/{}.md", encoded(code))
}

/// The address of a file.
pub(super) fn file(path: &Utf8Path) -> String {
    format!("file://{}", encoded(path.as_str()))
}

/// The path of a `file:` address, without `.` and `..`.
pub(super) fn path(uri: &str) -> Option<Utf8PathBuf> {
    let rest = strip_scheme(uri, "file")?;
    let rest = match rest.strip_prefix("//") {
        Some(rest) => &rest[rest.find('/')?..],
        None => rest,
    };
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    let path = decoded(&rest[..end])?;
    (path.starts_with('/') && !path.contains('\0')).then(|| normal(Utf8Path::new(&path)))
}

/// What follows a scheme, whose case does not matter.
pub(super) fn strip_scheme<'a>(uri: &'a str, scheme: &str) -> Option<&'a str> {
    let (found, rest) = uri.split_once(':')?;
    found.eq_ignore_ascii_case(scheme).then_some(rest)
}

fn normal(path: &Utf8Path) -> Utf8PathBuf {
    let mut out = Utf8PathBuf::from("/");
    for part in path.as_str().split('/') {
        match part {
            "" | "." => {}
            ".." => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_come_back() {
        for text in ["/a b/ö#?%.pik", "/x", "/a:b/[1].pik"] {
            assert_eq!(
                path(&file(Utf8Path::new(text))).as_deref(),
                Some(Utf8Path::new(text))
            );
        }
        assert_eq!(file(Utf8Path::new("/a b")), "file:///a%20b");
    }

    #[test]
    fn every_editors_way_to_write_a_path_is_read() {
        let of = |uri: &str| path(uri).map(Utf8PathBuf::into_string);
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(of("file:///a/b.pik"), some("/a/b.pik"));
        assert_eq!(of("file://localhost/a"), some("/a"));
        assert_eq!(of("FILE:/a/./c/../b"), some("/a/b"));
        assert_eq!(of("file:///a%2fb"), some("/a/b"));
        for none in [
            "untitled:x",
            "file:",
            "file://",
            "file:///a%ff",
            "file:///%00",
            "x",
            "",
        ] {
            assert_eq!(of(none), None, "{none}");
        }
    }
}
