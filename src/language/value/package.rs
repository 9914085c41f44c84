//! Names of Debian packages.
//!
//! Debian Policy 5.6.1: lowercase letters, digits, `+`, `-`, `.`; at least two characters, a letter or digit first. apt
//! has its own grammar on top (apt-get(8), "install"): a trailing `-` removes a package, a trailing `+` installs one, `=`
//! and `/` select a version, and a name with `.` or `+` that apt does not find is a pattern. So a trailing `-` is refused
//! here, although Policy allows it (no Debian package has such a name). `+` and `.` are accepted, because `g++` and
//! `python3.13` are names, and the step that installs looks the exact name up in apt's index before it passes it on.

use super::Bad;
use super::text::{longest, wrong_sign};

pub(super) fn package(word: &str) -> Result<String, Bad> {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let fine = |c: char| letter(c) || matches!(c, '+' | '-' | '.');
    let help = "the name of a package consists of lowercase letters, digits, `+`, `-` and `.`";
    if let Some((from, to, sign)) = wrong_sign(word, fine) {
        if let '=' | '/' | ':' = sign
            && package(&word[..from]).is_ok()
        {
            return Err(Bad::part(
                from,
                word.len(),
                "selects a version, a release or an architecture, but must be only the name of the package",
            )
            .help(format!("write `{}`", &word[..from])));
        }
        let sign = sign.escape_debug();
        let bad = Bad::part(
            from,
            to,
            format!("is not a Debian package: it contains `{sign}`"),
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
            "is not a Debian package: it does not begin with a letter or a digit",
        )
        .help(help));
    }
    if word.ends_with('-') {
        let name = word.trim_end_matches('-');
        return Err(Bad::part(
            name.len(),
            word.len(),
            "ends in `-`, which tells apt to remove the package",
        )
        .help(format!(
            "write `{name}` to install it; pikc does not remove packages"
        )));
    }
    if word.len() < 2 {
        return Err(Bad::whole(
            word,
            "is not a Debian package: their names have at least two characters",
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
    fn debian_names_pass_and_apt_operators_do_not() {
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
