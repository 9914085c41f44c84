//! Where images come from: the front part of an image's name.
//!
//! The rule is that of distribution/reference (`regexp.go`), with which containerd, CRI-O and kubeadm parse image names:
//! a host, which has a dot or a port (else it is a folder of docker.io), and a path in lowercase. Hosts must be in
//! lowercase, too: the runtimes keep their settings in files named after them.

use super::Bad;
use super::host::endpoint;
use super::text::{longest, wrong_sign};

/// An image's whole name can have 255 characters (`RepositoryNameTotalLengthMax`); the rest is for the image itself.
const MOST: usize = 180;

pub(super) fn registry(word: &str) -> Result<String, Bad> {
    let meant = meant(word);
    let Err(bad) = read(word) else {
        return Ok(word.to_owned());
    };
    Err(if meant != word && read(&meant).is_ok() {
        bad.help(format!("write `{meant}`")).instead(meant)
    } else if bad.help.is_some() {
        bad
    } else {
        bad.help("write host[:port][/path]: `registry.example.org/k8s`")
    })
}

/// `https://host[:port][/path]`: where a mirror has the images of a registry.
pub(super) fn registry_url(word: &str) -> Result<String, Bad> {
    let schemes = ["https://", "http://"];
    let found = schemes
        .iter()
        .find_map(|scheme| Some((*scheme, word.strip_prefix(scheme)?)));
    let Some((scheme, rest)) = found else {
        let bad = Bad::whole(
            word,
            "is not the address of a mirror: it begins with neither https:// nor http://",
        );
        let meant = format!("https://{word}");
        return Err(match registry_url(&meant) {
            Ok(_) => bad.help(format!("write `{meant}`")).instead(meant),
            Err(_) => bad.help("write `https://registry.example.org/hub`"),
        });
    };
    if let Some(end) = rest.split('/').next().and_then(|host| host.rfind('@')) {
        let at = scheme.len();
        return Err(Bad::part(
            at,
            at + end + 1,
            "contains a user name or a password, which would be in clear text in the output",
        )
        .help("leave it out, and write `login = secret:NAME`"));
    }
    registry(rest).map_err(|bad| {
        let instead = bad.instead.clone().map(|meant| format!("{scheme}{meant}"));
        let bad = bad.shifted(scheme.len());
        match instead {
            Some(meant) => bad.help(format!("write `{meant}`")).instead(meant),
            None => bad,
        }
    })?;
    Ok(word.to_owned())
}

/// The registry that was meant, for forms that are often written instead.
fn meant(word: &str) -> String {
    let plain = word.trim().trim_end_matches('/');
    let plain = plain.split_once("://").map_or(plain, |(_, rest)| rest);
    plain.to_ascii_lowercase()
}

fn read(word: &str) -> Result<(), Bad> {
    if word.is_empty() {
        return Err(Bad::whole(word, "is empty, but must name a registry"));
    }
    if let Some(at) = word.find("://") {
        return Err(Bad::part(
            0,
            at + 3,
            "begins with a scheme, but a registry has none",
        ));
    }
    let (host, path) = match word.split_once('/') {
        Some((host, path)) => (host, Some(path)),
        None => (word, None),
    };
    if let Some((from, to, sign)) =
        wrong_sign(host, |c| c.is_ascii_graphic() && !c.is_ascii_uppercase())
    {
        let sign = sign.escape_debug();
        return Err(Bad::part(
            from,
            to,
            format!("is not a registry: its host contains `{sign}`"),
        ));
    }
    endpoint(host).map_err(|mut bad| {
        bad.why = bad.why.replace("is not a host name", "is not a registry");
        bad.help = None;
        bad
    })?;
    if !host.contains(['.', ':']) && host != "localhost" {
        return Err(Bad::part(
            0,
            host.len(),
            "is not a registry: without a dot or a port it is read as a folder of docker.io",
        )
        .help(format!(
            "write the port as well: `{host}:443`, `{host}:5000`"
        )));
    }
    let mut at = host.len() + 1;
    for part in path.into_iter().flat_map(|path| path.split('/')) {
        component(part).map_err(|bad| bad.shifted(at))?;
        at += part.len() + 1;
    }
    longest(word, MOST, "a registry")
}

