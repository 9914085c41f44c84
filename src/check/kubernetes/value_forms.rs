//! Whether a text has a form that the library's tables of limits know by name, and what to write if it has not.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use crate::stdlib::{Accepts, End, Form};
use crate::value::{Type, Version, go_duration, kubernetes_quantity, parse};

/// Whether an alternative of the table accepts a text. Without a release, nothing is said about what depends on it.
pub(super) fn fits(accepts: &Accepts, text: &str, release: Option<Version>) -> bool {
    match accepts {
        Accepts::Word(word) => match word.strip_suffix('*') {
            Some(start) => text
                .strip_prefix(start)
                .is_some_and(|rest| !rest.is_empty()),
            None => text == word,
        },
        Accepts::Range { low, above, high } => {
            let order = |end: &End| match end {
                End::Number(end) => text.parse::<f64>().ok()?.partial_cmp(end),
                End::Time(end) => Some(go_duration(text)?.cmp(end)),
            };
            let from = low.as_ref().is_none_or(|end| {
                order(end).is_some_and(|it| it.is_gt() || (it.is_eq() && !above))
            });
            from && high
                .as_ref()
                .is_none_or(|end| order(end).is_some_and(std::cmp::Ordering::is_le))
        }
        Accepts::Form(form) => has_form(*form, text, release),
    }
}

fn has_form(form: Form, text: &str, release: Option<Version>) -> bool {
    let amount = kubernetes_quantity(text);
    match form {
        Form::Address => text.parse::<IpAddr>().is_ok(),
        Form::AddressAndPort => {
            text.parse::<IpAddr>().is_ok()
                || text
                    .parse::<SocketAddr>()
                    .is_ok_and(|both| both.port() != 0)
        }
        Form::Cidr => text.parse::<IpNet>().is_ok(),
        Form::CidrOfEachFamily => of_each_family(text),
        Form::CipherSuite => text.starts_with("TLS_"),
        Form::CleanPath => is_clean(text),
        Form::CpuList => text.split(',').all(is_cpus),
        Form::FilePattern => !text.is_empty() && !text.contains(['=', ',']),
        Form::GoBoolean => {
            const WORDS: &[&str] = &[
                "1", "t", "T", "true", "TRUE", "True", "0", "f", "F", "false", "FALSE", "False",
            ];
            WORDS.contains(&text)
        }
        Form::ImagePattern => is_image_pattern(text),
        Form::LabelKey => parse(Type::LabelKey, text).is_ok(),
        Form::LabelValue => text.is_empty() || parse(Type::LabelValue, text).is_ok(),
        Form::Never => false,
        Form::Percentage => percentage(text).is_some_and(|it| (0.0..=100.0).contains(&it)),
        Form::PortRange => is_port_range(text),
        Form::Quantity => amount.is_some(),
        Form::QuantityAbove0 => amount.is_some_and(|amount| amount > 0),
        Form::QuantityFrom0 => amount.is_some_and(|amount| amount >= 0),
        Form::Reclaim => match percentage(text) {
            Some(percent) => percent > 0.0,
            None => amount.is_some_and(|amount| amount >= 0),
        },
        Form::ReleaseBefore => release.is_none_or(|release| before(release) == text),
        Form::Threshold => match percentage(text) {
            Some(percent) => (0.0..=100.0).contains(&percent),
            None => amount.is_some_and(|amount| amount > 0),
        },
        Form::TraceEndpoint => match text.split_once("://") {
            Some((scheme, _)) => matches!(scheme, "dns" | "unix" | "unix-abstract"),
            None => true,
        },
        Form::UnsafeSysctl => is_namespaced(text),
    }
}

fn percentage(text: &str) -> Option<f64> {
    text.strip_suffix('%')?.parse().ok()
}

fn before(release: Version) -> String {
    format!("{}.{}", release.major, release.minor.saturating_sub(1))
}

