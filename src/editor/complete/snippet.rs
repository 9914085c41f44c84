//! What a completion inserts: a text with holes to fill in.

/// A part of what is inserted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text.
    Text(String),
    /// A place to type in, with what stands there at first.
    Hole {
        /// What stands there at first.
        text: String,
        /// What else can stand there; empty for anything.
        choices: Vec<String>,
    },
    /// Where the cursor is in the end.
    End,
}

/// What a completion inserts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snippet {
    /// Its parts, in order.
    pub parts: Vec<Part>,
}

impl Snippet {
    /// A text without holes.
    pub fn text(text: impl Into<String>) -> Self {
        Self::default().then(text)
    }

    /// The same with a text behind it.
    #[must_use]
    pub fn then(mut self, text: impl Into<String>) -> Self {
        self.parts.push(Part::Text(text.into()));
        self
    }

    /// The same with a hole behind it.
    #[must_use]
    pub fn hole(mut self, text: impl Into<String>, choices: Vec<String>) -> Self {
        self.parts.push(Part::Hole {
            text: text.into(),
            choices,
        });
        self
    }

    /// The same with the place of the cursor behind it.
    #[must_use]
    pub fn end(mut self) -> Self {
        self.parts.push(Part::End);
        self
    }

    /// The same with another one behind it.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.parts.extend(other.parts);
        self
    }

    /// Whether it has no holes: an editor that has no snippets can insert it as it is.
    pub fn is_plain(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Text(_)))
    }

    /// The text with each hole as it is at first.
    pub fn plain(&self) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) | Part::Hole { text, .. } => text.clone(),
            Part::End => String::new(),
        };
        self.parts.iter().map(part).collect()
    }

    /// The text in the syntax of snippets that editors share: `lan = ${1:192.168.11.0/24}`.
    pub fn syntax(&self) -> String {
        let mut number = 0;
        let mut out = String::new();
        for part in &self.parts {
            match part {
                // A closing brace ends a hole only.
                Part::Text(text) => out.push_str(&escaped(text, &['\\', '$'])),
                Part::End => out.push_str("$0"),
                Part::Hole { text, choices } => {
                    number += 1;
                    if choices.len() < 2 {
                        let text = escaped(text, &['\\', '$', '}']);
                        out.push_str(&format!("${{{number}:{text}}}"));
                        continue;
                    }
                    // The first choice is what stands there at first.
                    let others = choices.iter().filter(|choice| *choice != text);
                    let words: Vec<String> = std::iter::once(text)
                        .chain(others)
                        .map(|word| escaped(word, &['\\', '$', '}', ',', '|']))
                        .collect();
                    out.push_str(&format!("${{{number}|{}|}}", words.join(",")));
                }
            }
        }
        out
    }
}

fn escaped(text: &str, signs: &[char]) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        if signs.contains(&sign) {
            out.push('\\');
        }
        out.push(sign);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_the_snippet_syntax_are_escaped() {
        let snippet = Snippet::text("a = ")
            .hole("${x}", Vec::new())
            .then(" }")
            .hole("b", vec!["a,b".to_owned(), "b".to_owned()])
            .end();
        assert_eq!(snippet.syntax(), "a = ${1:\\${x\\}} }${2|b,a\\,b|}$0");
        assert_eq!(snippet.plain(), "a = ${x} }b");
        assert!(!snippet.is_plain() && Snippet::text("$").is_plain());
    }
}
