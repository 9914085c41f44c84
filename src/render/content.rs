//! The bytes of a file: produced when they are first needed; what many files have in common is stored once.
//!
//! A cluster of 10,000 machines has 10,000 files that begin with the same scripts, compressed. They share that beginning, in memory
//! and in everything computed from it. And if you only want to know what a compile would create, no byte of it is produced.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, LazyLock, OnceLock};

use sha2::{Digest as _, Sha256};

use super::LineOrigin;

/// What produces bytes when they are needed.
type Make<T> = Box<dyn FnOnce() -> T + Send>;

/// What a file holds: a beginning that it may share with other files, then what is its own.
#[derive(Clone, Debug, Default)]
pub struct Content {
    beginning: Option<Arc<Beginning>>,
    own: Arc<Own>,
}

#[derive(Debug)]
struct Own {
    bytes: LazyLock<Vec<u8>, Make<Vec<u8>>>,
    /// The sum of the beginning and these bytes; computed when first needed.
    sum: OnceLock<[u8; 32]>,
}

impl Default for Own {
    fn default() -> Self {
        Self::later(Vec::new)
    }
}

impl Own {
    fn later(make: impl FnOnce() -> Vec<u8> + Send + 'static) -> Self {
        Self {
            bytes: LazyLock::new(Box::new(make)),
            sum: OnceLock::new(),
        }
    }
}

/// A beginning that several files share.
#[derive(Debug)]
pub struct Beginning {
    text: LazyLock<String, Make<String>>,
    lines: Vec<LineOrigin>,
    /// The state of a checksum after it; computed when first needed.
    sum: OnceLock<Sha256>,
}

impl Beginning {
    /// A beginning with the origins of its lines (none if they are not wanted).
    pub fn new(text: String, lines: Vec<LineOrigin>) -> Self {
        Self {
            lines,
            ..Self::later(move || text)
        }
    }

    /// A beginning that is produced when first needed, without the origins of its lines.
    pub fn later(make: impl FnOnce() -> String + Send + 'static) -> Self {
        Self {
            text: LazyLock::new(Box::new(make)),
            lines: Vec::new(),
            sum: OnceLock::new(),
        }
    }
}

impl Content {
    /// Content that is produced when first needed.
    pub fn later(make: impl FnOnce() -> Vec<u8> + Send + 'static) -> Self {
        Self {
            beginning: None,
            own: Arc::new(Own::later(make)),
        }
    }

    /// The same after a beginning that others share.
    #[must_use]
    pub fn behind(self, beginning: Arc<Beginning>) -> Self {
        Self {
            beginning: Some(beginning),
            own: self.own,
        }
    }

    /// The pieces, in order.
    pub fn pieces(&self) -> [&[u8]; 2] {
        let beginning = self.beginning.as_ref();
        [
            beginning.map_or(&[], |beginning| beginning.text.as_bytes()),
            &self.own.bytes,
        ]
    }

    /// How many bytes.
    pub fn len(&self) -> usize {
        self.pieces().iter().map(|piece| piece.len()).sum()
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The SHA-256 sum, continued from that of the beginning; computed once.
    pub fn sha256(&self) -> [u8; 32] {
        *self.own.sum.get_or_init(|| {
            let mut sum = match &self.beginning {
                Some(beginning) => beginning
                    .sum
                    .get_or_init(|| Sha256::new_with_prefix(beginning.text.as_bytes()))
                    .clone(),
                None => Sha256::new(),
            };
            sum.update(&*self.own.bytes);
            sum.finalize().into()
        })
    }

    /// As text; nothing if it is not text.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        let own = std::str::from_utf8(&self.own.bytes).ok()?;
        Some(match &self.beginning {
            Some(beginning) => Cow::Owned(format!("{}{own}", *beginning.text)),
            None => Cow::Borrowed(own),
        })
    }

    /// As two texts of whole lines, the first shared with other files; nothing if it is not text.
    pub fn texts(&self) -> Option<[Cow<'_, str>; 2]> {
        let own = std::str::from_utf8(&self.own.bytes).ok()?;
        Some(match &self.beginning {
            None => [Cow::Borrowed(""), Cow::Borrowed(own)],
            Some(shared) if shared.text.ends_with('\n') => {
                [Cow::Borrowed(&**shared.text), Cow::Borrowed(own)]
            }
            Some(shared) => [
                Cow::Borrowed(""),
                Cow::Owned(format!("{}{own}", *shared.text)),
            ],
        })
    }

    /// The origins of the lines of the shared beginning.
    pub fn shared_lines(&self) -> &[LineOrigin] {
        self.beginning
            .as_ref()
            .map_or(&[], |beginning| &beginning.lines)
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Self::from(text.into_bytes())
    }
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<Vec<u8>> for Content {
    fn from(own: Vec<u8>) -> Self {
        Self::later(move || own)
    }
}

impl PartialEq for Content {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.pieces().concat() == other.pieces().concat()
    }
}

impl Eq for Content {}

impl PartialEq<str> for Content {
    fn eq(&self, other: &str) -> bool {
        self.text().is_some_and(|text| text == other)
    }
}

/// As text, for people: bytes that are not text are replaced.
impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.pieces().concat()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_beginning_counts_like_any_other_bytes() {
        let beginning = Arc::new(Beginning::new("one\n".to_owned(), Vec::new()));
        let parted = Content::from("two\n").behind(Arc::clone(&beginning));
        let whole = Content::from("one\ntwo\n");
        assert_eq!(parted, whole);
        assert_eq!(parted.sha256(), whole.sha256());
        assert_eq!(parted.len(), 8);
        let other = Content::from("three\n").behind(beginning);
        assert_ne!(other, whole);
        assert_eq!(other.text().as_deref(), Some("one\nthree\n"));
    }

    #[test]
    fn bytes_that_are_not_text_are_kept() {
        let content = Content::from(vec![0xff, 0]);
        assert_eq!(content.text(), None);
        assert_eq!(content.pieces().concat(), [0xff, 0]);
    }
}
