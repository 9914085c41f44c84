//! Sizes and lengths of time as Kubernetes writes them, and as a spec does.

use crate::value::{Duration, Size};

/// The bytes of a quantity: `20Mi`, `1.5Gi`, `1000`.
pub(super) fn bytes(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let factor: u64 = match unit {
        "" => 1,
        "k" => 1_000,
        "M" => 1_000_000,
        "G" => 1_000_000_000,
        "T" => 1_000_000_000_000,
        "Ki" => 1 << 10,
        "Mi" => 1 << 20,
        "Gi" => 1 << 30,
        "Ti" => 1 << 40,
        _ => return None,
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if part.len() > 6 {
        return None;
    }
    let scale = 10_u64.checked_pow(u32::try_from(part.len()).ok()?)?;
    let digits: u64 = format!("{whole}{part}").parse().ok()?;
    let total = digits.checked_mul(factor)?;
    total.is_multiple_of(scale).then_some(total / scale)
}

/// A quantity as a spec writes it: `20MiB`.
pub(super) fn size(text: &str) -> Option<String> {
    Some(Size(bytes(text)?).to_string())
}

/// The nanoseconds of a length of time as Go writes it: `1m30s`, `250ms`, `1.5h`.
pub(super) fn nanoseconds(text: &str) -> Option<u64> {
    if text == "0" {
        return Some(0);
    }
    let mut rest = text;
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(end);
        let width = after.find(|c: char| c.is_ascii_digit() || c == '.');
        let (unit, after) = after.split_at(width.unwrap_or(after.len()));
        let factor: u64 = match unit {
            "ns" => 1,
            "us" | "µs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        let (whole, part) = number.split_once('.').unwrap_or((number, ""));
        let scale = 10_u64.checked_pow(u32::try_from(part.len()).ok()?)?;
        let digits: u64 = format!("{whole}{part}").parse().ok()?;
        total = total.checked_add(digits.checked_mul(factor)? / scale)?;
        rest = after;
    }
    (!text.is_empty()).then_some(total)
}

/// A length of time as a spec writes it: `1m30s`, `24h`. None if it has a fraction of a second.
pub(super) fn duration(text: &str) -> Option<String> {
    let all = nanoseconds(text)?;
    if !all.is_multiple_of(1_000_000_000) {
        return None;
    }
    let long = Duration(all / 1_000_000_000).to_string();
    let short = long.strip_suffix("m0s").map(|rest| format!("{rest}m"));
    let short = short.unwrap_or(long);
    let hours = short.strip_suffix("h0m").map(|rest| format!("{rest}h"));
    Some(hours.unwrap_or(short))
}

/// Whether two texts of a file mean the same.
pub(super) fn same(one: &str, other: &str) -> bool {
    let alike = |read: fn(&str) -> Option<u64>| {
        let (one, other) = (read(one), read(other));
        one.is_some() && one == other
    };
    one == other || alike(bytes) || alike(nanoseconds)
}

/// Whether a text is the zero of its type.
pub(super) fn is_zero(text: &str) -> bool {
    matches!(text, "" | "0" | "false" | "0.0") || nanoseconds(text) == Some(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_and_times_are_read_as_kubernetes_reads_them() {
        for (text, spec) in [("20Mi", "20MiB"), ("1.5Gi", "1536MiB"), ("1000", "1kB")] {
            assert_eq!(size(text).as_deref(), Some(spec), "{text}");
        }
        for (text, spec) in [
            ("1m0s", "1m"),
            ("24h0m0s", "24h"),
            ("1.5h", "1h30m"),
            ("90s", "1m30s"),
        ] {
            assert_eq!(duration(text).as_deref(), Some(spec), "{text}");
        }
        for text in [
            "",
            "x",
            "10",
            "1.2.3s",
            "99999999999999999999s",
            "1y",
            "..s",
        ] {
            assert_eq!(duration(text), None, "{text}");
        }
        assert_eq!(
            (size("0.3Ki"), size("1Zi"), duration("250ms")),
            (None, None, None)
        );
        assert!(same("1Gi", "1024Mi") && same("60s", "1m0s") && !same("1", "1s"));
        assert!(is_zero("0s") && is_zero("") && !is_zero("1"));
    }
}
