//! `sudoers.d`: who may become root.
//!
//! A name in capitals is an alias (`ALL` is everyone), `%`, `+` and `#` before a name make it a group, a netgroup or a number, and
//! `@ ! = : , ( ) \` have meanings (sudoers(5)). So a name begins with a lowercase letter or `_`, and has letters, digits, `_`, `-`
//! and `.`: nothing that sudo reads as anything else.

use super::{Format, Unfit, Writer, word};
use crate::origin::Origin;

/// The format.
#[derive(Clone, Debug)]
pub struct Sudoers;

impl Format for Sudoers {
    const NAME: &'static str = "a sudo rules file (sudoers.d)";
}

impl Writer<Sudoers> {
    /// The account may become root; with or without its password.
    pub fn may_become_root(
        &mut self,
        account: &str,
        asked: bool,
        origins: impl IntoIterator<Item = Origin>,
    ) {
        let how = match asked {
            true => "ALL",
            false => "NOPASSWD: ALL",
        };
        let line = self::account(account).map(|name| format!("{name} ALL=(ALL:ALL) {how}"));
        self.put(line, origins);
    }
}

/// The name of an account, or why sudo would read something else.
pub fn account(name: &str) -> Result<&str, Unfit> {
    word::word(
        name,
        "the name of an account",
        "letters, digits, `_`, `-` and `.`",
        |c| c.is_ascii_alphanumeric() || "_-.".contains(c),
    )?;
    match name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_') {
        true => Ok(name),
        false => Err(Unfit::new(
            "does not begin with a lowercase letter, and sudo reads other names as something else",
        )),
    }
}
