//! Labels of diagrams: a value as a quoted text of Mermaid or of Graphviz, and in a picture made of characters.

use std::fmt::Write as _;

use super::html::is_odd;

/// A quoted label of Mermaid with these lines. What could be markup is written as its number.
pub fn mermaid(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| numbered(line)).collect();
    format!("\"{}\"", lines.join("<br/>"))
}

fn numbered(text: &str) -> String {
    let mut out = String::new();
    for c in plain(text).chars() {
        match c {
            ' ' | '-' | '.' | ',' | ':' | '/' | '_' | '(' | ')' => out.push(c),
            c if c.is_alphanumeric() => out.push(c),
            c => {
                let _ = write!(out, "#{};", u32::from(c));
            }
        }
    }
    out
}

/// A quoted label of Graphviz with these lines.
pub fn graphviz(lines: &[String]) -> String {
    let mut out = String::from("\"");
    for (index, line) in lines.iter().enumerate() {
        if index > 0 {
            out.push_str("\\n");
        }
        for c in plain(line).chars() {
            match c {
                // `\N` would be the node's name.
                '\\' => out.push_str("\\\\"),
                '"' => out.push_str("&quot;"),
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                c => out.push(c),
            }
        }
    }
    out.push('"');
    out
}

/// Text in a code block of Markdown: it cannot end the block.
pub fn fenced(text: &str) -> String {
    plain(text).replace('`', "'")
}

/// One line without what cannot be seen: such characters are written as their numbers.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match is_odd(c) {
            true => {
                let _ = write!(out, "\u{27e8}U+{:04X}\u{27e9}", u32::from(c));
            }
            false => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_inert() {
        let lines = [
            "a\"]; click x \"javascript:alert(1)\"".to_owned(),
            "`b`\n%%{init}%%".to_owned(),
        ];
        assert_eq!(
            mermaid(&lines),
            "\"a#34;#93;#59; click x #34;javascript:alert(1)#34;<br/>#96;b#96;#10216;U#43;000A#10217;#37;#37;#123;init#125;#37;#37;\""
        );
        assert_eq!(
            graphviz(&["a\"]; b -- \"c\\N&amp;<b>".to_owned(), "d".to_owned()]),
            "\"a&quot;]; b -- &quot;c\\\\N&amp;amp;&lt;b>\\nd\""
        );
        assert_eq!(fenced("a```b\u{1b}"), "a'''b⟨U+001B⟩");
    }
}
