//! The kernel command line (`cmdline.txt`): words with spaces between them, on one line. Double quotes keep a space in a word
//! (kernel, lib/cmdline.c), and everything after ` -- ` goes to init.

use std::fmt;

use super::{Unfit, word};

/// A word of the command line, or the beginning of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word(String);

impl Word {
    /// A word without spaces and quotes that is not `--`.
    pub fn new(text: impl Into<String>) -> Result<Self, Unfit> {
        let text = text.into();
        word::graphic(&text, "a word of the kernel command line", "\"")?;
        match text == "--" {
            true => Err(Unfit::new("ends the kernel's own words")),
            false => Ok(Self(text)),
        }
    }

    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
