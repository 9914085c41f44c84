//! The kernel command line: one line of words, some of which pikc manages. The same rules as in
//! the step `20-boot-cmdline`: never the whole file, each word once, one line.

use crate::file_format::command_line::Word;

/// What is to be done about the words of a command line.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    /// Words that it must have.
    pub wanted: &'a [Word],
    /// Words that it must not have.
    pub unwanted: &'a [String],
    /// Beginnings of words that occur once: any other word that begins like that is removed.
    pub once: &'a [String],
}

impl Words<'_> {
    /// The command line as it should be, and what was added and removed, in words.
    pub(super) fn patch(&self, before: &str) -> (String, String) {
        let mut words: Vec<&str> = Vec::new();
        let mut gone: Vec<&str> = Vec::new();
        for word in before.split_whitespace() {
            let wanted = self.wanted.iter().any(|one| one.as_str() == word);
            let replaced = !wanted && self.once.iter().any(|one| word.starts_with(one.as_str()));
            if replaced || self.unwanted.iter().any(|one| one == word) {
                gone.push(word);
            } else if !(wanted && words.contains(&word)) {
                words.push(word);
            }
        }
        let mut come: Vec<&str> = Vec::new();
        for word in self.wanted {
            if !words.contains(&word.as_str()) {
                words.push(word.as_str());
                come.push(word.as_str());
            }
        }
        let said = |sign: &str, list: &[&str]| -> String {
            list.iter()
                .map(|word| format!(" {sign}{}", super::visible(word)))
                .collect()
        };
        let line = words.join(" ") + "\n";
        let note = format!("{}{}", said("+", &come), said("-", &gone));
        (line, note)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(list: &[&str]) -> Vec<String> {
        list.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn only_what_is_pikcs_changes_and_a_second_time_nothing() {
        let (wanted, unwanted, once) = (
            ["cgroup_enable=memory", "cfg80211.ieee80211_regdom=JP"]
                .map(|word| Word::new(word).expect("a word")),
            words(&["cgroup_disable=memory"]),
            words(&["cfg80211.ieee80211_regdom="]),
        );
        let rules = Words {
            wanted: &wanted,
            unwanted: &unwanted,
            once: &once,
        };
        let before = "console=tty1 root=PARTUUID=1-02 cgroup_disable=memory quiet quiet\r\n\
                      cfg80211.ieee80211_regdom=GB cgroup_enable=memory cgroup_enable=memory\n\n";
        let (line, note) = rules.patch(before);
        assert_eq!(
            line,
            "console=tty1 root=PARTUUID=1-02 quiet quiet cgroup_enable=memory cfg80211.ieee80211_regdom=JP\n"
        );
        assert_eq!(
            note,
            " +cfg80211.ieee80211_regdom=JP -cgroup_disable=memory -cfg80211.ieee80211_regdom=GB"
        );
        assert_eq!(rules.patch(&line), (line.clone(), String::new()));
    }
}