fn of_each_family(text: &str) -> bool {
    let ranges: Option<Vec<IpNet>> = text.split(',').map(|one| one.parse().ok()).collect();
    match ranges.as_deref() {
        Some([_]) => true,
        Some([one, other]) => one.addr().is_ipv4() != other.addr().is_ipv4(),
        _ => false,
    }
}

fn is_clean(path: &str) -> bool {
    let part = |part: &str| !part.is_empty() && part != "." && part != "..";
    path == "/"
        || (path.is_ascii()
            && path
                .strip_prefix('/')
                .is_some_and(|rest| rest.split('/').all(part)))
}

/// `3` or `0-3`.
fn is_cpus(part: &str) -> bool {
    let number = |text: &str| {
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<u32>().ok().filter(|_| digits)
    };
    match part.split_once('-') {
        None => number(part).is_some(),
        Some((first, last)) => match (number(first), number(last)) {
            (Some(first), Some(last)) => first <= last,
            _ => false,
        },
    }
}

fn is_image_pattern(text: &str) -> bool {
    let (name, all_below) = match text.strip_suffix("/*") {
        Some(name) => (name, true),
        None => (text, false),
    };
    let plain = !name.is_empty() && name.trim() == name && !name.contains('*');
    // A colon in the last part begins a tag; one in the first part may begin a port.
    let last = name.rsplit('/').next().unwrap_or_default();
    plain && (all_below || !(last.contains(':') || name.contains('@')))
}

/// `300-2000`, `300+50`, `300`, or nothing for all.
fn is_port_range(text: &str) -> bool {
    let port = |text: &str| text.trim().parse::<u16>().ok();
    if let Some((first, last)) = text.split_once('-') {
        return port(first).zip(port(last)).is_some_and(|(a, b)| a <= b);
    }
    if let Some((first, more)) = text.split_once('+') {
        return port(first)
            .zip(port(more))
            .is_some_and(|(a, b)| a.checked_add(b).is_some());
    }
    text.is_empty() || port(text).is_some()
}

/// Kernel settings that belong to a namespace, so that a pod can have a value of its own (pkg/kubelet/sysctl/namespace.go).
fn is_namespaced(text: &str) -> bool {
    const SINGLE: &[&str] = &["kernel.sem", "kernel.shm*", "kernel.msg*"];
    const BELOW: &[&str] = &["kernel.shm", "kernel.msg", "fs.mqueue.", "net."];
    let name = text.replace('/', ".");
    let part = |part: &str| {
        let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
        let edge =
            |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        part.chars().all(inner) && edge(part.chars().next()) && edge(part.chars().last())
    };
    let shape = match name.strip_suffix('*') {
        Some("") => false,
        Some(rest) => rest.split('.').filter(|one| !one.is_empty()).all(part),
        None => name.split('.').all(part),
    };
    let known =
        SINGLE.contains(&name.as_str()) || BELOW.iter().any(|start| name.starts_with(start));
    name.len() <= 253 && shape && known
}

/// What an alternative accepts, in words.
pub(super) fn in_words(accepts: &Accepts, release: Option<Version>) -> String {
    let end = |end: &End| match end {
        End::Number(number) => number.to_string(),
        End::Time(nanoseconds) => time(*nanoseconds),
    };
    match accepts {
        Accepts::Word(word) => format!("`{word}`"),
        Accepts::Range { low, above, high } => match (low, high) {
            (Some(low), Some(high)) if low == high => end(low),
            (Some(low), Some(high)) if *above => {
                format!("more than {}, up to {}", end(low), end(high))
            }
            (Some(low), Some(high)) => format!("{} to {}", end(low), end(high)),
            (Some(low), None) => format!("{} or more", end(low)),
            (None, Some(high)) => format!("{} or less", end(high)),
            (None, None) => "any number".to_owned(),
        },
        Accepts::Form(form) => form_in_words(*form, release),
    }
}

