//! TOML: containerd's, CRI-O's and the container registries' files.
//!
//! A basic string can hold every character; `"`, `\` and control characters are escaped (TOML 1.0.0, "String"), and so are the
//! characters that make text look different from what is read. Keys are bare if TOML allows it, else they are basic strings too.

use super::{Format, Unfit, Writer, forbidden};
use crate::origin::Origin;

/// The format.
#[derive(Clone, Debug)]
pub struct Toml;

impl Format for Toml {
    const NAME: &'static str = "a TOML file";
}

impl Writer<Toml> {
    /// `[a.b."c d"]`.
    pub fn table(&mut self, path: &[&str], origins: impl IntoIterator<Item = Origin>) {
        self.put(dotted(path).map(|path| format!("[{path}]")), origins);
    }

    /// `[[a.b]]`: one more of a list of tables.
    pub fn item(&mut self, path: &[&str], origins: impl IntoIterator<Item = Origin>) {
        self.put(dotted(path).map(|path| format!("[[{path}]]")), origins);
    }

    /// `key = "value"`.
    pub fn text(
        &mut self,
        key: &'static str,
        value: &str,
        origins: impl IntoIterator<Item = Origin>,
    ) {
        self.put(Ok(format!("{key} = {}", quoted(value))), origins);
    }

    /// `key = ["one", "two"]`.
    pub fn texts(
        &mut self,
        key: &'static str,
        values: &[&str],
        origins: impl IntoIterator<Item = Origin>,
    ) {
        let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
        self.put(Ok(format!("{key} = [{}]", values.join(", "))), origins);
    }

    /// `key = 2`.
    pub fn number(
        &mut self,
        key: &'static str,
        value: i64,
        origins: impl IntoIterator<Item = Origin>,
    ) {
        self.put(Ok(format!("{key} = {value}")), origins);
    }
}

fn dotted(path: &[&str]) -> Result<String, Unfit> {
    if path.is_empty() {
        return Err(Unfit::new("cannot be the name of a table"));
    }
    let bare = |key: &str| {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        !key.is_empty() && key.chars().all(fits)
    };
    let keys: Vec<String> = path
        .iter()
        .map(|key| match bare(key) {
            true => (*key).to_owned(),
            false => quoted(key),
        })
        .collect();
    Ok(keys.join("."))
}

fn quoted(value: &str) -> String {
    let mut out = String::from("\"");
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if forbidden(c) => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
