//! The address of an HTTP proxy, and what is reached without it.
//!
//! Each program that uses a proxy reads `no_proxy` by rules of its own. What pikc accepts is what all of them read alike, or what some
//! ignore without harm (networks: Go and, from 7.86 on, curl):
//!
//! - Go: golang.org/x/net/http/httpproxy, `config.init`
//! - curl: CURLOPT_NOPROXY(3)
//! - apt: apt-pkg/contrib/strutl.cc, `CheckDomainList`

use super::Bad;
use super::address::{address, cidr};
use super::host::{endpoint, host};
use super::text::longest;

/// `http://host:port` or `https://host:port`.
pub(super) fn proxy_url(word: &str) -> Result<String, Bad> {
    const HELP: &str = "write `http://proxy.example.org:3128`";
    let schemes = ["http://", "https://"];
    let found = schemes
        .iter()
        .find_map(|scheme| Some((*scheme, word.strip_prefix(scheme)?)));
    let Some((scheme, rest)) = found else {
        let bad = Bad::whole(
            word,
            "is not the address of an HTTP proxy: it begins with neither http:// nor https://",
        );
        let meant = format!("http://{word}");
        return Err(match proxy_url(&meant) {
            Ok(_) if !word.contains("://") => bad.help(format!("write `{meant}`")).instead(meant),
            _ => bad.help(HELP),
        });
    };
    let at = scheme.len();
    let (name, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    if let Some(end) = name.rfind('@') {
        return Err(Bad::part(
            at,
            at + end + 1,
            "contains a user name or a password, which every account of the machines and everyone who may read the cluster's pods could read",
        )
        .help("let the proxy admit the machines by their addresses, and leave this part out"));
    }
    let read = endpoint(name).map_err(|bad| bad.shifted(at).help(HELP))?;
    if !path.is_empty() {
        let meant = format!("{scheme}{name}");
        let bad = Bad::part(
            at + name.len(),
            word.len(),
            "has a path, but a proxy is a host and a port",
        )
        .help(format!("write `{meant}`"));
        let whole = read.port.is_some();
        return Err(if whole { bad.instead(meant) } else { bad });
    }
    if read.port.is_none() {
        return Err(Bad::whole(
            word,
            "names no port: curl would use 1080, and other programs another one",
        )
        .help(format!("write `{word}:3128`, with the port of the proxy")));
    }
    Ok(format!("{scheme}{read}"))
}

/// A host, `.domain` for everything below a domain, an address, or a network.
pub(super) fn exemption(word: &str) -> Result<String, Bad> {
    const HELP: &str =
        "write `.example.org` for everything below a domain, a host, an address or a network";
    longest(word, 253, "what is reached without the proxy")?;
    read(word).map_err(|bad| {
        let meant = meant(word).filter(|meant| meant != word && read(meant).is_ok());
        match meant {
            Some(meant) => bad.help(format!("write `{meant}`")).instead(meant),
            None if bad.help.is_some() => bad,
            None => bad.help(HELP),
        }
    })
}

/// What was meant, for forms that programs of other kinds accept.
fn meant(word: &str) -> Option<String> {
    let plain = word.trim();
    let plain = plain.split_once("://").map_or(plain, |(_, rest)| rest);
    let plain = match plain.split_once('/') {
        Some((before, _)) if address(before).is_err() => before,
        _ => plain,
    };
    let plain = plain.strip_prefix('*').unwrap_or(plain);
    if plain.starts_with('.') || plain.contains('/') {
        return Some(plain.trim_end_matches('.').to_ascii_lowercase());
    }
    Some(endpoint(plain).ok()?.host)
}

fn read(word: &str) -> Result<String, Bad> {
    if word.is_empty() {
        return Err(Bad::whole(word, "is empty, but must name something"));
    }
    if word == "*" {
        return Err(
            Bad::whole(word, "is everything: nothing would use the proxy")
                .help("leave `http-proxy` out, if there is none"),
        );
    }
    if let Some(end) = word.find("://") {
        return Err(Bad::part(
            0,
            end + 3,
            "begins with a scheme, but is compared with the names of hosts",
        ));
    }
    if let Some(at) = word.find(',') {
        return Err(Bad::part(
            at,
            at + 1,
            "contains a comma: it would be two entries in the list of another program",
        )
        .help("write each in the list for itself: `[.example.org, 10.0.0.0/8]`"));
    }
    if word.starts_with('*') {
        return Err(Bad::part(
            0,
            1,
            "begins with `*`, which curl and apt do not read as a pattern",
        ));
    }
    if let Some((before, after)) = word.split_once('/') {
        if address(before).is_ok() {
            return cidr(word).map(|net| net.to_string());
        }
        return Err(Bad::part(
            word.len() - after.len() - 1,
            word.len(),
            "has a path, but is compared with the names of hosts",
        ));
    }
    if let Ok(address) = address(word) {
        return Ok(address.to_string());
    }
    if let Some(domain) = word.strip_prefix('.') {
        let name = host(domain).map_err(|bad| bad.shifted(1))?;
        return match name.parse::<std::net::IpAddr>() {
            Ok(_) => Err(Bad::part(
                0,
                1,
                "begins with a dot, but an address has nothing below it",
            )),
            Err(_) => Ok(format!(".{name}")),
        };
    }
    let read = endpoint(word)?;
    if read.port.is_some() || word.starts_with('[') {
        return Err(Bad::whole(
            word,
            "is a host with a port or in brackets, which programs do not read alike; without them it counts for every port",
        ));
    }
    Ok(read.host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_a_scheme_a_host_and_a_port() {
        for fine in [
            "http://proxy.example.org:3128",
            "https://10.0.0.1:8080",
            "http://[fd00::1]:3128",
        ] {
            assert_eq!(proxy_url(fine).as_deref(), Ok(fine));
        }
        for wrong in [
            "",
            "proxy",
            "http://",
            "http://proxy",
            "socks5://proxy:1080",
            "http://proxy:3128/x",
            "http://proxy:3128?x",
            "http://u:p@proxy:3128",
            "http://u@proxy:3128/",
            "http://-x:1",
            "http://a b:1",
            "http://x:99999",
            "http://x:1\"",
            "http://fd00::1:3128",
            "http://é:1",
        ] {
            let bad = proxy_url(wrong).expect_err(wrong);
            assert!(
                bad.from <= bad.to && bad.to <= wrong.len(),
                "{wrong}: {bad:?}"
            );
            assert!(bad.help.is_some(), "{wrong}");
        }
        for (wrong, meant) in [
            ("proxy.example.org:3128", "http://proxy.example.org:3128"),
            ("http://proxy:3128/", "http://proxy:3128"),
        ] {
            let bad = proxy_url(wrong).expect_err(wrong);
            assert_eq!(bad.instead.as_deref(), Some(meant), "{wrong}");
        }
    }

    #[test]
    fn an_exemption_is_what_all_programs_read_alike() {
        for (fine, read) in [
            (".example.org", ".example.org"),
            ("Registry.Example.org", "registry.example.org"),
            ("host", "host"),
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("10.0.0.1", "10.0.0.1"),
            ("fd00::/8", "fd00::/8"),
            ("fd00::1", "fd00::1"),
        ] {
            assert_eq!(exemption(fine).as_deref(), Ok(read));
        }
        for wrong in [
            "",
            "*",
            "*.example.org",
            "http://x.org",
            "x.org/path",
            "x.org:443",
            "[fd00::1]",
            "a,b",
            "a b",
            ".10.0.0.1",
            "..x",
            ".",
            "10.0.0.1/8",
            "10.0.0.0/33",
            "$(id)",
            "-x",
            "é",
            &format!("a.{}", "b".repeat(260)),
        ] {
            let bad = exemption(wrong).expect_err(wrong);
            assert!(
                bad.from <= bad.to && bad.to <= wrong.len(),
                "{wrong}: {bad:?}"
            );
            assert!(bad.help.is_some(), "{wrong}: {bad:?}");
        }
        for (wrong, meant) in [
            ("*.example.org", ".example.org"),
            ("*example.org", "example.org"),
            ("https://x.org/v2/", "x.org"),
            ("x.org:443", "x.org"),
            ("[fd00::1]:443", "fd00::1"),
        ] {
            let bad = exemption(wrong).expect_err(wrong);
            assert_eq!(bad.instead.as_deref(), Some(meant), "{wrong}");
        }
    }
}
