//! The one way to write HTML: constant text as it is, and every value through an escaper that makes it inert.

use std::fmt::Write as _;

/// HTML under way.
#[derive(Default)]
pub(super) struct Html {
    text: String,
}

impl Html {
    /// Constant text: the only way to write markup.
    pub(super) fn raw(&mut self, text: &'static str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// A style or a script of ours, without its indentation and its comments.
    pub(super) fn asset(&mut self, text: &'static str) -> &mut Self {
        for line in text.lines().map(str::trim_start) {
            if !line.starts_with("//") {
                self.raw(line).raw("\n");
            }
        }
        self
    }

    /// A value, as text between tags. No value is ever in an attribute or in the script.
    pub(super) fn value(&mut self, value: &str) -> &mut Self {
        escape(value, &mut self.text);
        self
    }

    /// The beginning of a checksum, which may be in an attribute.
    pub(super) fn sum(&mut self, bytes: &[u8]) -> &mut Self {
        for byte in bytes {
            let _ = write!(self.text, "{byte:02x}");
        }
        self
    }

    /// A number.
    pub(super) fn number(&mut self, number: usize) -> &mut Self {
        let _ = write!(self.text, "{number}");
        self
    }

    /// A number with the word for what is counted: `1 file`, `2 files`.
    pub(super) fn count(
        &mut self,
        number: usize,
        one: &'static str,
        many: &'static str,
    ) -> &mut Self {
        self.grouped(number)
            .raw(" ")
            .raw(if number == 1 { one } else { many })
    }

    /// A number with commas between its thousands.
    pub(super) fn grouped(&mut self, number: usize) -> &mut Self {
        let digits = number.to_string();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                self.text.push(',');
            }
            self.text.push(digit);
        }
        self
    }

    pub(super) fn finish(self) -> String {
        self.text
    }
}

/// Writes a value so that it is text between tags. What a reader could not see is written as its number.
fn escape(value: &str, out: &mut String) {
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            // No entity begins like this, and scripts are full of it.
            '&' if matches!(chars.peek(), Some(' ' | '&' | '\n')) => out.push(c),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '\n' | '\t' => out.push(c),
            c if is_odd(c) => {
                let _ = write!(out, "\u{27e8}U+{:04X}\u{27e9}", u32::from(c));
            }
            c => out.push(c),
        }
    }
}

/// Characters that are not seen, or that change the order in which others are.
fn is_odd(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
        || matches!(u32::from(c) & 0xffff, 0xfffe | 0xffff)
        || matches!(c, '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_inert() {
        let mut html = Html::default();
        html.value("</script><b a=\"x\" onclick='y'>&amp;\u{202e}\r\u{0}");
        html.value(" && & &&lt; >&2 &");
        assert_eq!(
            html.finish(),
            "&lt;/script>&lt;b a=\"x\" onclick='y'>&amp;amp;⟨U+202E⟩⟨U+000D⟩⟨U+0000⟩ && & &&amp;lt; >&amp;2 &amp;"
        );
    }

    #[test]
    fn numbers_are_grouped() {
        let mut html = Html::default();
        html.count(1, "file", "files")
            .raw(", ")
            .count(14210, "line", "lines");
        assert_eq!(html.finish(), "1 file, 14,210 lines");
    }
}
