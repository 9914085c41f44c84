//! Writers for files of keys and values: NetworkManager keyfiles, systemd units and settings, apt's
//! sources and preferences, dhcpcd, wpa_supplicant, sysctl, TOML.
//!
//! In: sections, keys and values, each with its origins. Out: [`Text`], or the first value that the
//! format cannot hold. Each format has its own escaping ([`Dialect`]); none takes a control character.

mod dialect;

use std::fmt;

pub use dialect::Dialect;

use super::text::{Text, TextBuilder, forbidden};
use crate::origin::Origin;

/// A file that grows from top to bottom.
///
/// A value that cannot be written is remembered and comes out of [`KeyFile::finish`], so that calls can
/// be chained.
#[derive(Clone, Debug)]
pub struct KeyFile {
    out: TextBuilder,
    dialect: Dialect,
    in_block: bool,
    error: Option<KeyFileError>,
}

impl KeyFile {
    /// An empty file; `keep_lines` says whether origins are wanted.
    pub fn new(dialect: Dialect, keep_lines: bool) -> Self {
        Self {
            out: TextBuilder::new(keep_lines),
            dialect,
            in_block: false,
            error: None,
        }
    }

    /// A comment, one line for each of the text's.
    #[must_use]
    pub fn comment(mut self, text: &str, origins: &[Origin]) -> Self {
        for line in text.lines() {
            let line = line.replace(forbidden, " ");
            let line = format!("# {line}");
            self.out.line(line.trim_end(), origins);
        }
        self
    }

    /// The beginning of a section, or of the next stanza where sections have no names (the name is not
    /// written then).
    #[must_use]
    pub fn section(mut self, name: &str, origins: &[Origin]) -> Self {
        self.close_block(origins);
        if !self.out.buffer().is_empty() {
            self.out.line("", &[]);
        }
        match self.dialect.section(name) {
            Ok(Some(line)) => self.out.line(&line, origins),
            Ok(None) => {}
            Err(why) => self.fail("", why),
        }
        self.in_block = self.dialect.closes_sections();
        self
    }

    /// A key with one value.
    #[must_use]
    pub fn set(mut self, key: &str, value: &str, origins: &[Origin]) -> Self {
        let written = self.dialect.value(value);
        self.assign(key, written, origins);
        self
    }

    /// A key with a value, if there is one.
    #[must_use]
    pub fn set_some(self, key: &str, value: Option<&str>, origins: &[Origin]) -> Self {
        match value {
            Some(value) => self.set(key, value, origins),
            None => self,
        }
    }

    /// A key with a number or a boolean, in formats that tell those from text.
    #[must_use]
    pub fn set_bare(mut self, key: &str, value: &str, origins: &[Origin]) -> Self {
        let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        let written = if !value.is_empty() && value.chars().all(bare) {
            Ok(value.to_owned())
        } else {
            Err("it is no number and no word")
        };
        self.assign(key, written, origins);
        self
    }

    /// A key with several values.
    #[must_use]
    pub fn list<S: AsRef<str>>(mut self, key: &str, values: &[S], origins: &[Origin]) -> Self {
        let items: Vec<&str> = values.iter().map(AsRef::as_ref).collect();
        let written = self.dialect.list(&items);
        self.assign(key, written, origins);
        self
    }

    /// The name of a Wi-Fi network, which may hold anything.
    #[must_use]
    pub fn ssid(mut self, ssid: &str, origins: &[Origin]) -> Self {
        let written = self.dialect.ssid(ssid);
        self.assign("ssid", written, origins);
        self
    }

    /// A line that is a single word, such as dhcpcd's `nogateway`.
    #[must_use]
    pub fn word(mut self, word: &str, origins: &[Origin]) -> Self {
        if dialect::is_key(word) {
            self.out.line(word, origins);
        } else {
            self.fail(word, "it is no word");
        }
        self
    }

    /// The finished file.
    pub fn finish(mut self) -> Result<Text, KeyFileError> {
        self.close_block(&[]);
        match self.error {
            None => Ok(self.out.finish()),
            Some(error) => Err(error),
        }
    }

    fn assign(&mut self, key: &str, written: Result<String, &'static str>, origins: &[Origin]) {
        if !dialect::is_key(key) {
            self.fail(key, "the key is no word");
            return;
        }
        match written {
            Ok(written) => {
                let line = self.dialect.assignment(key, &written);
                self.out.line(&line, origins);
            }
            Err(why) => self.fail(key, why),
        }
    }

    fn close_block(&mut self, origins: &[Origin]) {
        if std::mem::take(&mut self.in_block) {
            self.out.line("}", origins);
        }
    }

    fn fail(&mut self, key: &str, why: &'static str) {
        self.error.get_or_insert_with(|| KeyFileError {
            key: key.to_owned(),
            why,
        });
    }
}

/// A value that the format cannot hold. The value may be a secret, so it is not in here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFileError {
    /// The key it was for; empty for a section.
    pub key: String,
    /// Why it cannot be written.
    pub why: &'static str,
}

impl fmt::Display for KeyFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key.as_str() {
            "" => write!(f, "a section cannot be named so: {}", self.why),
            key => write!(f, "`{key}` cannot have this value: {}", self.why),
        }
    }
}

impl std::error::Error for KeyFileError {}

#[cfg(test)]
mod tests;
