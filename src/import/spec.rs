//! The spec that comes out: blocks and settings, each value with the places that it comes from, and their text.

use super::report::Place;

/// A block.
#[derive(Clone, Debug, Default)]
pub(super) struct Section {
    /// Its kind; empty for the top level.
    pub kind: String,
    /// Its label.
    pub label: Option<String>,
    /// What is said at its head.
    pub note: Option<String>,
    /// Its settings.
    pub settings: Vec<Setting>,
    /// The blocks in it.
    pub blocks: Vec<Section>,
    /// Where it comes from, if it is there without a setting.
    pub from: Vec<Place>,
}

/// A setting.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    /// Its name.
    pub key: String,
    /// What it is set to.
    pub value: Value,
    /// What is said next to it.
    pub note: Option<String>,
    /// Where it comes from.
    pub from: Vec<Place>,
}

/// What a setting is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// A word.
    One(String),
    /// Several, each with its place.
    Many(Vec<(String, Option<Place>)>),
}

impl From<&str> for Value {
    fn from(word: &str) -> Self {
        Self::One(word.to_owned())
    }
}

impl From<String> for Value {
    fn from(word: String) -> Self {
        Self::One(word)
    }
}

impl Section {
    /// An empty block.
    pub(super) fn new(kind: &str, label: Option<&str>) -> Self {
        Self {
            kind: kind.to_owned(),
            label: label.map(str::to_owned),
            ..Self::default()
        }
    }

    /// The block at the end of a path of kinds, created if it is not there.
    pub(super) fn at(&mut self, path: &[&str]) -> &mut Self {
        let Some((first, rest)) = path.split_first() else {
            return self;
        };
        let found = self.blocks.iter().position(|block| block.kind == *first);
        let place = found.unwrap_or_else(|| {
            self.blocks.push(Self::new(first, None));
            self.blocks.len() - 1
        });
        self.blocks[place].at(rest)
    }

    /// The block of a kind.
    pub(super) fn block(&self, kind: &str) -> Option<&Self> {
        self.blocks.iter().find(|block| block.kind == kind)
    }

    /// The value of a setting.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        let own = self.settings.iter().find(|setting| setting.key == key);
        own.map(|setting| &setting.value)
    }

    /// Sets something that a file says. What is set already stays: the place is returned as not carried over.
    pub(super) fn put(
        &mut self,
        key: &str,
        value: impl Into<Value>,
        from: Place,
    ) -> Result<(), Place> {
        let value = value.into();
        if let Some(own) = self.settings.iter_mut().find(|own| own.key == key) {
            if own.value != value {
                return Err(from);
            }
            own.from.push(from);
            return Ok(());
        }
        self.settings.push(Setting {
            key: key.to_owned(),
            value,
            note: None,
            from: vec![from],
        });
        Ok(())
    }

    /// Sets something that no file says, with what is said next to it.
    pub(super) fn guess(&mut self, key: &str, value: impl Into<Value>, note: Option<&str>) {
        if self.get(key).is_none() {
            self.settings.push(Setting {
                key: key.to_owned(),
                value: value.into(),
                note: note.map(str::to_owned),
                from: Vec::new(),
            });
        }
    }

    /// Takes a word out of a list, and the list with its last word.
    pub(super) fn without(&mut self, key: &str, word: &str) {
        for setting in self.settings.iter_mut().filter(|own| own.key == key) {
            if let Value::Many(words) = &mut setting.value {
                words.retain(|(own, _)| own != word);
            }
        }
        let empty = Value::Many(Vec::new());
        self.settings
            .retain(|own| own.key != key || own.value != empty);
    }

    /// Whether there is nothing in it.
    pub(super) fn is_empty(&self) -> bool {
        self.settings.is_empty() && self.blocks.is_empty()
    }

    /// Every place that something in it comes from.
    pub(super) fn places(&self) -> Vec<Place> {
        let mut all = self.from.clone();
        for setting in &self.settings {
            all.extend(setting.from.iter().cloned());
        }
        for block in &self.blocks {
            all.extend(block.places());
        }
        all
    }

    /// The text of the blocks and settings in it.
    pub(super) fn text(&self, depth: usize, out: &mut String) {
        let indent = "  ".repeat(depth);
        let keys: Vec<String> = self.settings.iter().map(|one| word(&one.key)).collect();
        let width = keys.iter().map(|key| key.chars().count()).max();
        let width = width.unwrap_or(0);
        for (setting, key) in self.settings.iter().zip(&keys) {
            let note = note(setting.note.as_deref());
            let value = setting.value.written(depth);
            out.push_str(&format!("{indent}{key:<width$} = {value}{note}\n"));
        }
        for (number, block) in self.blocks.iter().enumerate() {
            let apart = depth == 0 || (depth == 1 && !block.is_empty());
            if apart && (number > 0 || !self.settings.is_empty()) {
                out.push('\n');
            }
            block.written(depth, out);
        }
    }

    fn written(&self, depth: usize, out: &mut String) {
        let indent = "  ".repeat(depth);
        let label = self.label.as_deref().map(word);
        let label = label.map_or_else(String::new, |label| format!("{label} "));
        let note = note(self.note.as_deref());
        if self.is_empty() {
            out.push_str(&format!("{indent}{} {label}{{}}{note}\n", self.kind));
            return;
        }
        out.push_str(&format!("{indent}{} {label}{{{note}\n", self.kind));
        self.text(depth + 1, out);
        out.push_str(&format!("{indent}}}\n"));
    }
}

