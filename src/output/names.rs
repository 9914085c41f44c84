//! Many names of machines in few words, and back: `node01..node40, office`.

use crate::model::{following, joined};

/// The names with runs of them shortened; only names that [`expanded`] returns are.
pub fn shortened<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    joined(names, "..")
}

/// No cluster has more machines: a text from elsewhere must not fill the memory.
const MOST: usize = 100_000;

/// The names that [`shortened`] made this text from. A text that it did not make gives some names, and does no harm.
pub fn expanded(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for run in text.split(", ").filter(|run| !run.is_empty()) {
        let (first, last) = run.split_once("..").unwrap_or((run, run));
        let mut name = first.to_owned();
        while name != last && names.len() < MOST {
            let Some(next) = following(&name) else {
                break;
            };
            names.push(std::mem::replace(&mut name, next));
        }
        names.push(name);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        for (names, text) in [
            (
                vec!["n1", "n2", "n3", "m", "n9", "n10"],
                "n1..n3, m, n9..n10",
            ),
            (vec!["r1-01", "r1-02", "r2-01"], "r1-01..r1-02, r2-01"),
            (vec!["n09", "n010"], "n09, n010"),
            (vec!["a", "b"], "a, b"),
            (vec!["x99999999999999999999999"], "x99999999999999999999999"),
            (vec![], ""),
        ] {
            assert_eq!(shortened(names.iter().copied()), text);
            assert_eq!(expanded(text), names);
        }
    }

    #[test]
    fn a_text_from_elsewhere_does_no_harm() {
        assert_eq!(expanded("n1..n99999999999").len(), MOST + 1);
        assert!(expanded("a..b, ..., n5..n3").len() <= MOST + 9);
        assert_eq!(
            expanded("n18446744073709551615..x"),
            ["n18446744073709551615"]
        );
    }
}
