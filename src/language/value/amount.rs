//! Amounts as Go's programs write them: quantities of Kubernetes (`200Mi`, `500m`) and lengths of time (`1m30s`).

/// Thousandths: with them, no amount that occurs has a fraction.
const MILLI: i128 = 1000;

/// The units of a quantity, in thousandths of one (k8s.io/apimachinery pkg/api/resource/suffix.go).
const SUFFIXES: &[(&str, i128)] = &[
    ("m", 1),
    ("", MILLI),
    ("k", MILLI * 1_000),
    ("M", MILLI * 1_000_000),
    ("G", MILLI * 1_000_000_000),
    ("T", MILLI * 1_000_000_000_000),
    ("P", MILLI * 1_000_000_000_000_000),
    ("E", MILLI * 1_000_000_000_000_000_000),
    ("Ki", MILLI << 10),
    ("Mi", MILLI << 20),
    ("Gi", MILLI << 30),
    ("Ti", MILLI << 40),
    ("Pi", MILLI << 50),
    ("Ei", MILLI << 60),
];

/// A quantity of Kubernetes in thousandths; none for a text that is not one. What is smaller than a thousandth counts as one.
pub fn quantity(text: &str) -> Option<i128> {
    let (sign, rest) = signed(text);
    let end = rest
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(rest.len());
    let (number, suffix) = rest.split_at(end);
    let factor = match SUFFIXES.iter().find(|(name, _)| *name == suffix) {
        Some((_, factor)) => *factor,
        None if matches!(suffix, "n" | "u") => {
            let any = scaled(number, MILLI)? != 0;
            return Some(sign * i128::from(any));
        }
        None => exponent(suffix)?,
    };
    Some(sign * scaled(number, factor)?)
}

/// A length of time of Go in nanoseconds (`time.ParseDuration`); none for a text that is not one.
pub fn go_duration(text: &str) -> Option<i128> {
    const UNITS: &[(&str, i128)] = &[
        ("ns", 1),
        ("us", 1_000),
        ("µs", 1_000),
        ("μs", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ];
    let (sign, mut rest) = signed(text);
    if rest == "0" {
        return Some(0);
    }
    let mut total = 0_i128;
    loop {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(end);
        let unit = after
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(unit);
        let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit)?;
        total = total.checked_add(scaled(number, *factor)?)?;
        if after.is_empty() {
            return (total <= i128::from(i64::MAX)).then_some(sign * total);
        }
        rest = after;
    }
}

fn signed(text: &str) -> (i128, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// `e3`, `E-3`: what a number with such an end is multiplied by.
fn exponent(suffix: &str) -> Option<i128> {
    let power: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
    match u32::try_from(power) {
        Ok(power) if power <= 18 => Some(MILLI * 10_i128.pow(power)),
        Ok(_) => None,
        Err(_) if power >= -3 => Some(MILLI / 10_i128.pow(power.unsigned_abs())),
        Err(_) => None,
    }
}

/// A number with or without decimals times a factor.
fn scaled(number: &str, factor: i128) -> Option<i128> {
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if number.len() > 30 || (whole.is_empty() && part.is_empty()) || !digits(whole) || !digits(part)
    {
        return None;
    }
    let all: i128 = format!("{whole}{part}").parse().ok()?;
    let places = u32::try_from(part.len()).ok()?;
    Some(all.checked_mul(factor)? / 10_i128.checked_pow(places)?)
}

/// A number with commas between its thousands.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_as_kubernetes_reads_them() {
        for (text, thousandths) in [
            ("0", 0),
            ("2", 2_000),
            ("0.5", 500),
            ("500m", 500),
            ("1n", 1),
            ("100Mi", 104_857_600_000),
            ("1.5Gi", 1_610_612_736_000),
            ("500M", 500_000_000_000),
            ("1e3", 1_000_000),
            ("-1Gi", -1_073_741_824_000),
            (".5", 500),
        ] {
            assert_eq!(quantity(text), Some(thousandths), "{text}");
        }
        for text in [
            "", "Mi", "300MB", "1 Gi", "1gi", "ten", "1..2", "--1", "10%", "1e99",
        ] {
            assert_eq!(quantity(text), None, "{text}");
        }
        assert_eq!(quantity("99999999999999999999999999999Ei"), None);
    }

    #[test]
    fn lengths_of_time_are_read_as_go_reads_them() {
        for (text, nanoseconds) in [
            ("0", 0),
            ("0s", 0),
            ("1ns", 1),
            ("1.5h", 5_400_000_000_000),
            ("1m30s", 90_000_000_000),
            ("-1s", -1_000_000_000),
            ("100ms", 100_000_000),
        ] {
            assert_eq!(go_duration(text), Some(nanoseconds), "{text}");
        }
        for text in ["", "30", "1d", "s", "1h 30m", "1m30", "soon", "9999999h"] {
            assert_eq!(go_duration(text), None, "{text}");
        }
    }
}