fn time(nanoseconds: i128) -> String {
    const UNITS: &[(&str, i128)] = &[("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000)];
    let fits = |(_, factor): &&(&str, i128)| nanoseconds % factor == 0;
    match UNITS.iter().find(fits) {
        Some((unit, factor)) => format!("{}{unit}", nanoseconds / factor),
        None => format!("{nanoseconds}ns"),
    }
}

fn form_in_words(form: Form, release: Option<Version>) -> String {
    match form {
        Form::Address => "an address such as `0.0.0.0`",
        Form::AddressAndPort => "an address with a port, such as `0.0.0.0:10249`",
        Form::Cidr => "a range such as `192.168.11.0/24`",
        Form::CidrOfEachFamily => "one range, or one of each address family with a comma between them",
        Form::CipherSuite => "Go's names, such as `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`",
        Form::CleanPath => "an absolute path such as `/var/log/pods`, without `/` at its end",
        Form::CpuList => "numbers of cores such as `0-1` or `0,4`",
        Form::FilePattern => "part of a file's name without `=` and `,`",
        Form::GoBoolean => "`true` or `false`",
        Form::ImagePattern => "an image without tag or digest, or a prefix that ends in `/*`",
        Form::LabelKey => "a key such as `example.org/dedicated`",
        Form::LabelValue => "up to 63 letters and digits, with `-`, `_` and `.` between them",
        Form::Never => "no value that is written here",
        Form::Percentage => "a percentage such as `50%`",
        Form::PortRange => "ports such as `300-2000`",
        Form::Quantity => "a quantity such as `200Mi` or `500m`",
        Form::QuantityAbove0 => "a quantity above 0, such as `1Gi`",
        Form::QuantityFrom0 => "a quantity such as `200Mi` or `500m`, 0 or more",
        Form::Reclaim => "a quantity such as `500Mi`, or a percentage above 0",
        Form::ReleaseBefore => {
            let before = release.map(before).unwrap_or_default();
            return format!("the release before its own: `{before}`");
        }
        Form::Threshold => "a quantity above 0 such as `200Mi`, or a percentage such as `10%`",
        Form::TraceEndpoint => "HOST:PORT without `http://`",
        Form::UnsafeSysctl => "settings that each pod can have for itself: below `net.`, `fs.mqueue.`, `kernel.shm` or `kernel.msg`, and `kernel.sem`",
    }
    .to_owned()
}

/// What was certainly meant by a text that no alternative accepts.
pub(super) fn meant(accepts: &[Accepts], text: &str) -> Option<String> {
    accepts.iter().find_map(|one| {
        let found = match one {
            Accepts::Range { low, high, .. } => match low.as_ref().or(high.as_ref())? {
                End::Time(_) => meant_time(text)?,
                End::Number(_) => return None,
            },
            Accepts::Form(
                Form::Quantity
                | Form::QuantityAbove0
                | Form::QuantityFrom0
                | Form::Threshold
                | Form::Reclaim,
            ) => meant_quantity(text)?,
            Accepts::Form(Form::Cidr) => text.parse::<IpAddr>().ok().map(IpNet::from)?.to_string(),
            Accepts::Form(Form::TraceEndpoint) => text.split_once("://")?.1.to_owned(),
            Accepts::Form(Form::CleanPath) => {
                let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty()).collect();
                let path = format!("/{}", parts.join("/"));
                is_clean(&path).then_some(path)?
            }
            _ => return None,
        };
        Some(found)
    })
}

/// `1d` is 24 hours.
pub(super) fn meant_time(text: &str) -> Option<String> {
    if text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty() {
        return Some(format!("{text}s"));
    }
    let (number, hours) = match (text.strip_suffix('d'), text.strip_suffix('w')) {
        (Some(days), _) => (days, 24),
        (_, Some(weeks)) => (weeks, 168),
        _ => return None,
    };
    let number: u32 = number.parse().ok()?;
    Some(format!("{}h", number.checked_mul(hours)?))
}

/// `300MB` is `300M`, `300MiB` is `300Mi`.
pub(super) fn meant_quantity(text: &str) -> Option<String> {
    let shorter = text.strip_suffix(['B', 'b'])?;
    kubernetes_quantity(shorter)?;
    Some(shorter.to_owned())
}