impl Value {
    fn written(&self, depth: usize) -> String {
        match self {
            Self::One(text) => word(text),
            Self::Many(items) => {
                let words: Vec<String> = items.iter().map(|(item, _)| word(item)).collect();
                let line = format!("[{}]", words.join(", "));
                if line.len() <= 100 || words.len() < 2 {
                    return line;
                }
                let inner = "  ".repeat(depth + 1);
                let lines: Vec<String> = words.iter().map(|w| format!("{inner}{w},\n")).collect();
                format!("[\n{}{}]", lines.concat(), "  ".repeat(depth))
            }
        }
    }
}

fn note(text: Option<&str>) -> String {
    text.map_or_else(String::new, |text| format!("     # {}", comment(text)))
}

/// A text as a comment can hold it: on one line, without signs that cannot be seen.
pub(super) fn comment(text: &str) -> String {
    let plain = |c: char| if c.is_control() || hides(c) { ' ' } else { c };
    text.chars().map(plain).collect()
}

/// Whether the language refuses a sign because it cannot be seen.
fn hides(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        || (c.is_whitespace() && c != ' ')
}

/// A word as the language reads it: bare if that is certain, else in quotes.
pub(super) fn word(text: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || "-./:_".contains(c);
    let starts = |c: char| c.is_ascii_alphanumeric();
    if text.starts_with(starts) && text.chars().all(bare) {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '$' if rest.peek() == Some(&'{') => out.push_str("$$"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_means_something_else_is_quoted() {
        for (text, written) in [
            ("192.168.11.0/24", "192.168.11.0/24"),
            ("$(reboot)", "\"$(reboot)\""),
            ("a${index}\"\\", "\"a$${index}\\\"\\\\\""),
            ("", "\"\""),
            ("$lan", "\"$lan\""),
            ("a b # c", "\"a b # c\""),
            ("--v", "\"--v\""),
        ] {
            assert_eq!(word(text), written);
        }
    }

    #[test]
    fn settings_are_aligned_and_blocks_nested() {
        let place = || Place::new(&"a".into(), 1, "x");
        let mut top = Section::default();
        let cluster = top.at(&["cluster"]);
        cluster.label = Some("home".to_owned());
        assert_eq!(cluster.put("kubernetes", "1.36", place()), Ok(()));
        assert_eq!(cluster.put("kubernetes", "1.35", place()), Err(place()));
        cluster.guess("v", "1", Some("guessed:\nnot\tknown"));
        cluster.at(&["runtime"]).label = Some("crio".to_owned());
        let mut text = String::new();
        top.text(0, &mut text);
        assert_eq!(
            text,
            "cluster home {\n  kubernetes = 1.36\n  v          = 1     # guessed: not known\n  runtime crio {}\n}\n"
        );
    }
}
