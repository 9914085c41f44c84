//! A scan of the bytes before any grammar reads them: size, depth, and invisible characters. It
//! recognizes strings and comments only to skip the brackets in them.

use crate::declare;
use crate::diagnostic::Diagnostic;

use super::problems::Problems;

declare! {
    /// A spec is small: a cluster of thousands of machines fits into a few hundred kilobytes,
    /// because nodes that are alike are written as one block (`node worker[001-900]`). So pikc reads
    /// files of up to 8 MiB, with blocks and lists nested at most 16 deep, and shows at most 200
    /// syntax errors per file. A file beyond that is damaged or not a spec, and pikc refuses it
    /// before it spends any work on it. Files use each other at most 100 deep, and all nodes together
    /// inherit at most 2,000,000 settings from their profiles.
    ///
    /// ```pik fails whole
    /// a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a {
    /// } } } } } } } } } } } } } } } } }
    /// ```
    ///
    /// ```pik
    /// profile pi {
    ///   interface wlan0 {
    ///     wifi { ssid = home, passphrase = secret:wifi }
    ///   }
    /// }
    /// ```
    pub static LIMITS = {
        code: "syntax/limits",
        since: "0.1.0",
        severity: Error,
        title: "a file that is larger or more deeply nested than pikc reads",
        help: "write nodes that are alike as one block: `node worker[001-900] { ... }`",
        no_edit: "what can go depends on what the file is for",
        sources: ["grammar/README.md"],
    }

    /// Some characters are invisible: control characters, spaces of other widths (copied along with
    /// text from a web page), zero-width characters, marks that reverse the text direction. In a spec
    /// they make two words differ that look the same, or hide from a reviewer what a line really
    /// says. So they are errors: control characters and direction marks everywhere, the others
    /// outside strings and comments. Tabs are fine, and so are lines that end in CR LF.
    ///
    /// The space after `=` in the first example is a no-break space:
    ///
    /// ```pik fails
    /// profile pi {
    ///   swap = off
    /// }
    /// ```
    ///
    /// ```pik
    /// profile pi {
    ///   swap = off
    /// }
    /// ```
    pub static INVISIBLE_CHARACTER = {
        code: "syntax/invisible-character",
        since: "0.1.0",
        severity: Error,
        title: "an invisible character",
        help: "delete the character, or type a plain space in its place",
        sources: ["grammar/README.md"],
    }
}

/// The longest file that is read, in bytes.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;

/// How deep blocks and lists may be nested, counted together.
pub const MAX_DEPTH: usize = 16;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// Outside strings and comments; `true` right after a character of a bare word, where `#` does not begin a comment.
    Code(bool),
    Comment,
    Text,
    LongText,
}

/// Whether the file may be read at all. Reports why not, and every invisible character.
pub(super) fn scan(text: &str, problems: &mut Problems) -> bool {
    if text.len() > MAX_BYTES {
        let message = format!(
            "the file has {} bytes, but pikc reads at most {MAX_BYTES}",
            text.len()
        );
        let place = problems.span(0, 0);
        problems.report(&LIMITS, message, |problem| {
            problem.label(place, "begins here")
        });
        return false;
    }
    let bytes = text.as_bytes();
    let mut inside = Inside::Code(false);
    let (mut depth, mut first) = (0_usize, 0);
    let mut at = if text.starts_with('\u{FEFF}') { 3 } else { 0 };
    while let Some(&byte) = bytes.get(at) {
        if !matches!(byte, b'\t' | b' '..=b'~') {
            at = special(text, at, &mut inside, problems);
            continue;
        }
        let mut step = 1;
        match (inside, byte) {
            (Inside::Code(_), b'"') if text[at..].starts_with("\"\"\"") => {
                inside = Inside::LongText;
                step = 3;
            }
            (Inside::Code(_), b'"') => inside = Inside::Text,
            (Inside::Code(false), b'#') => inside = Inside::Comment,
            (Inside::Code(_), b'{' | b'[') => {
                if depth == 0 {
                    first = at;
                }
                depth += 1;
                if depth > MAX_DEPTH {
                    report_depth(first, at, problems);
                    return false;
                }
                inside = Inside::Code(false);
            }
            (Inside::Code(_), b'}' | b']') => {
                depth = depth.saturating_sub(1);
                inside = Inside::Code(false);
            }
            (Inside::Code(_), b' ' | b'\t' | b',' | b'=') => inside = Inside::Code(false),
            (Inside::Code(_), _) => inside = Inside::Code(true),
            (Inside::Text | Inside::LongText, b'\\')
                if matches!(bytes.get(at + 1), Some(b' '..=b'~')) =>
            {
                step = 2;
            }
            (Inside::Text, b'"') => inside = Inside::Code(false),
            (Inside::LongText, b'"') if text[at..].starts_with("\"\"\"") => {
                inside = Inside::Code(false);
                step = 3;
            }
            (Inside::Text | Inside::LongText | Inside::Comment, _) => {}
        }
        at += step;
    }
    true
}

