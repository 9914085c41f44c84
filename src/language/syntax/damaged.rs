//! Signs that a text cannot be valid, found without a grammar: marks that do not match, and lines that say nothing.
//!
//! A line that is being typed nearly always has one. The strict grammar would read half of the file to refuse it, and an editor
//! waits for that at each keystroke. Whatever is decided here, recovery reads a valid text into the same tree.

/// What a line has said so far, outside comments. A line in a list says nothing of its own.
#[derive(Default)]
struct Line {
    /// Whether it began in a list.
    in_list: bool,
    /// Whether it has a word or a comma.
    says: bool,
    /// Whether it has a mark or a text: a setting has `=`, a block `{` or `}`.
    marked: bool,
    /// Whether nothing followed its last `=`.
    waits: bool,
    /// Whether the last byte was part of a word, where `#` begins no comment.
    in_word: bool,
}

impl Line {
    fn mark(&mut self) {
        self.marked = true;
        self.waits = false;
        self.in_word = false;
    }

    fn is_damaged(&self) -> bool {
        self.waits || self.says && !self.marked && !self.in_list
    }
}

/// Whether the strict grammar would surely refuse a text. `false` says nothing.
pub(super) fn is_surely_damaged(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (mut braces, mut lists, mut at) = (0_usize, 0_usize, 0);
    let mut line = Line::default();
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\n' if line.is_damaged() => return true,
            b'\n' => {
                line = Line {
                    in_list: lists > 0,
                    ..Line::default()
                };
            }
            b' ' | b'\t' | b'\r' => line.in_word = false,
            b'#' if line.in_word => return true,
            b'#' => {
                let rest = bytes[at..].iter();
                at += rest.take_while(|&&byte| byte != b'\n').count();
                continue;
            }
            b'"' => {
                let Some(length) = text_length(&bytes[at..]) else {
                    return true;
                };
                line.mark();
                at += length;
                continue;
            }
            b'{' | b'}' | b'=' if lists > 0 => return true,
            b'{' => {
                line.mark();
                braces += 1;
            }
            b'}' | b']' => {
                let open = if byte == b'}' {
                    &mut braces
                } else {
                    &mut lists
                };
                let Some(left) = open.checked_sub(1) else {
                    return true;
                };
                *open = left;
                line.mark();
            }
            b'[' => {
                line.mark();
                lists += 1;
            }
            b'=' => {
                line.mark();
                line.waits = true;
            }
            _ => {
                line.says = true;
                line.waits = false;
                line.in_word = byte != b',';
            }
        }
        at += 1;
    }
    line.is_damaged() || braces > 0 || lists > 0
}

/// The length of the text that begins here, with its quotes; nothing if it does not end.
fn text_length(bytes: &[u8]) -> Option<usize> {
    let long = bytes.starts_with(b"\"\"\"");
    let mut at = if long { 3 } else { 1 };
    loop {
        match *bytes.get(at)? {
            b'\\' => at += 1,
            b'"' if !long => return Some(at + 1),
            b'"' if bytes[at..].starts_with(b"\"\"\"") => return Some(at + 3),
            b'\n' if !long => return None,
            _ => {}
        }
        at += 1;
    }
}
