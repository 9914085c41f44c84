//! Accounts and groups of a machine.
//!
//! useradd(8) of shadow accepts names that other programs do not: with capitals, dots (sudo skips a file whose name
//! contains one), a `$` at the end. useradd, adduser (`NAME_REGEX`), systemd (`valid_user_group_name`, strict) and sudo
//! all accept what useradd(8) recommends: `[a-z_][a-z0-9_-]*`, up to 32. Names that begin with `_` are reserved for
//! the system's own accounts (Debian Policy 9.2.1).

use super::Bad;
use super::text::{longest, wrong_sign};

/// Words of sudoers(5) that sudo does not read as an account.
const SUDO: &[&str] = &[
    "ALL",
    "Defaults",
    "Cmnd_Alias",
    "Cmd_Alias",
    "Host_Alias",
    "Runas_Alias",
    "User_Alias",
];

pub(super) fn account(word: &str) -> Result<String, Bad> {
    if SUDO.contains(&word) {
        return Err(Bad::whole(
            word,
            "is a keyword of sudo: in a sudoers file it does not mean one account",
        )
        .help("choose another name for the account"));
    }
    if word.starts_with('_') {
        return Err(Bad::part(
            0,
            1,
            "is not a user's account: names that begin with `_` belong to the system",
        )
        .help("begin with a lowercase letter"));
    }
    name(word, "account")
}

pub(super) fn group(word: &str) -> Result<String, Bad> {
    name(word, "group")
}

fn name(word: &str, what: &str) -> Result<String, Bad> {
    let first = |c: char| c.is_ascii_lowercase() || c == '_';
    let fine = |c: char| first(c) || c.is_ascii_digit() || c == '-';
    let help = format!("the name of an {what} consists of lowercase letters, digits, `_` and `-`")
        .replace("an group", "a group");
    if word.is_empty() {
        return Err(Bad::whole(word, "is empty").help(help));
    }
    let bad = if let Some((from, to, sign)) = wrong_sign(word, fine) {
        let sign = sign.escape_debug();
        Bad::part(
            from,
            to,
            format!("cannot be the name of the {what}: it contains `{sign}`"),
        )
    } else if !word.starts_with(first) {
        Bad::part(
            0,
            1,
            format!("cannot be the name of the {what}: it does not begin with a letter"),
        )
    } else {
        longest(word, 32, &format!("the name of the {what}"))?;
        return Ok(word.to_owned());
    };
    let meant = word.to_ascii_lowercase().replace(['.', ' '], "-");
    let sound = meant.starts_with(first) && meant.chars().all(fine) && meant.len() <= 32;
    Err(match sound {
        true => bad.help(format!("write `{meant}`")).instead(meant),
        false => bad.help(help),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_one_that_every_program_accepts() {
        let long = "a".repeat(33);
        for fine in ["pi", "ops-2", "a_b", &long[1..]] {
            assert!(account(fine).is_ok(), "{fine}");
            assert!(group(fine).is_ok(), "{fine}");
        }
        for wrong in [
            "",
            "ALL",
            "Defaults",
            "1",
            "1a",
            "Pi",
            "a.b",
            "a b",
            "a:b",
            "-a",
            "a$",
            "é",
            "_apt",
            "a\u{202e}b",
            &long,
        ] {
            let bad = account(wrong).expect_err(wrong);
            assert!(bad.to <= wrong.len(), "{wrong}: {bad:?}");
        }
        assert!(group("_ssh").is_ok());
        assert_eq!(
            account("Pi").expect_err("a capital").instead.as_deref(),
            Some("pi")
        );
        assert_eq!(
            account("a.b").expect_err("a dot").instead.as_deref(),
            Some("a-b")
        );
    }
}
