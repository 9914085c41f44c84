//! Strings: the characters that no value may contain, strings of one line, names of wireless networks.

use super::Bad;

/// The longest string of one line, in bytes.
const LINE: usize = 500;

/// What makes a string look different from what is read: marks that reverse the text direction, and
/// zero-width characters. A reviewer would not see what root runs ("Trojan Source", CVE-2021-42574). The
/// joiners U+200C and U+200D and the variation selectors are part of how some scripts and emoji are
/// written; only strings can contain them, every other type has its own short list of characters.
fn is_hidden(character: char) -> bool {
    // The last two of each plane are not characters (U+FFFE, U+FFFF ...): YAML parsers refuse a file that contains one.
    u32::from(character) & 0xFFFE == 0xFFFE
        || matches!(character,
        '\u{FDD0}'..='\u{FDEF}' | '\u{AD}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}'
        | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// Refuses invisible characters in a value of any type.
pub(super) fn visible(word: &str, several_lines: bool) -> Result<(), Bad> {
    let wrong = |c: char| c.is_control() && !(several_lines && c == '\n') || is_hidden(c);
    let Some((at, found)) = word.char_indices().find(|(_, c)| wrong(*c)) else {
        return Ok(());
    };
    let to = at + found.len_utf8();
    Err(if found == '\n' || found == '\r' {
        Bad::part(at, to, "contains a line break, but must be one line")
            .help("write it on one line, without `\\n`")
    } else if found.is_control() {
        Bad::part(
            at,
            to,
            "contains a control character, which no generated file may contain",
        )
        .help("remove the character")
    } else {
        Bad::part(
            at,
            to,
            format!(
                "contains U+{:04X}, which is invisible: a reviewer would not see what the machine reads",
                u32::from(found)
            ),
        )
        .help("remove the character")
    })
}

/// Any text on one line.
pub(super) fn line(word: &str) -> Result<String, Bad> {
    if word.trim().is_empty() {
        return Err(Bad::whole(word, "is blank"));
    }
    longest(word, LINE, "a string of one line")?;
    Ok(word.to_owned())
}

/// 1 to 32 bytes (IEEE 802.11, 9.4.2.2); a character beyond ASCII takes two to four of them.
pub(super) fn ssid(word: &str) -> Result<String, Bad> {
    if word.is_empty() {
        return Err(Bad::whole(
            word,
            "is empty, but the name of a wireless network has 1 to 32 bytes",
        )
        .help("write the name as the router shows it"));
    }
    longest(word, 32, "the name of a wireless network")?;
    Ok(word.to_owned())
}

/// Refuses a word that is longer than `most` bytes.
pub(super) fn longest(word: &str, most: usize, what: &str) -> Result<(), Bad> {
    if word.len() <= most {
        return Ok(());
    }
    let starts = word.char_indices().map(|(at, _)| at);
    let from = starts.take_while(|at| *at <= most).last().unwrap_or(0);
    let unit = if word.is_ascii() {
        "characters"
    } else {
        "bytes"
    };
    Err(Bad::part(
        from,
        word.len(),
        format!(
            "is too long for {what}: {} {unit}, at most {most} are allowed",
            word.len()
        ),
    )
    .help(format!("write at most {most} {unit}")))
}

/// The first character that a word may not contain.
pub(super) fn wrong_sign(word: &str, fine: impl Fn(char) -> bool) -> Option<(usize, usize, char)> {
    let (at, found) = word.char_indices().find(|(_, c)| !fine(*c))?;
    Some((at, at + found.len_utf8(), found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_contains_an_invisible_character() {
        for hidden in [
            "\u{202E}",
            "\u{2066}",
            "\u{200B}",
            "\u{FEFF}",
            "\u{AD}",
            "\u{E0041}",
            "\u{1b}",
            "\u{7f}",
            "\u{9b}",
        ] {
            let word = format!("é{hidden}b");
            let bad = visible(&word, true).expect_err("hidden");
            assert_eq!((bad.from, bad.to), (2, 2 + hidden.len()), "{word:?}");
        }
        assert!(visible("a\nb", false).is_err() && visible("a\nb", true).is_ok());
        assert!(visible("Café 日本 👨\u{200D}👩 ❤\u{FE0F}", false).is_ok());
    }

    #[test]
    fn a_network_has_a_name_of_1_to_32_bytes() {
        for fine in [
            "a",
            "the attic",
            "Café",
            "日本日本日本日本日本",
            &"x".repeat(32),
        ] {
            assert!(ssid(fine).is_ok(), "{fine:?}");
        }
        for (wrong, from) in [
            ("", 0),
            (&*"x".repeat(33), 32),
            (&*"é".repeat(17), 32),
            (&*"日".repeat(11), 30),
        ] {
            let bad = ssid(wrong).expect_err(wrong);
            assert_eq!((bad.from, bad.to), (from, wrong.len()), "{wrong:?}");
        }
    }

    #[test]
    fn a_line_is_not_blank_and_not_too_long() {
        assert!(line("two boards are on order").is_ok());
        assert!(line(" ").is_err() && line("").is_err() && line(&"x".repeat(501)).is_err());
    }
}
