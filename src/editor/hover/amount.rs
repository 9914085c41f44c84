//! What amounts mean: sizes in bytes, lengths of time in days, hours and minutes, processors in cores.

use crate::stdlib::Field;
use crate::value::{self, Duration, Size, Type, Val, grouped};

/// What a word means as a value of a type that is an amount; nothing for other types and for what is not an amount.
pub(super) fn meaning(ty: Type, word: &str) -> Option<String> {
    let said = match (ty, value::parse(ty, word).ok()?) {
        (_, Val::Size(size)) => of_size(size, word),
        (_, Val::Duration(time)) => of_time(time),
        (Type::Cpu, _) => of_cores(word)?,
        (Type::Threshold, _) => of_threshold(word)?,
        _ => return None,
    };
    Some(format!("`{word}`: {said}"))
}

/// The same for a field of Kubernetes, which has amounts as Go's programs write them.
pub(super) fn of_field(field: &Field, word: &str) -> Option<String> {
    let whole = |all: i128, unit: i128| match all % unit {
        0 => u64::try_from(all / unit).ok(),
        _ => None,
    };
    let said = match field {
        Field::Duration => of_time(Duration(whole(value::go_duration(word)?, 1_000_000_000)?)),
        Field::Quantity => grouped(whole(value::kubernetes_quantity(word)?, 1000)?),
        _ => return None,
    };
    Some(format!("`{word}`: {said}"))
}

/// "34,359,738,368 bytes (34.36 GB)": programs and shops count in the other units.
fn of_size(size: Size, word: &str) -> String {
    let units: &[(&str, u64)] = match word.contains('i') {
        true => &[
            ("TB", 1_000_000_000_000),
            ("GB", 1_000_000_000),
            ("MB", 1_000_000),
        ],
        false => &[("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20)],
    };
    let bytes = counted(size.0, "byte");
    match units.iter().find(|(_, factor)| size.0 >= *factor) {
        Some((unit, factor)) => {
            // Whole hundredths, rounded, without a float.
            let factor = u128::from(*factor);
            let hundredths = (u128::from(size.0) * 100 + factor / 2) / factor;
            let (whole, part) = (hundredths / 100, hundredths % 100);
            let part = format!("{part:02}");
            let part = part.trim_end_matches('0');
            let dot = if part.is_empty() { "" } else { "." };
            format!("{bytes} ({whole}{dot}{part} {unit})")
        }
        None => bytes,
    }
}

/// "365 days (31,536,000 seconds)"
fn of_time(time: Duration) -> String {
    let seconds = counted(time.0, "second");
    let parts = [
        (time.0 / 86_400, "day"),
        (time.0 / 3600 % 24, "hour"),
        (time.0 / 60 % 60, "minute"),
        (time.0 % 60, "second"),
    ];
    let there = parts.into_iter().filter(|(number, _)| *number > 0);
    let words: Vec<String> = there.map(|(number, what)| counted(number, what)).collect();
    match time.0 {
        0..60 => seconds,
        _ => format!("{} ({seconds})", words.join(" ")),
    }
}

/// "0.2 of a processor core", "2 processor cores"
fn of_cores(word: &str) -> Option<String> {
    let thousandths = u64::try_from(value::kubernetes_quantity(word)?).ok()?;
    let (whole, part) = (thousandths / 1000, thousandths % 1000);
    let part = format!("{part:03}");
    Some(match (whole, part.trim_end_matches('0')) {
        (1, "") => "1 processor core".to_owned(),
        (whole, "") => format!("{} processor cores", grouped(whole)),
        (0, part) => format!("0.{part} of a processor core"),
        (whole, part) => format!("{whole}.{part} processor cores"),
    })
}

/// A share of what the machine has, or an amount.
fn of_threshold(word: &str) -> Option<String> {
    if let Some(percent) = word.strip_suffix('%') {
        return Some(format!("{percent} % of what the machine has"));
    }
    match value::parse(Type::Size, word).ok()? {
        Val::Size(size) => Some(of_size(size, word)),
        _ => None,
    }
}

fn counted(number: u64, what: &str) -> String {
    let many = if number == 1 { "" } else { "s" };
    format!("{} {what}{many}", grouped(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_said_in_units_that_people_use() {
        for (ty, word, wanted) in [
            (Type::Duration, "8760h", "365 days (31,536,000 seconds)"),
            (Type::Duration, "72h", "3 days (259,200 seconds)"),
            (
                Type::Duration,
                "25h30m",
                "1 day 1 hour 30 minutes (91,800 seconds)",
            ),
            (Type::Duration, "1s", "1 second"),
            (Type::Duration, "0s", "0 seconds"),
            (Type::Size, "32GiB", "34,359,738,368 bytes (34.36 GB)"),
            (Type::Size, "1TB", "1,000,000,000,000 bytes (931.32 GiB)"),
            (Type::Size, "10kB", "10,000 bytes"),
            (Type::Size, "1B", "1 byte"),
            (Type::Cpu, "200m", "0.2 of a processor core"),
            (Type::Cpu, "1", "1 processor core"),
            (Type::Cpu, "2.25", "2.25 processor cores"),
            (Type::Cpu, "8", "8 processor cores"),
            (Type::Threshold, "10%", "10 % of what the machine has"),
            (Type::Threshold, "200MiB", "209,715,200 bytes (209.72 MB)"),
        ] {
            let said = meaning(ty, word);
            assert_eq!(said, Some(format!("`{word}`: {wanted}")), "{word}");
        }
        assert_eq!(meaning(Type::Size, "32"), None);
        assert_eq!(meaning(Type::Name, "32GiB"), None);
        let most = meaning(Type::Size, "18446744073709551615B");
        assert!(most.is_some_and(|said| said.ends_with("(16777216 TiB)")));
    }

    #[test]
    fn amounts_of_fields_are_as_go_writes_them() {
        let of = |field: &Field, word: &str| of_field(field, word);
        assert_eq!(
            of(&Field::Duration, "1h30m0s").as_deref(),
            Some("`1h30m0s`: 1 hour 30 minutes (5,400 seconds)")
        );
        assert_eq!(
            of(&Field::Quantity, "20Mi").as_deref(),
            Some("`20Mi`: 20,971,520")
        );
        for (field, word) in [
            (Field::Duration, "100ms"),
            (Field::Duration, "-1s"),
            (Field::Quantity, "100m"),
            (Field::Text, "1h"),
        ] {
            assert_eq!(of(&field, word), None, "{word}");
        }
    }
}
