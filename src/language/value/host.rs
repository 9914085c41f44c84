//! Where something is: hosts, endpoints, paths, URLs, MAC addresses.

use serde::{Deserialize, Serialize};

use std::fmt;
use std::net::IpAddr;

use camino::Utf8PathBuf;

use super::name::label;
use super::text::{longest, wrong_sign};
use super::{Bad, address::address};

/// A host with an optional port.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Endpoint {
    /// A DNS name in lowercase, or an address.
    pub host: String,
    /// The port, if there is one.
    pub port: Option<u16>,
}

impl Endpoint {
    /// The host as an address, if it is one.
    pub fn address(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.host.contains(':'), self.port) {
            (_, None) => f.write_str(&self.host),
            (true, Some(port)) => write!(f, "[{}]:{port}", self.host),
            (false, Some(port)) => write!(f, "{}:{port}", self.host),
        }
    }
}

/// A MAC address in lowercase with colons.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Mac(pub String);

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub(super) fn host(word: &str) -> Result<String, Bad> {
    if word.contains(':') || word.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return address(word).map(|address| address.to_string());
    }
    let lower = word.to_ascii_lowercase();
    if lower.len() > 253 {
        return Err(Bad::whole(
            word,
            "is too long for a host name: at most 253 characters are allowed",
        ));
    }
    let mut at = 0;
    for part in lower.split('.') {
        if let Err(mut bad) = label(part) {
            bad.why = bad
                .why
                .replace("machine name", "host name")
                .replace("is empty", "has an empty part between two dots");
            bad.help = None;
            return Err(bad.shifted(at));
        }
        at += part.len() + 1;
    }
    Ok(lower)
}

pub(super) fn endpoint(word: &str) -> Result<Endpoint, Bad> {
    if let Some(scheme) = word.find("://") {
        return Err(Bad::part(
            0,
            scheme + 3,
            "begins with a scheme, but must be host[:port]",
        )
        .help(format!("write `{}`", &word[scheme + 3..])));
    }
    let port = |text: &str, at: usize| super::quantity::port(text).map_err(|bad| bad.shifted(at));
    if let Some(rest) = word.strip_prefix('[') {
        let Some((inside, after)) = rest.split_once(']') else {
            return Err(Bad::whole(word, "has no closing bracket"));
        };
        let host = address(inside).map_err(|bad| bad.shifted(1))?.to_string();
        return match after.strip_prefix(':') {
            Some(text) => Ok(Endpoint {
                host,
                port: Some(port(text, word.len() - text.len())?),
            }),
            None if after.is_empty() => Ok(Endpoint { host, port: None }),
            None => Err(Bad::part(
                word.len() - after.len(),
                word.len(),
                "has something other than `:` and a port after the bracket",
            )),
        };
    }
    match word.split_once(':') {
        Some((name, text)) if !text.contains(':') => Ok(Endpoint {
            host: host(name)?,
            port: Some(port(text, name.len() + 1)?),
        }),
        _ => Ok(Endpoint {
            host: host(word)?,
            port: None,
        }),
    }
}

pub(super) fn path(word: &str) -> Result<Utf8PathBuf, Bad> {
    if word.is_empty() {
        return Err(Bad::whole(word, "is empty, but must be a path"));
    }
    // PATH_MAX of Linux.
    longest(word, 4095, "a path")?;
    Ok(Utf8PathBuf::from(word))
}

/// The URL of a repository or a file in it. It goes into apt's sources, where `$(...)` is substituted
/// and a space ends it, and into the runbook, where everyone could read a password.
pub(super) fn url(word: &str) -> Result<String, Bad> {
    let schemes = ["https://", "http://", "file://"];
    let found = schemes
        .iter()
        .find_map(|scheme| Some((*scheme, word.strip_prefix(scheme)?)));
    let Some((scheme, rest)) = found else {
        return Err(Bad::whole(
            word,
            "is not the URL of a repository: it begins with none of https://, http://, file://",
        ));
    };
    if rest.is_empty() {
        return Err(Bad::whole(word, "does not name a host"));
    }
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let at = scheme.len();
    if let Some(end) = host.rfind('@') {
        return Err(Bad::part(
            at,
            at + end + 1,
            "contains a user name or a password, which would be in clear text in the output",
        )
        .help(format!("write `{scheme}{}{path}`", &host[end + 1..])));
    }
    match (scheme, host) {
        ("file://", "") => {}
        ("file://", _) => {
            return Err(Bad::part(
                at,
                at + host.len(),
                "names a host, but a file is on the machine itself",
            )
            .help(format!("write `file:///{host}{path}`")));
        }
        _ => {
            endpoint(host).map_err(|bad| bad.shifted(at))?;
        }
    }
    let fine = |c: char| c.is_ascii_alphanumeric() || "-._~:/?=&%+,@".contains(c);
    if let Some((from, to, _)) = wrong_sign(path, fine) {
        let by = at + host.len();
        return Err(Bad::part(
            by + from,
            by + to,
            "contains a character that is not allowed in a URL",
        )
        .help("write it as `%` and two hexadecimal digits, if the URL really contains it"));
    }
    longest(word, 1000, "a URL")?;
    Ok(word.to_owned())
}

pub(super) fn mac(word: &str) -> Result<Mac, Bad> {
    let plain: String = word
        .chars()
        .map(|c| {
            if c == '-' {
                ':'
            } else {
                c.to_ascii_lowercase()
            }
        })
        .collect();
    let parts: Vec<&str> = plain.split(':').collect();
    let fine = parts.len() == 6
        && parts
            .iter()
            .all(|part| part.len() == 2 && part.bytes().all(|b| b.is_ascii_hexdigit()));
    if fine {
        Ok(Mac(plain))
    } else {
        Err(Bad::whole(word, "is not a MAC address")
            .help("write six pairs of hexadecimal digits: `dc:a6:32:01:02:03`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shell_code_is_not_a_host() {
        for hostile in ["$(reboot)", "a;b", "a b", "../x", "-rf", "a\nb", ""] {
            assert!(host(hostile).is_err(), "{hostile:?}");
        }
    }

    #[test]
    fn endpoints_separate_hosts_and_ports() {
        assert_eq!(
            endpoint("k8s.home.arpa:6443").map(|e| e.to_string()),
            Ok("k8s.home.arpa:6443".to_owned())
        );
        assert_eq!(
            endpoint("10.0.0.1").map(|e| (e.address(), e.port)),
            Ok(("10.0.0.1".parse().ok(), None))
        );
        assert!(endpoint("https://10.0.0.1").is_err());
        assert!(endpoint("10.0.0.1:70000").is_err());
    }

    #[test]
    fn a_url_is_one_word_without_a_password() {
        for fine in [
            "https://mirror.example.org/kubernetes/v1.36/deb/",
            "http://10.0.0.1:8080",
            "file:///srv/mirror",
            "https://[fd00::1]/isv:/cri-o:/x%20y",
            "https://x.y/k?token=a&b=c",
        ] {
            assert!(url(fine).is_ok(), "{fine}: {:?}", url(fine));
        }
        for wrong in [
            "",
            "https://",
            "ftp://x",
            "https://x y/",
            "https://x/$(ARCH)",
            "https://x/a#b",
            "https://u:p@x/",
            "https://-x/",
            "https://x/[a]",
            "file://x/y",
            "https:///x",
            "https://x/é",
        ] {
            let bad = url(wrong).expect_err(wrong);
            assert!(
                bad.from <= bad.to && bad.to <= wrong.len(),
                "{wrong}: {bad:?}"
            );
        }
    }
}
