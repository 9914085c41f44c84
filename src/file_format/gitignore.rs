//! `.gitignore` (gitignore(5)): a pattern on each line. A leading slash ties it to this folder; a backslash takes a character as it is.

use super::{Format, Unfit, Writer, forbidden};
use crate::origin::Origin;

/// The format.
#[derive(Clone, Debug)]
pub struct GitIgnore;

impl Format for GitIgnore {
    const NAME: &'static str = "a list of files that git ignores (.gitignore)";
}

impl Writer<GitIgnore> {
    /// One file, by its path below the folder, and no other.
    pub fn path(&mut self, path: &str, origins: impl IntoIterator<Item = Origin>) {
        let line = match path.chars().find(|c| forbidden(*c)) {
            Some(_) => Err(Unfit::new("holds a character that cannot be seen")),
            None if path.is_empty() => Err(Unfit::new("is empty")),
            None => {
                let mut line = String::from("/");
                for c in path.chars() {
                    if matches!(c, '\\' | '*' | '?' | '[' | ' ') {
                        line.push('\\');
                    }
                    line.push(c);
                }
                Ok(line)
            }
        };
        self.put(line, origins);
    }
}
