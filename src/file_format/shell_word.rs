//! Shell words: how a value is written so that a POSIX shell reads exactly that value.

/// A value as one word: as it is if that is plainly safe, else in single quotes.
///
/// Quoting protects against the shell, not against the program that gets the word: one that begins
/// with a dash is still an option to it.
pub fn word(value: &str) -> String {
    if !value.is_empty() && value.chars().all(plain) {
        return value.to_owned();
    }
    let mut out = String::with_capacity(value.len() + 2);
    out.push('\'');
    for c in value.chars() {
        match c {
            '\'' => out.push_str("'\\''"),
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}

/// Characters that are not special to any shell, anywhere in a word that is an argument.
fn plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_./:@%+=,-".contains(c)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_words_stay_plain_and_others_are_quoted() {
        assert_eq!(word("1.36.4"), "1.36.4");
        assert_eq!(
            word("/etc/pikc/a-b_c@d%e+f=g,h:i"),
            "/etc/pikc/a-b_c@d%e+f=g,h:i"
        );
        assert_eq!(word(""), "''");
        assert_eq!(word("it's"), r"'it'\''s'");
        assert_eq!(word("$(reboot)"), "'$(reboot)'");
        assert_eq!(word("~"), "'~'");
        assert_eq!(word("é"), "'é'");
    }

    /// What bash reads from words: one line each.
    fn evaluated(words: &[String]) -> String {
        let script = format!("printf '%s\\n' {}", words.join(" "));
        let output = Command::new("bash")
            .args(["--norc", "-c", &script])
            .output()
            .expect("bash runs");
        assert!(output.status.success(), "{script}");
        String::from_utf8(output.stdout).expect("bash returns what it got")
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// Many values for each process, because starting bash is slow.
        #[test]
        fn bash_reads_back_every_value(
            values in prop::collection::vec(
                prop_oneof!["\\PC{0,20}", "[ '\"\\\\$`!*?{}~#&;|<>()=\\[\\]a-]{0,12}"],
                1..40,
            )
        ) {
            let values: Vec<String> = values
                .into_iter()
                .map(|value| value.replace(crate::file_format::forbidden, ""))
                .collect();
            let words: Vec<String> = values.iter().map(|value| word(value)).collect();
            let expected: String = values.iter().map(|value| format!("{value}\n")).collect();
            prop_assert_eq!(evaluated(&words), expected);
        }
    }
}
