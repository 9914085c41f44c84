//! How kubeadm wants values spelt: names, addresses, endpoints, lengths of time.

use std::net::{IpAddr, Ipv6Addr};

/// Why kubeadm refuses a value, and what to write.
pub(super) type Refusal = Option<(String, &'static str)>;

/// A name of DNS as Kubernetes accepts it.
pub(super) fn is_domain(text: &str) -> bool {
    text.len() <= 253 && is_labels(text)
}

/// Labels of DNS with dots between them, of any length.
pub(super) fn is_labels(text: &str) -> bool {
    let label = |part: &str| {
        let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        !part.is_empty()
            && part.chars().all(inner)
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    text.split('.').all(label)
}

/// Four numbers with dots that are not an address: kubeadm accepts them as a name that no server knows.
fn is_broken_address(host: &str) -> bool {
    let numbers = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    host.split('.').count() == 4 && host.split('.').all(numbers) && host.parse::<IpAddr>().is_err()
}

pub(super) fn registry(text: &str) -> Refusal {
    let help = "write HOST/PATH in lowercase, without a scheme, a tag or a `/` at the end, as `registry.example.org/k8s`";
    let refused = |why: &str| Some((why.to_owned(), help));
    if text.contains("://") {
        return refused("has a scheme, and the name of an image has none");
    }
    let parts: Vec<&str> = text.split('/').collect();
    let is_host = |part: &str| {
        let (name, port) = match part.rsplit_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (part, None),
        };
        let label = |label: &str| {
            !label.is_empty()
                && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let bracketed = name
            .strip_prefix('[')
            .and_then(|name| name.strip_suffix(']'))
            .is_some_and(|name| name.parse::<Ipv6Addr>().is_ok());
        (bracketed || name.split('.').all(label))
            && port.is_none_or(|port| port.parse::<u16>().is_ok())
    };
    let is_part = |part: &&str| {
        let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
        let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        part.starts_with(edge) && part.ends_with(edge) && part.chars().all(inner)
    };
    let (host, path) = match parts.as_slice() {
        [first, rest @ ..] if is_host(first) => (true, rest),
        all => (false, all),
    };
    if path.iter().all(is_part) && (host || !path.is_empty()) {
        return None;
    }
    refused("is not the beginning of an image's name")
}

pub(super) fn certificate_name(text: &str, capitals: bool) -> Refusal {
    let lower = match capitals {
        true => text.to_ascii_lowercase(),
        false => text.to_owned(),
    };
    let name = lower.strip_prefix("*.").unwrap_or(&lower);
    if lower.parse::<IpAddr>().is_ok() || (is_domain(name) && !is_broken_address(name)) {
        return None;
    }
    let help =
        "write a name or an address, without a scheme and without a port, as `k8s.example.org`";
    Some((
        "is neither a name nor an address that a certificate can hold".to_owned(),
        help,
    ))
}

/// A text as kubeadm splits it into a host and a port.
fn split(text: &str) -> (&str, Option<&str>) {
    if let Some(rest) = text.strip_prefix('[') {
        return match rest.split_once(']') {
            Some((host, "")) => (host, None),
            Some((host, port)) if port.starts_with(':') => (host, Some(&port[1..])),
            _ => (text, None),
        };
    }
    match text.rsplit_once(':') {
        // More than one colon without brackets: an IPv6 address, or nothing.
        Some((host, port)) if !host.contains(':') => (host, Some(port)),
        _ => (text, None),
    }
}

pub(super) fn endpoint(text: &str, with_port: bool) -> Refusal {
    let help = match with_port {
        true => "write HOST:PORT without a scheme, as `192.168.11.201:6443`",
        false => "write HOST or HOST:PORT without a scheme, as `k8s.example.org:6443`",
    };
    let refused = |why: String| Some((why, help));
    if text.contains("://") {
        return refused("has a scheme, and kubeadm wants none here".to_owned());
    }
    let (host, port) = split(text);
    if let Some(port) = port
        && !port.parse::<u16>().is_ok_and(|port| port > 0)
    {
        return refused("does not end in a port from 1 to 65535".to_owned());
    }
    if with_port && port.is_none() {
        return refused("has no port".to_owned());
    }
    if host.parse::<IpAddr>().is_ok() || (is_domain(host) && !is_broken_address(host)) {
        return None;
    }
    match (is_broken_address(host), host.contains('_')) {
        (true, _) => refused("looks like an address, and is none".to_owned()),
        (_, true) => refused("has a `_`, which no name of a machine can have".to_owned()),
        _ => refused("is not a name or an address in lowercase".to_owned()),
    }
}

pub(super) fn is_token_group(text: &str) -> bool {
    text.strip_prefix("system:bootstrappers:")
        .is_some_and(|name| {
            let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-:".contains(c);
            let end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
            name.len() <= 256 && name.ends_with(end) && name.chars().all(inner)
        })
}

/// Day, time and zone, as RFC 3339 writes them.
pub(super) fn is_time(text: &str) -> bool {
    let digits =
        |part: &str, count: usize| part.len() == count && part.chars().all(|c| c.is_ascii_digit());
    let all = |text: &str, by: char, counts: &[usize]| {
        text.split(by).count() == counts.len()
            && text
                .split(by)
                .zip(counts)
                .all(|(part, count)| digits(part, *count))
    };
    let Some((day, time)) = text.split_once(['T', 't']) else {
        return false;
    };
    let Some(zone) = time.find(['Z', 'z', '+', '-']) else {
        return false;
    };
    let (clock, zone) = time.split_at(zone);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let far = zone.strip_prefix(['+', '-']);
    all(day, '-', &[4, 2, 2])
        && all(clock, ':', &[2, 2, 2])
        && !fraction.is_empty()
        && fraction.chars().all(|c| c.is_ascii_digit())
        && far.map_or(zone.len() == 1, |far| all(far, ':', &[2, 2]))
}

/// The seconds of a length of time as Go reads it: `1h30m`, `0`, `-1.5s`. None for anything else.
pub(super) fn seconds(text: &str) -> Option<f64> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0.0);
    }
    let mut total = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let number: f64 = rest[..end].parse().ok()?;
        rest = &rest[end..];
        let end = rest
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(rest.len());
        let unit = match &rest[..end] {
            "ns" => 1e-9,
            "us" | "µs" | "μs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return None,
        };
        total += number * unit;
        rest = &rest[end..];
    }
    Some(sign * total)
}

pub(super) fn is_etcd_url(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        let host = rest.trim_end_matches('/');
        !host.contains(['/', '@', ' ']) && endpoint(&host.to_ascii_lowercase(), false).is_none()
    })
}

pub(super) fn discovery(text: &str) -> Refusal {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    match scheme {
        Some("https" | "file") => None,
        Some(_) => Some((
            "is neither a file nor an address that begins with `https://`".to_owned(),
            "write `https://`, or the path of a file on the machine",
        )),
        None if !text.starts_with('/') => Some((
            "is looked for in the folder in which kubeadm runs".to_owned(),
            "write the whole path, from `/` on",
        )),
        None => None,
    }
}
