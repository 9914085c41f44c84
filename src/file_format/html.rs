//! HTML and SVG, the one way to write them: constant text as it is, and every value through an escaper that makes it inert.

use std::fmt::Write as _;

/// HTML under way.
#[derive(Clone, Debug, Default)]
pub struct Html {
    text: String,
}

impl Html {
    /// Constant text: the only way to write markup.
    pub fn raw(&mut self, text: &'static str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// A style or a script of ours, without its indentation and its comments.
    pub fn asset(&mut self, text: &'static str) -> &mut Self {
        for line in text.lines().map(str::trim_start) {
            if !line.starts_with("//") {
                self.raw(line).raw("\n");
            }
        }
        self
    }

    /// A line of a file, as text between tags of HTML. Unlike in XML, an ampersand that cannot begin an entity stays as it is: scripts are
    /// full of them.
    pub fn line(&mut self, line: &str) -> &mut Self {
        let mut from = 0;
        for (at, _) in line.match_indices('&') {
            let (Some(before), Some(after)) = (line.get(from..at), line.get(at + 1..)) else {
                continue;
            };
            if after.starts_with([' ', '&']) {
                escape(before, &mut self.text);
                self.text.push('&');
                from = at + 1;
            }
        }
        self.value(line.get(from..).unwrap_or_default())
    }

    /// A value, as text between tags. No value is ever in an attribute or in the script.
    pub fn value(&mut self, value: &str) -> &mut Self {
        escape(value, &mut self.text);
        self
    }

    /// The beginning of a checksum, which may be in an attribute.
    pub fn sum(&mut self, bytes: &[u8]) -> &mut Self {
        for byte in bytes {
            let _ = write!(self.text, "{byte:02x}");
        }
        self
    }

    /// A number.
    pub fn number(&mut self, number: usize) -> &mut Self {
        let _ = write!(self.text, "{number}");
        self
    }

    /// A number with the word for what is counted: `1 file`, `2 files`.
    pub fn count(&mut self, number: usize, one: &'static str, many: &'static str) -> &mut Self {
        self.grouped(number)
            .raw(" ")
            .raw(if number == 1 { one } else { many })
    }

    /// A number with commas between its thousands.
    pub fn grouped(&mut self, number: usize) -> &mut Self {
        let number = u64::try_from(number).unwrap_or(u64::MAX);
        self.text.push_str(&crate::value::grouped(number));
        self
    }

    /// Another piece, as it was written.
    pub fn piece(&mut self, piece: &Html) -> &mut Self {
        self.text.push_str(&piece.text);
        self
    }

    /// All of it.
    pub fn finish(self) -> String {
        self.text
    }
}

/// Writes a value so that it is text between tags. What a reader could not see is written as its number.
fn escape(value: &str, out: &mut String) {
    for c in value.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            // XML does not have this in a text.
            '>' if out.ends_with("]]") => out.push_str("&gt;"),
            '\n' | '\t' => out.push(c),
            c if is_odd(c) => {
                let _ = write!(out, "\u{27e8}U+{:04X}\u{27e9}", u32::from(c));
            }
            c => out.push(c),
        }
    }
}

/// Characters that are not seen, or that change the order in which others are.
pub(super) fn is_odd(c: char) -> bool {
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
        html.value("</script><b a=\"x\" onclick='y'>&amp;\u{202e}\r\u{0}]]>");
        assert_eq!(
            html.finish(),
            "&lt;/script>&lt;b a=\"x\" onclick='y'>&amp;amp;⟨U+202E⟩⟨U+000D⟩⟨U+0000⟩]]&gt;"
        );
    }

    #[test]
    fn a_line_is_inert() {
        let mut html = Html::default();
        html.line("a && b& c &&lt; & &amp; >&2 <b> &");
        assert_eq!(
            html.finish(),
            "a && b& c &&amp;lt; & &amp;amp; >&amp;2 &lt;b> &amp;"
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
