//! `sysctl.d`: kernel settings, read by systemd-sysctl and procps' `sysctl --system`.
//!
//! A line is `key = value`. Both readers skip lines that begin with `#` or `;`, read a `-` before the key as "failures do not matter"
//! and a line without `=` as an exception, trim spaces around both sides, and read the value up to the end of the line
//! (sysctl.d(5)). The key becomes a path below `/proc/sys`: `.` and `/` are swapped unless the first of them is a `/`, and globs are
//! expanded. So a key is names with single `.` or `/` between them: none leads out of `/proc/sys`.

use super::{Format, Unfit, Writer, word};
use crate::origin::Origin;

/// The format.
#[derive(Clone, Debug)]
pub struct Sysctl;

impl Format for Sysctl {
    const NAME: &'static str = "a file of kernel settings (sysctl.d)";
}

/// Why a setting cannot be in such a file, if it cannot.
pub fn fits(key: &str, value: &str) -> Result<(), Unfit> {
    self::key(key)?;
    self::value(value)?;
    Ok(())
}

impl Writer<Sysctl> {
    /// `key = value`.
    pub fn set(&mut self, key: &str, value: &str, origins: impl IntoIterator<Item = Origin>) {
        let line = self::key(key).and_then(|key| Ok(format!("{key} = {}", self::value(value)?)));
        self.put(line, origins);
    }
}

/// Why a key cannot be in such a file, if it cannot.
pub fn key(key: &str) -> Result<&str, Unfit> {
    word::word(
        key,
        "the name of a kernel setting",
        "letters, digits, `_`, `-`, `:`, `@`, `.` and `/`",
        |c| c.is_ascii_alphanumeric() || "_-:@./".contains(c),
    )?;
    if key.starts_with('-') {
        return Err(Unfit::new(
            "begins with `-`, which is not part of a kernel setting's name",
        ));
    }
    match key.split(['.', '/']).any(str::is_empty) {
        false => Ok(key),
        true => Err(Unfit::new(
            "has a `.` or `/` without a name on both sides: a kernel setting is names with one `.` between them",
        )),
    }
}

/// Why a value cannot be in such a file, if it cannot.
pub fn value(value: &str) -> Result<&str, Unfit> {
    let line = word::line(value)?;
    if line.is_empty() {
        return Err(Unfit::new("is empty, and a kernel setting has a value"));
    }
    match line.trim() == line {
        true => Ok(line),
        false => Err(Unfit::new(
            "has a space before or after it, which no reader of kernel settings keeps",
        )),
    }
}
