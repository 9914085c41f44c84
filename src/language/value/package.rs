//! Packages of Debian's kind.
//!
//! Debian Policy 5.6.1: small letters, digits, `+`, `-`, `.`; at least two of them, a letter or digit first. apt has a
//! grammar of its own on top (apt-get(8), "install"): a last `-` removes a package, a last `+` installs one, `=` and `/`
//! choose a version, and a name with `.` or `+` that it does not find is a pattern. So a last `-` is refused here,
//! though Policy would take it (no package of Debian has such a name), `+` and `.` are taken, because `g++` and
//! `python3.13` are names, and the step that installs asks apt's index for the very name before it hands it on.

use super::Bad;
use super::text::{longest, wrong_sign};

pub(super) fn package(word: &str) -> Result<String, Bad> {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let fine = |c: char| letter(c) || matches!(c, '+' | '-' | '.');
    let help = "small letters, digits, `+`, `-` and `.` make the name of a package";
    if let Some((from, to, sign)) = wrong_sign(word, fine) {
        if let '=' | '/' | ':' = sign
            && package(&word[..from]).is_ok()
        {
            return Err(Bad::part(
                from,
                word.len(),
                "chooses a version, a release or an architecture, and only the package is named here",
            )
            .help(format!("write `{}`", &word[..from])));
        }
        let sign = sign.escape_debug();
        let bad = Bad::part(
            from,
            to,
            format!("is no package of Debian's: `{sign}` may not stand in it"),
        );
        let meant = word.to_ascii_lowercase().replace('_', "-");
        let sound = meant != word && package(&meant).is_ok();
        return Err(match sound {
            true => bad.help(format!("write `{meant}`")).instead(meant),
            false => bad.help(help),
        });
    }
    if !word.starts_with(letter) {
        let to = word.len().min(1);
        return Err(Bad::part(
            0,
            to,
            "is no package of Debian's: it begins with no letter or digit",
        )
        .help(help));
    }
    if word.ends_with('-') {
        let name = word.trim_end_matches('-');
        return Err(Bad::part(
            name.len(),
            word.len(),
            "ends in `-`, by which apt is told to remove a package",
        )
        .help(format!("write `{name}` to install it; pikc removes none")));
    }
    if word.len() < 2 {
        return Err(Bad::whole(
            word,
            "is no package of Debian's: they have two signs or more",
        )
        .help(help));
    }
    longest(word, 100, "the name of a package")?;
    Ok(word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debians_names_pass_and_apts_orders_do_not() {
        for fine in [
            "g++",
            "vim",
            "libstdc++6",
            "python3.13",
            "0ad",
            "linux-image-rpi-v8",
        ] {
            assert!(package(fine).is_ok(), "{fine}");
        }
        for wrong in [
            "",
            "a",
            "openssh-server-",
            "vim=2",
            "vim/trixie",
            "vim:armhf",
            "vim^",
            "vim*",
            "?name(x)",
            "~nvim",
            "-y",
            "--allow",
            "+x",
            ".x",
            "a b",
            "$(id)",
            "../x.deb",
            "é1",
            &"a".repeat(101),
        ] {
            let bad = package(wrong).expect_err(wrong);
            assert!(
                bad.from <= bad.to && bad.to <= wrong.len(),
                "{wrong}: {bad:?}"
            );
        }
        assert_eq!(
            package("Vim_x").expect_err("a capital").instead.as_deref(),
            Some("vim-x")
        );
    }
}
