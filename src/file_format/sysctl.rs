//! `sysctl.d`: settings of the kernel, read by systemd-sysctl and procps' `sysctl --system`.
//!
//! A line is `key = value`. Both readers skip lines that begin with `#` or `;`, take a `-` before the key for "failures do not matter"
//! and a line without `=` for an exception, trim blanks around both sides, and take the value up to the end of the line
//! (sysctl.d(5)). The key becomes a path below `/proc/sys`: `.` and `/` change places unless the first of them is a `/`, and globs are
//! expanded. So a key is names with single `.` or `/` between them: no way leads out of `/proc/sys`.

use super::{Format, Unfit, Writer, word};
use crate::origin::Origin;

/// The format.
#[derive(Clone, Debug)]
pub struct Sysctl;

impl Format for Sysctl {
    const NAME: &'static str = "a file of kernel settings (sysctl.d)";
}

/// Why a setting cannot stand in such a file, if it cannot.
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

/// Why a key cannot stand there, if it cannot.
pub fn key(key: &str) -> Result<&str, Unfit> {
    word::word(
        key,
        "the name of a kernel setting",
        "letters, digits, `_`, `-`, `:`, `@`, `.` and `/`",
        |c| c.is_ascii_alphanumeric() || "_-:@./".contains(c),
    )?;
    if key.starts_with('-') {
        return Err(Unfit::new(
            "begins with `-`, which is no part of a kernel setting's name",
        ));
    }
    match key.split(['.', '/']).any(str::is_empty) {
        false => Ok(key),
        true => Err(Unfit::new(
            "has a `.` or `/` without a name on both sides: a kernel setting is names with one `.` between them",
        )),
    }
}

/// Why a value cannot stand there, if it cannot.
pub fn value(value: &str) -> Result<&str, Unfit> {
    let line = word::line(value)?;
    if line.is_empty() {
        return Err(Unfit::new("is empty, and a kernel setting has a value"));
    }
    match line.trim() == line {
        true => Ok(line),
        false => Err(Unfit::new(
            "has a blank before or behind it, which no reader of kernel settings keeps",
        )),
    }
}
