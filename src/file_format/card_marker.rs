//! The file on a card that says whose it is, for people and for the next run: one sentence.

use super::one_line;

/// The file for this owner: "node02 of the cluster home".
pub fn text(owner: &str) -> String {
    format!("This card is for {}; pikc prepared it.\n", one_line(owner))
}

/// The owner of the card according to a file.
pub fn owner(text: &str) -> Option<&str> {
    let (owner, _) = text.strip_prefix("This card is for ")?.split_once(';')?;
    Some(owner)
}
