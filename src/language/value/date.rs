//! Calendar dates, for facts and for the day that rules use as today.

use serde::{Deserialize, Serialize};

use std::fmt;

use super::Bad;

/// A day of the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Date {
    /// The year, four digits.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl std::str::FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        date(text).map_err(|bad| format!("`{text}` {}", bad.why))
    }
}

impl Date {
    /// How many days it is from this day to another; negative if that one is earlier.
    pub fn days_until(self, other: Self) -> i64 {
        other.number() - self.number()
    }

    /// Days since the first day of year 0, with the calendar extended backwards.
    fn number(self) -> i64 {
        let before: i64 = (1..self.month)
            .map(|month| i64::from(days(self.year, month)))
            .sum();
        let year = i64::from(self.year);
        let leap = (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
        year * 365 + leap + before + i64::from(self.day)
    }
}

pub(super) fn date(word: &str) -> Result<Date, Bad> {
    let wrong = || Bad::whole(word, "is not a date").help("write it as `2026-11-22`");
    let parts: Vec<&str> = word.split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return Err(wrong());
    };
    let digits = |text: &str, len: usize| {
        text.len() == len && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !(digits(year, 4) && digits(month, 2) && digits(day, 2)) {
        return Err(wrong());
    }
    let date = Date {
        year: year.parse().map_err(|_| wrong())?,
        month: month.parse().map_err(|_| wrong())?,
        day: day.parse().map_err(|_| wrong())?,
    };
    if !(1..=12).contains(&date.month) || !(1..=days(date.year, date.month)).contains(&date.day) {
        return Err(Bad::whole(word, "is not a day of the calendar"));
    }
    Ok(date)
}

fn days(year: u16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_of_the_calendar_are_dates() {
        assert!(date("2024-02-29").is_ok());
        for wrong in ["2023-02-29", "2026-13-01", "2026-00-10", "26-1-1", "heute"] {
            assert!(date(wrong).is_err(), "{wrong}");
        }
    }

    /// Counts day by day over five hundred years and compares with the calendar above.
    #[test]
    fn days_are_counted_as_the_calendar_has_them() {
        let first = date("1900-01-01").expect("a day");
        let mut count = 0;
        for year in 1900..2400 {
            for month in 1..=12 {
                for day in 1..=days(year, month) {
                    let today = Date { year, month, day };
                    assert_eq!(first.days_until(today), count, "{today}");
                    assert_eq!(today.days_until(first), -count, "{today}");
                    count += 1;
                }
            }
        }
    }
}
