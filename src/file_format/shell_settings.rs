//! Files of settings that a shell sources: `/etc/default/*`.
//!
//! Each value is in double quotes, as in the files of the distributions (setupcon sources them as root, and
//! systemd-localed and debconf read them with readers of their own, which support double quotes). In double quotes
//! `"`, `\`, `$` and a backquote are special to a shell (POSIX.1-2017, Shell Command Language, 2.2.3); a backslash before
//! each of them escapes it, in every such reader.

use super::{Format, Unfit, Writer, word};
use crate::origin::Origin;

/// The format.
#[derive(Clone, Debug)]
pub struct ShellSettings;

impl Format for ShellSettings {
    const NAME: &'static str = "a file of settings that a shell sources";
}

impl Writer<ShellSettings> {
    /// `KEY="value"`.
    pub fn set(
        &mut self,
        key: &'static str,
        value: &str,
        origins: impl IntoIterator<Item = Origin>,
    ) {
        self.put(quoted(value).map(|value| format!("{key}={value}")), origins);
    }
}

fn quoted(value: &str) -> Result<String, Unfit> {
    let mut out = String::from("\"");
    for c in word::line(value)?.chars() {
        if matches!(c, '"' | '\\' | '$' | '`') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    Ok(out)
}
