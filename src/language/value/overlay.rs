//! Device tree overlays, as the firmware of a Raspberry Pi reads them in `config.txt`: `dtoverlay=NAME,PARAMETER=VALUE,...`.
//!
//! A name is that of a file `overlays/NAME.dtbo` on the boot partition. The firmware ignores an overlay that it does not find, and reads 98
//! characters of a line and no more (raspberrypi/documentation config_txt/what_is_config_txt.adoc), so a longer one would lose its end.

use super::Bad;
use super::text::{longest, wrong_sign};

/// What is left of a line of 98 characters after `dtoverlay=`.
const LONGEST: usize = 88;

const HELP: &str = "an overlay is NAME or NAME,PARAMETER=VALUE, as overlays/README on the boot partition lists them";

pub(super) fn overlay(word: &str) -> Result<String, Bad> {
    let fine = |c: char| c.is_ascii_alphanumeric() || "-_,=.:/+".contains(c);
    if let Some((from, to, sign)) = wrong_sign(word, fine) {
        let sign = sign.escape_debug();
        return Err(
            Bad::part(from, to, format!("is not an overlay: it contains `{sign}`")).help(HELP),
        );
    }
    let (name, parameters) = match word.split_once(',') {
        Some((name, parameters)) => (name, Some(parameters)),
        None => (word, None),
    };
    let letter = |c: char| c.is_ascii_alphanumeric();
    let named = |name: &str| {
        name.starts_with(letter) && name.chars().all(|c| letter(c) || "-_".contains(c))
    };
    if let Some(short) = name.strip_suffix(".dtbo").filter(|short| named(short)) {
        let bad = Bad::part(
            short.len(),
            name.len(),
            "is the name of a file; an overlay is named without `.dtbo`",
        );
        let meant = word.replacen(".dtbo", "", 1);
        return Err(bad.help(format!("write `{meant}`")).instead(meant));
    }
    if !named(name) {
        let bad = Bad::part(
            0,
            name.len(),
            "is not the name of an overlay (letters, digits, `-`, `_`; a letter or digit first)",
        );
        return Err(bad.help(HELP));
    }
    let mut at = name.len() + 1;
    for parameter in parameters.iter().flat_map(|all| all.split(',')) {
        let (key, value) = match parameter.split_once('=') {
            Some((key, value)) => (key, Some(value)),
            None => (parameter, None),
        };
        let empty = value.is_some_and(|value| value.is_empty() || value.contains('='));
        if !key.starts_with(letter) || !key.chars().all(|c| letter(c) || "-_.".contains(c)) || empty
        {
            let bad = Bad::part(
                at.min(word.len()),
                (at + parameter.len()).min(word.len()),
                "is not a parameter of an overlay (PARAMETER or PARAMETER=VALUE)",
            );
            return Err(bad.help(HELP));
        }
        at += parameter.len() + 1;
    }
    longest(word, LONGEST, "an overlay with its parameters")?;
    Ok(word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlays_of_the_firmware_pass_and_what_would_be_another_line_does_not() {
        for fine in [
            "disable-wifi",
            "gpio-fan,gpiopin=14,temp=60000",
            "i2c-rtc,ds3231,addr=0x68",
            "vc4-kms-v3d",
            "w1-gpio",
        ] {
            assert_eq!(overlay(fine).as_deref(), Ok(fine));
        }
        for wrong in [
            "",
            ",x",
            "a,",
            "a,,b",
            "a,b=",
            "a,b=c=d",
            "a,=b",
            "a b",
            "a\nb",
            "-a",
            "../a",
            "/a",
            "a#b",
            "[all]",
            &format!("a,b={}", "c".repeat(90)),
        ] {
            let bad = overlay(wrong).expect_err(wrong);
            assert!(
                bad.from <= bad.to && bad.to <= wrong.len(),
                "{wrong}: {bad:?}"
            );
        }
        let bad = overlay("i2c-rtc.dtbo,ds3231").expect_err("a file");
        assert_eq!(bad.instead.as_deref(), Some("i2c-rtc,ds3231"));
    }
}
