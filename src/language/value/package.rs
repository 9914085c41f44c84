//! Names of packages, as apt and dnf have them.
//!
//! rpm's names consist of letters of both cases, digits, `.`, `_`, `+` and `-`; Debian Policy 5.6.1 allows no capital letter and no `_`, which
//! the check of each machine's system reports, because only there is it known which of both installs. A letter or digit comes first, and
//! there are at least two characters. Both programs have a grammar on top. apt (apt-get(8), "install"): a trailing `-` removes a package, a
//! trailing `+` installs one, `=` and `/` select a version, and a name with `.` or `+` that apt does not find is a pattern. dnf (dnf(8),
//! "Specifying Packages"): `*`, `?` and `[` are patterns, `@` is a group, `/` a file, and `:` an epoch. So a trailing `-` is refused here, although
//! Policy allows it (no package has such a name). `+` and `.` are accepted, because `g++` and `python3.13` are names, and the step that installs
//! with apt looks the exact name up in its index before it passes it on.

use super::Bad;
use super::text::{longest, wrong_sign};

pub(super) fn package(word: &str) -> Result<String, Bad> {
    let letter = |c: char| c.is_ascii_alphanumeric();
    let fine = |c: char| letter(c) || matches!(c, '+' | '-' | '.' | '_');
    let help = "the name of a package consists of letters, digits, `+`, `-`, `.` and `_`";
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
        let message = format!("is not the name of a package: it contains `{sign}`");
        return Err(Bad::part(from, to, message).help(help));
    }
    if !word.starts_with(letter) {
        let to = word.len().min(1);
        return Err(Bad::part(
            0,
            to,
            "is not the name of a package: it does not begin with a letter or a digit",
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
            "is not the name of a package: those have at least two characters",
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
    fn names_of_both_pass_and_operators_do_not() {
        for fine in [
            "g++",
            "vim",
            "libstdc++6",
            "python3.13",
            "0ad",
            "linux-image-rpi-v8",
            "NetworkManager-wifi",
            "perl-Test_More",
            "ImageMagick-c++",
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
            "@core",
            "_x",
            "vim[a]",
            "1:vim",
            "Vim-",
            &"a".repeat(101),
        ] {
            let bad = package(wrong).expect_err(wrong);
            assert!(
                bad.from <= bad.to && bad.to <= wrong.len(),
                "{wrong}: {bad:?}"
            );
        }
    }
}
