//! Numbers: sizes, durations, ports, whole numbers and switches.

use serde::{Deserialize, Serialize};

use std::fmt;

use super::Bad;

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Size(pub u64);

impl Size {
    /// In whole mebibytes, rounded down.
    pub fn mebibytes(self) -> u64 {
        self.0 / (1 << 20)
    }
}

/// Largest first: a size is printed in the largest unit that divides it.
const UNITS: &[(&str, u64)] = &[
    ("TiB", 1 << 40),
    ("TB", 1_000_000_000_000),
    ("GiB", 1 << 30),
    ("GB", 1_000_000_000),
    ("MiB", 1 << 20),
    ("MB", 1_000_000),
    ("KiB", 1 << 10),
    ("kB", 1_000),
    ("B", 1),
];

impl Size {
    /// As a quantity of Kubernetes: `2Gi`, `1G`.
    pub fn quantity(self) -> String {
        let written = self.to_string();
        written.strip_suffix('B').unwrap_or(&written).to_owned()
    }

    /// `2 GiB`, for a sentence; a spec has no space there, and neither has `Display`.
    pub fn spoken(self) -> String {
        let written = self.to_string();
        let (number, unit) = split(&written);
        format!("{number} {unit}")
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let binary = UNITS
            .iter()
            .filter(|(name, _)| name.len() == 3)
            .find(|(_, factor)| self.0 >= *factor && self.0.is_multiple_of(*factor));
        let (name, factor) = binary
            .or_else(|| {
                UNITS
                    .iter()
                    .find(|(_, factor)| self.0 >= *factor && self.0.is_multiple_of(*factor))
            })
            .unwrap_or(&("B", 1));
        write!(f, "{}{name}", self.0 / factor)
    }
}

pub(super) fn size(word: &str) -> Result<Size, Bad> {
    let (number, unit) = split(word);
    let count = whole(word, number)?;
    let Some((_, factor)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        let meant = UNITS
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(unit));
        let bad = Bad::part(
            number.len(),
            word.len().max(number.len()),
            if unit.is_empty() {
                "is not a size: the unit is missing".to_owned()
            } else {
                format!("is not a size: there is no unit `{unit}`")
            },
        );
        return Err(match meant {
            Some((name, _)) => bad.help(format!("write `{number}{name}`")),
            None => bad.help("units are B, kB, MB, GB, TB (powers of 1000) and KiB, MiB, GiB, TiB (powers of 1024)"),
        });
    };
    count
        .checked_mul(*factor)
        .map(Size)
        .ok_or_else(|| Bad::whole(word, "is larger than any machine can count"))
}

/// A duration in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Duration(pub u64);

impl fmt::Display for Duration {
    /// As Kubernetes prints it: `24h0m0s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hours, minutes, seconds) = (self.0 / 3600, self.0 / 60 % 60, self.0 % 60);
        match (hours, minutes) {
            (0, 0) => write!(f, "{seconds}s"),
            (0, _) => write!(f, "{minutes}m{seconds}s"),
            _ => write!(f, "{hours}h{minutes}m{seconds}s"),
        }
    }
}

impl Duration {
    /// As a person writes it in a spec: `24h`, `1h30m`.
    #[must_use]
    pub fn short(self) -> String {
        let parts = [
            (self.0 / 3600, 'h'),
            (self.0 / 60 % 60, 'm'),
            (self.0 % 60, 's'),
        ];
        let there = parts.into_iter().filter(|(number, _)| *number > 0);
        let text: String = there
            .map(|(number, unit)| format!("{number}{unit}"))
            .collect();
        if text.is_empty() {
            "0s".to_owned()
        } else {
            text
        }
    }
}

/// A hundred years, in seconds. Programs count in nanoseconds (Go: 292 years at most) or to the year 9999, and fail where they start.
const LONGEST: u64 = 876_000 * 3600;

pub(super) fn duration(word: &str) -> Result<Duration, Bad> {
    let mut seconds: u64 = 0;
    let mut rest = word;
    let overflow = || {
        Bad::whole(word, "is longer than 876000h, a hundred years")
            .help("write a shorter time: programs cannot count that far")
    };
    while !rest.is_empty() {
        let at = word.len() - rest.len();
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number: u64 = rest[..digits].parse().map_err(|_| {
            Bad::part(at, word.len(), "is not a duration")
                .help("write it as `30s`, `10m`, `24h` or `1h30m`")
        })?;
        let (factor, width) = match rest[digits..].chars().next() {
            Some('s') => (1, 1),
            Some('m') => (60, 1),
            Some('h') => (3600, 1),
            Some('d') => (86_400, 1),
            _ => {
                return Err(
                    Bad::part(at, word.len(), "is not a duration: the unit is missing")
                        .help("units are s, m, h and d: `30s`, `10m`, `24h`, `7d`"),
                );
            }
        };
        seconds = number
            .checked_mul(factor)
            .and_then(|more| seconds.checked_add(more))
            .filter(|seconds| *seconds <= LONGEST)
            .ok_or_else(overflow)?;
        rest = &rest[digits + width..];
    }
    if word.is_empty() {
        return Err(Bad::whole(word, "is not a duration"));
    }
    Ok(Duration(seconds))
}

