//! How what is fetched is verified where no repository's key says so: by what kind of address it is.

use crate::plan::Outside;

/// The words for it; they begin with `not` if nothing is verified.
pub(super) fn otherwise(row: &Outside) -> &'static str {
    let url = row.url.as_str();
    if row.gives.ends_with("compared with its checksum") {
        "the step compares its SHA-256"
    } else if url.starts_with("ntp://") || url.starts_with("dns://") {
        "not verified: the answers are not signed"
    } else if row.gives == "the packages of the operating system" {
        "apt checks the signature with the system's keys"
    } else if url.starts_with("http://") {
        "not verified: plain HTTP"
    } else if url.starts_with("https://") {
        "the certificate of the server"
    } else if url.contains("@sha256:") {
        "its digest is in its name"
    } else {
        "the certificate of the registry; a tag, not a digest"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_address_has_its_words() {
        let said = |url: &str, gives: &str| {
            otherwise(&Outside {
                url: url.to_owned(),
                gives: gives.to_owned(),
                needed_by: String::new(),
            })
        };
        assert!(
            said(
                "https://x.example/a.yaml",
                "a manifest, compared with its checksum"
            )
            .contains("SHA-256")
        );
        assert!(said("ntp://x.example", "the time").starts_with("not"));
        assert!(said("http://x.example", "etcd").starts_with("not"));
        assert!(said("https://x.example", "etcd").contains("server"));
        assert!(said("x.example/i:1", "an image").contains("tag"));
        assert!(said("x.example/i@sha256:0", "an image").contains("digest"));
        assert!(
            said("http://x.example", "the packages of the operating system").starts_with("apt")
        );
    }
}
