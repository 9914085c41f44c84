//! Words with the rules of Kubernetes' components: processor time, thresholds, ports of services, names in certificates, fields.

use super::Bad;
use super::host::host;
use super::quantity::size;
use super::text::{longest, wrong_sign};

/// Processor time as Kubernetes writes it: whole cores (`2`), tenths and so on (`0.5`), thousandths (`500m`).
pub(super) fn cpu(word: &str) -> Result<String, Bad> {
    let help = "write cores (`2`, `0.5`) or thousandths of one (`500m`)";
    let bad = |why: &str| Bad::whole(word, why).help(help);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if word.len() > 12 {
        return Err(bad("is more processor time than any machine has"));
    }
    let fine = match (word.strip_suffix('m'), word.split_once('.')) {
        (Some(thousandths), _) => digits(thousandths),
        (None, Some((whole, part))) => digits(whole) && digits(part) && part.len() <= 3,
        (None, None) => digits(word),
    };
    if !fine {
        return Err(bad("is not an amount of processor time"));
    }
    if !word.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
        return Err(bad("is no processor time at all"));
    }
    Ok(word.to_owned())
}

/// What is left when the kubelet starts to evict pods: a size, or a percentage of the whole (`10%`). Sizes come out as quantities
/// of Kubernetes.
pub(super) fn threshold(word: &str) -> Result<String, Bad> {
    let help = "write a size (`200MiB`) or a percentage (`10%`)";
    let Some(number) = word.strip_suffix('%') else {
        let size = size(word).map_err(|bad| bad.help(help))?;
        return Ok(size.quantity());
    };
    match number.parse::<u8>() {
        Ok(percent) if percent <= 100 && !number.starts_with('+') => Ok(format!("{percent}%")),
        _ => Err(Bad::whole(word, "is not a percentage").help(help)),
    }
}

/// `30000-32767`: the first and the last port, as the API server reads them.
pub(super) fn port_range(word: &str) -> Result<String, Bad> {
    let help = "write the first and the last port: `30000-32767`";
    let bad = |why: &str| Bad::whole(word, why).help(help);
    let Some((first, last)) = word.split_once('-') else {
        return Err(bad("is not a range of ports"));
    };
    let port = |text: &str| {
        let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<u16>().ok().filter(|port| plain && *port > 0)
    };
    let (Some(from), Some(to)) = (port(first), port(last)) else {
        return Err(bad("is not a range of ports: a port is 1 to 65535"));
    };
    if from > to {
        return Err(bad("ends before it begins").help(format!("write `{last}-{first}`")));
    }
    Ok(format!("{from}-{to}"))
}

/// A name in a certificate: a DNS name, one with `*` as its first part, or an address (kubeadm's `ValidateCertSANs`).
pub(super) fn certificate_name(word: &str) -> Result<String, Bad> {
    if let Some(scheme) = word.find("://") {
        let meant = word[scheme + 3..].trim_end_matches('/');
        return Err(Bad::part(
            0,
            scheme + 3,
            "begins with a scheme, and a certificate holds names only",
        )
        .help(format!("write `{meant}`")));
    }
    match word.strip_prefix("*.") {
        Some(rest) if rest.bytes().all(|b| b.is_ascii_digit() || b == b'.') => {
            Err(Bad::whole(word, "is neither a name nor an address")
                .help("`*` may stand for the first part of a name: `*.example.org`"))
        }
        Some(rest) => Ok(format!("*.{}", host(rest).map_err(|bad| bad.shifted(2))?)),
        None => host(word),
    }
}

/// Where a field is in a document: names, with `.` before what is inside (`logging.format`).
pub(super) fn field(word: &str) -> Result<String, Bad> {
    let help = "write it as the document does, with `.` before what is inside: `containerLogMaxSize`, `logging.format`";
    let fine = |c: char| c.is_ascii_alphanumeric() || c == '.';
    if let Some((from, to, sign)) = wrong_sign(word, fine) {
        let sign = sign.escape_debug();
        return Err(Bad::part(from, to, format!("is not a field: it holds `{sign}`")).help(help));
    }
    if word
        .split('.')
        .any(|name| !name.starts_with(|c: char| c.is_ascii_alphabetic()))
    {
        return Err(Bad::whole(word, "is not a field: a name is missing in it").help(help));
    }
    longest(word, 200, "a field")?;
    Ok(word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(read: fn(&str) -> Result<String, Bad>, fine: &[(&str, &str)], wrong: &[&str]) {
        for (word, wanted) in fine {
            assert_eq!(read(word).as_deref(), Ok(*wanted), "{word:?}");
        }
        for word in wrong {
            let bad = read(word).expect_err(word);
            assert!(
                bad.from <= bad.to && bad.to <= word.len(),
                "{word:?}: {bad:?}"
            );
            assert!(bad.help.is_some(), "{word:?}: {bad:?}");
        }
    }

    #[test]
    fn processor_time_is_in_cores_or_thousandths() {
        let fine = [("2", "2"), ("0.5", "0.5"), ("200m", "200m")];
        all(
            cpu,
            &fine,
            &[
                "", "m", "0", "0m", "-1", "1.m", ".5", "2 cores", "1e3", "1.2345",
            ],
        );
    }

    #[test]
    fn a_threshold_is_a_size_or_a_percentage() {
        let fine = [
            ("200MiB", "200Mi"),
            ("10%", "10%"),
            ("1GB", "1G"),
            ("0%", "0%"),
        ];
        all(
            threshold,
            &fine,
            &["%", "101%", "-1%", "+1%", "10 %", "ten", "10"],
        );
    }

    #[test]
    fn ports_of_services_go_from_the_first_to_the_last() {
        let fine = [("30000-32767", "30000-32767"), ("80-80", "80-80")];
        all(
            port_range,
            &fine,
            &["30000", "0-1", "2-1", "1-70000", "a-b", "+1-2", "1..2", "-"],
        );
    }

    #[test]
    fn certificates_hold_names_and_addresses() {
        let fine = [
            ("api.example.org", "api.example.org"),
            ("*.example.org", "*.example.org"),
            ("10.0.0.1", "10.0.0.1"),
            ("fd00::1", "fd00::1"),
        ];
        let wrong = ["https://api.example.org/", "*.10.0.0.1", "*."];
        all(certificate_name, &fine, &wrong);
        for word in ["a b", "$(reboot)", "**.a", "a_b", ""] {
            assert!(certificate_name(word).is_err(), "{word:?}");
        }
    }

    #[test]
    fn a_field_is_names_with_dots() {
        let fine = [("maxPods", "maxPods"), ("logging.format", "logging.format")];
        all(
            field,
            &fine,
            &["", ".a", "a.", "a..b", "a b", "a[]", "a{}", "1a", "ä"],
        );
    }
}