/// Handles a character that is not printable ASCII, and returns where to go on.
fn special(text: &str, at: usize, inside: &mut Inside, problems: &mut Problems) -> usize {
    let rest = &text[at..];
    if rest.starts_with('\n') || rest.starts_with("\r\n") {
        if *inside != Inside::LongText {
            *inside = Inside::Code(false);
        }
        return at + if rest.starts_with('\n') { 1 } else { 2 };
    }
    let Some(character) = rest.chars().next() else {
        return text.len();
    };
    let code = matches!(inside, Inside::Code(_));
    if code {
        *inside = Inside::Code(!is_odd_space(character));
    }
    if !(is_hidden(character) || code && is_odd(character)) {
        return at + character.len_utf8();
    }
    let count = rest.chars().take_while(|next| *next == character).count();
    let end = at + count * character.len_utf8();
    report_invisible(character, count, at, end, problems);
    end
}

/// Forbidden everywhere: they are invisible, and change what the text is or seems to be.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// Looks like a space but is not one; `recover.pest` has the same list.
fn is_odd_space(character: char) -> bool {
    matches!(
        character,
        '\r' | '\u{A0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200A}' | '\u{2028}' | '\u{2029}' | '\u{202F}' | '\u{205F}' | '\u{3000}'
    )
}

/// Whether a character is forbidden outside strings and comments because it is invisible.
pub(super) fn is_odd(character: char) -> bool {
    is_hidden(character)
        || is_odd_space(character)
        || matches!(character,
            '\u{AD}' | '\u{115F}' | '\u{1160}' | '\u{180E}' | '\u{200B}'..='\u{200D}' | '\u{2060}'..='\u{2064}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0000}'..='\u{E007F}')
}

fn report_invisible(
    character: char,
    count: usize,
    start: usize,
    end: usize,
    problems: &mut Problems,
) {
    let name = match character {
        '\0' => "NUL",
        '\r' => "a carriage return without a line feed",
        '\u{A0}' | '\u{202F}' => "a no-break space",
        '\u{AD}' => "a soft hyphen",
        '\u{200B}' => "a zero-width space",
        '\u{200C}' | '\u{200D}' | '\u{2060}' => "a zero-width joiner",
        '\u{2028}' | '\u{2029}' => "a line separator",
        '\u{FEFF}' => "a byte order mark",
        '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => {
            "a text direction mark"
        }
        _ if character.is_control() => "a control character",
        _ if is_odd_space(character) => "a space of another width",
        _ => "a zero-width character",
    };
    // A file with old Mac line ends has one at the end of every line: that is one mistake.
    if character == '\r' && problems.seen(&INVISIBLE_CHARACTER, name) {
        return;
    }
    let message = format!("U+{:04X} is invisible: {name}", u32::from(character));
    let place = problems.span(offset(start), offset(end));
    let label = if count == 1 {
        "here".to_owned()
    } else {
        format!("{count} of them")
    };
    let fill = |problem: Diagnostic| {
        let problem = problem.label(place, label);
        if matches!(character, '\r' | '\u{2028}' | '\u{2029}') {
            problem.help("end the line with a plain line feed")
        } else if is_odd_space(character) {
            problem.fix("type a plain space", place, " ")
        } else {
            problem.fix("delete it", place, "")
        }
    };
    problems.report(&INVISIBLE_CHARACTER, message, fill);
}

fn report_depth(first: usize, at: usize, problems: &mut Problems) {
    let place = problems.span(offset(at), offset(at + 1));
    let first = problems.span(offset(first), offset(first + 1));
    let message = format!("blocks and lists are nested more than {MAX_DEPTH} deep");
    problems.report(&LIMITS, message, |problem| {
        problem
            .label(place, format!("this one is number {}", MAX_DEPTH + 1))
            .label(first, "the first of them")
            .help("close a block or list before this one; no spec needs this many levels")
    });
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