/// A shell and older YAML parsers read a number with a leading zero as octal, so such a number is refused.
fn no_zero_in_front(word: &str) -> Result<(), Bad> {
    let digits = word.strip_prefix('-').unwrap_or(word);
    let rest = digits.trim_start_matches('0');
    if digits.len() < 2 || rest.len() == digits.len() || !digits.bytes().all(|b| b.is_ascii_digit())
    {
        return Ok(());
    }
    let sign = word.len() - digits.len();
    let zeros = digits.len() - rest.len().max(1);
    let meant = format!("{}{}", &word[..sign], &digits[zeros..]);
    Err(Bad::part(
        sign,
        sign + zeros,
        "has a leading zero, and some programs read such a number as octal",
    )
    .help(format!("write `{meant}`"))
    .instead(meant))
}

pub(super) fn port(word: &str) -> Result<u16, Bad> {
    no_zero_in_front(word)?;
    match word.parse::<u16>() {
        Ok(port) if port > 0 && !word.starts_with('+') => Ok(port),
        _ => Err(Bad::whole(word, "is not a port: ports go from 1 to 65535")),
    }
}

pub(super) fn integer(word: &str) -> Result<i64, Bad> {
    no_zero_in_front(word)?;
    word.parse::<i64>()
        .ok()
        .filter(|_| !word.starts_with('+'))
        .ok_or_else(|| Bad::whole(word, "is not a whole number"))
}

pub(super) fn boolean(word: &str) -> Result<bool, Bad> {
    match word {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => {
            let meant = match word.to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "1" | "enabled" => Some("on"),
                "false" | "no" | "off" | "0" | "disabled" => Some("off"),
                _ => None,
            };
            let bad = Bad::whole(word, "is neither `on` nor `off`");
            Err(match meant {
                Some(word) => bad.help(format!("write `{word}`")).instead(word),
                None => bad.help("write `on` or `off`"),
            })
        }
    }
}

fn split(word: &str) -> (&str, &str) {
    let digits = word.len() - word.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    word.split_at(digits)
}

fn whole(word: &str, number: &str) -> Result<u64, Bad> {
    number.parse().map_err(|_| {
        Bad::whole(word, "is not a size").help("write a whole number and a unit: `2GiB`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gb_and_gib_mean_what_they_say() {
        assert_eq!(size("2GiB"), Ok(Size(2 << 30)));
        assert_eq!(size("2GB"), Ok(Size(2_000_000_000)));
        assert_eq!(Size(2 << 30).to_string(), "2GiB");
        assert_eq!(Size(1700 << 20).to_string(), "1700MiB");
        assert_eq!(
            size("2gb").expect_err("case").help.as_deref(),
            Some("write `2GB`")
        );
        assert!(size("2").is_err() && size("GiB").is_err());
        assert!(size("99999999999TiB").is_err());
    }

    #[test]
    fn durations_add_up_and_print_as_kubernetes_does() {
        assert_eq!(duration("1h30m"), Ok(Duration(5400)));
        assert_eq!(Duration(86_400).to_string(), "24h0m0s");
        assert!(duration("90").is_err() && duration("").is_err());
        assert_eq!(duration("36500d"), Ok(Duration(LONGEST)));
        for endless in [
            "876000h1s",
            "9999999d",
            "99999999999d",
            "99999999999999999999s",
        ] {
            assert!(duration(endless).is_err(), "{endless}");
        }
    }

    #[test]
    fn a_leading_zero_is_refused() {
        let bad = integer("-007").expect_err("zeros");
        assert_eq!((bad.from, bad.to), (1, 3));
        assert_eq!(bad.instead.as_deref(), Some("-7"));
        assert_eq!(
            port("08080").expect_err("a zero").instead.as_deref(),
            Some("8080")
        );
        assert_eq!(
            integer("000").expect_err("zeros").instead.as_deref(),
            Some("0")
        );
        assert_eq!(integer("0"), Ok(0));
        assert_eq!(integer("100"), Ok(100));
    }

    #[test]
    fn a_yes_is_fixed_to_on() {
        assert_eq!(
            boolean("true").expect_err("true").instead.as_deref(),
            Some("on")
        );
    }
}
