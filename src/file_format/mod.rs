//! One typed writer for each format of a whole file, and no other way to put a value into one.
//!
//! In: values and their origins. Out: [`Written`]: lines, each with the origins that put it there, and the
//! values that the format cannot hold. Only this folder can create a [`Line`]: constant text is
//! `&'static str`, and a value goes through a function of its format, which either encodes it so that the
//! format's real reader gets the same value back, or refuses it as [`Unfit`]. A refusal is reported at
//! the setting that the value comes from, before anything is written.
//!
//! One file for each format; what is true of all of them (comments, blank lines, constant lines) is here.

pub mod apt_conf;
pub mod apt_sources;
pub mod authorized_keys;
pub mod card_marker;
pub mod chrony;
pub mod cloud_cfg;
pub mod command_line;
pub mod config_txt;
pub mod dhcpcd;
pub mod diagram;
pub mod docker_auth;
pub mod firewalld;
pub mod gitignore;
pub mod haproxy;
pub mod hosts;
pub mod html;
pub mod keepalived;
pub mod keyfile;
pub mod list;
pub mod modules;
pub mod node_values;
pub mod shell_settings;
pub mod shell_word;
pub mod sudoers;
pub mod sysctl;
pub mod systemd;
pub mod toml;
pub mod udev;
pub mod word;
pub mod wpa_supplicant;
pub mod yum_repo;

use std::fmt;
use std::marker::PhantomData;

use crate::origin::Origin;

pub use word::{Plain, first_forbidden, forbidden, one_line};

/// A line of a file and why it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    text: String,
    origins: Vec<Origin>,
}

impl Line {
    /// The text, without a newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its origins; none for constant text.
    pub fn origins(&self) -> &[Origin] {
        &self.origins
    }
}

/// What keeps a value out of a format: "holds a line break, and a value here is one line".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit(String);

impl Unfit {
    fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

/// Never the value itself, which may be a secret.
impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A value that a file's format cannot hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The file's format: "a file of kernel settings (sysctl.d)".
    pub format: &'static str,
    /// Why not.
    pub why: Unfit,
    /// Where the value comes from.
    pub origins: Vec<Origin>,
}

/// What a writer produced: lines, and what it refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    lines: Vec<Line>,
    refused: Vec<Refused>,
}

impl Written {
    /// The lines of the file; what was refused, if anything was: then there is no file.
    pub fn lines(&self) -> Result<&[Line], &[Refused]> {
        match self.refused.is_empty() {
            true => Ok(&self.lines),
            false => Err(&self.refused),
        }
    }

    /// What was refused.
    pub fn refused(&self) -> &[Refused] {
        &self.refused
    }

    /// The origins of all lines, each once.
    pub fn origins(&self) -> Vec<Origin> {
        let mut all = Vec::new();
        for origin in self.lines.iter().flat_map(|line| &line.origins) {
            if !all.contains(origin) {
                all.push(origin.clone());
            }
        }
        all
    }
}

/// A format of files.
pub trait Format {
    /// What people call such a file, with an article.
    const NAME: &'static str;
}

/// Writes a file of one format, line by line.
#[derive(Clone, Debug)]
pub struct Writer<F> {
    written: Written,
    format: PhantomData<F>,
}

/// The line of a generated file that says where it comes from; every file that can hold a comment has it.
pub fn made_by(spec: &str) -> String {
    format!("Made by pikc from {spec}. Do not edit: change the spec and compile again.")
}

impl<F: Format> Default for Writer<F> {
    fn default() -> Self {
        Self {
            written: Written::default(),
            format: PhantomData,
        }
    }
}

impl<F: Format> Writer<F> {
    /// An empty file.
    pub fn new() -> Self {
        Self::default()
    }

    /// A file that pikc owns: its first lines say why it is there, for anyone who finds it on the machine.
    pub fn headed(why: &str, spec: &str) -> Self {
        let mut file = Self::new();
        file.comment(why, []);
        file.comment(&made_by(spec), []);
        file
    }

    /// A line of comment, in the one way that every format here has. Whatever could end it early, or join
    /// the next line to it, is left out.
    pub fn comment(&mut self, text: &str, origins: impl IntoIterator<Item = Origin>) {
        let mut line = format!("# {}", one_line(text));
        // udev and dhcpcd continue a comment on the next line after a backslash.
        if line.ends_with('\\') {
            line.push('.');
        }
        self.push(line, origins);
    }

    /// A line that is the same whatever the spec says, and the decision that put it there.
    pub fn constant(&mut self, line: &'static str, origins: impl IntoIterator<Item = Origin>) {
        self.push(line.to_owned(), origins);
    }

    /// A line that is the same for everyone.
    pub fn fixed(&mut self, line: &'static str) {
        self.constant(line, []);
    }

    /// An empty line.
    pub fn blank(&mut self) {
        self.fixed("");
    }

    /// Removes an empty line at the end.
    pub fn trim(&mut self) {
        if self
            .written
            .lines
            .last()
            .is_some_and(|line| line.text.is_empty())
        {
            self.written.lines.pop();
        }
    }

    /// Appends the lines of another file of this format.
    pub fn append(&mut self, other: Self) {
        self.written.lines.extend(other.written.lines);
        self.written.refused.extend(other.written.refused);
    }

    /// The finished file.
    pub fn finish(self) -> Written {
        self.written
    }

    /// A line with a value in it, or a record of why there is none.
    fn put(&mut self, line: Result<String, Unfit>, origins: impl IntoIterator<Item = Origin>) {
        match line {
            Ok(line) => self.push(line, origins),
            Err(why) => self.written.refused.push(Refused {
                format: F::NAME,
                why,
                origins: origins.into_iter().collect(),
            }),
        }
    }

    fn push(&mut self, text: String, origins: impl IntoIterator<Item = Origin>) {
        debug_assert!(!text.contains('\n'), "one line: {text:?}");
        self.written.lines.push(Line {
            text,
            origins: origins.into_iter().collect(),
        });
    }
}

#[cfg(test)]
mod tests;