/// `[a-z0-9]+`, separated by `.`, `_`, `__` or dashes.
fn component(part: &str) -> Result<(), Bad> {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let fine = |c: char| letter(c) || matches!(c, '.' | '_' | '-');
    if part.is_empty() {
        return Err(Bad::whole(
            part,
            "is not a registry: a part of its path is empty",
        ));
    }
    if let Some((from, to, sign)) = wrong_sign(part, fine) {
        let sign = sign.escape_debug();
        return Err(Bad::part(
            from,
            to,
            format!("is not a registry: its path contains `{sign}`"),
        ));
    }
    let between = part.split(letter).filter(|signs| !signs.is_empty());
    let sound = |signs: &str| matches!(signs, "." | "_" | "__") || signs.bytes().all(|b| b == b'-');
    if !part.starts_with(letter) || !part.ends_with(letter) || !between.into_iter().all(sound) {
        return Err(Bad::whole(
            part,
            "is not a registry: a part of its path begins or ends with punctuation, or has several separators in a row",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_is_a_host_and_a_path() {
        for fine in [
            "registry.example.org",
            "registry.example.org/k8s",
            "mirror.example:5000/images",
            "localhost/x",
            "10.0.0.1:5000",
            "[fd00::1]:5000/a",
            "a.b/c_d/e__f/g--h/i.j",
        ] {
            assert!(registry(fine).is_ok(), "{fine}: {:?}", registry(fine));
        }
        for wrong in [
            "",
            "a b",
            "-x",
            "../..",
            "x\"y",
            "registry",
            "http://x.y/z",
            "UPPER.org/x",
            "x.y/Z",
            "x.y/",
            "x.y//z",
            "x.y/..",
            "x.y/.z",
            "x.y/a...b",
            "x.y:99999",
            "x.y/z:tag",
            "x.y/z@sha256:0",
            "x.y/é",
            "user@x.y",
            "x.y?z",
            &format!("x.y/{}", "a".repeat(180)),
        ] {
            let bad = registry(wrong).expect_err(wrong);
            assert!(
                bad.from <= bad.to && bad.to <= wrong.len(),
                "{wrong}: {bad:?}"
            );
            assert!(bad.help.is_some(), "{wrong}");
        }
        for (wrong, meant) in [
            ("https://X.y/z/", "x.y/z"),
            ("x.y/Z", "x.y/z"),
            ("x.y/", "x.y"),
        ] {
            assert_eq!(
                registry(wrong).expect_err(wrong).instead.as_deref(),
                Some(meant),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_mirror_has_a_scheme() {
        for fine in ["https://x.y/hub", "http://x.y:5000"] {
            assert_eq!(registry_url(fine).as_deref(), Ok(fine));
        }
        for wrong in [
            "",
            "x",
            "ftp://x.y",
            "https://",
            "https://x.y/Z",
            "https://u:p@x.y/z",
            "https://x.y?z",
            "x y",
        ] {
            let bad = registry_url(wrong).expect_err(wrong);
            assert!(
                bad.from <= bad.to && bad.to <= wrong.len(),
                "{wrong}: {bad:?}"
            );
            assert!(bad.help.is_some(), "{wrong}");
        }
        for (wrong, meant) in [
            ("x.y/z", "https://x.y/z"),
            ("https://x.y/Z", "https://x.y/z"),
            ("https://x.y/z/", "https://x.y/z"),
            ("http://x.y:5000/", "http://x.y:5000"),
        ] {
            let bad = registry_url(wrong).expect_err(wrong);
            assert_eq!(bad.instead.as_deref(), Some(meant), "{wrong}");
        }
    }
}
