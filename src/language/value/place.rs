//! The locale of a machine: country, time zone, keyboard, language.

use serde::{Deserialize, Serialize};

use super::Bad;
use super::text::{longest, wrong_sign};

/// An ISO 3166-1 code, two capital letters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Country(pub String);

/// The areas in the time zone database.
const AREAS: [&str; 16] = [
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Brazil",
    "Canada",
    "Chile",
    "Etc",
    "Europe",
    "Indian",
    "Mexico",
    "Pacific",
    "US",
];

/// Its one-word names.
const WORDS: [&str; 45] = [
    "CET",
    "CST6CDT",
    "Cuba",
    "EET",
    "EST",
    "EST5EDT",
    "Egypt",
    "Eire",
    "Factory",
    "GB",
    "GB-Eire",
    "GMT",
    "GMT+0",
    "GMT-0",
    "GMT0",
    "Greenwich",
    "HST",
    "Hongkong",
    "Iceland",
    "Iran",
    "Israel",
    "Jamaica",
    "Japan",
    "Kwajalein",
    "Libya",
    "MET",
    "MST",
    "MST7MDT",
    "NZ",
    "NZ-CHAT",
    "Navajo",
    "PRC",
    "PST8PDT",
    "Poland",
    "Portugal",
    "ROC",
    "ROK",
    "Singapore",
    "Turkey",
    "UCT",
    "UTC",
    "Universal",
    "W-SU",
    "WET",
    "Zulu",
];

/// A name from the time zone database, such as `Asia/Tokyo`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Timezone(pub String);

pub(super) fn country(word: &str) -> Result<Country, Bad> {
    if word.len() == 2 && word.bytes().all(|b| b.is_ascii_uppercase()) {
        return Ok(Country(word.to_owned()));
    }
    let bad = Bad::whole(
        word,
        "is not a country code: it must be two capital letters (ISO 3166-1)",
    );
    let upper = word.to_ascii_uppercase();
    Err(
        if upper.len() == 2 && upper.bytes().all(|b| b.is_ascii_uppercase()) {
            bad.help(format!("write `{upper}`")).instead(upper)
        } else {
            bad.help("write `JP`, `DE`, `US`, ...")
        },
    )
}

/// Short names of time zones that the database does not have, and what is meant by each. Those with several meanings are left out.
const SHORT: &[(&str, &str)] = &[
    ("AEST", "Australia/Sydney"),
    ("CEST", "Europe/Berlin"),
    ("EEST", "Europe/Helsinki"),
    ("HKT", "Asia/Hong_Kong"),
    ("JST", "Asia/Tokyo"),
    ("KST", "Asia/Seoul"),
    ("MSK", "Europe/Moscow"),
    ("NZST", "Pacific/Auckland"),
    ("PDT", "America/Los_Angeles"),
    ("PST", "America/Los_Angeles"),
    ("SGT", "Asia/Singapore"),
    ("WIB", "Asia/Jakarta"),
];

/// Names of time zones: those that a short name stands for, then the one-word names. The places of the areas are not listed.
pub fn timezones() -> impl Iterator<Item = &'static str> {
    let places = SHORT.iter().map(|(_, name)| *name);
    places.chain(WORDS)
}

/// A name from the time zone database (IANA, 2025b: `zone1970.tab` and `backward`): an area and a place in it, or one of the few
/// one-word names. The places of an area change from year to year, so any place is accepted.
pub(super) fn timezone(word: &str) -> Result<Timezone, Bad> {
    let help = "write a name from the time zone database: `Asia/Tokyo`, `Europe/Berlin`, `UTC`";
    let is_place = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+'))
    };
    let Some((area, places)) = word.split_once('/') else {
        return match WORDS.contains(&word) {
            true => Ok(Timezone(word.to_owned())),
            false => Err(match SHORT.iter().find(|(short, _)| *short == word) {
                Some((_, name)) => Bad::whole(word, "is not the name of a time zone")
                    .help(format!("write `{name}`"))
                    .instead((*name).to_owned()),
                None => Bad::whole(word, "is not a time zone").help(help),
            }),
        };
    };
    if !AREAS.contains(&area) {
        return Err(
            Bad::part(0, area.len(), "is not a time zone: there is no such area").help(help),
        );
    }
    // The longest name in the database has 32 characters.
    if places.split('/').count() > 2 || !places.split('/').all(is_place) || word.len() > 64 {
        return Err(Bad::part(
            area.len() + 1,
            word.len(),
            "is not a time zone: this is not a place",
        )
        .help(help));
    }
    Ok(Timezone(word.to_owned()))
}

/// What goes into XKBLAYOUT of keyboard(5): layouts as XKB names them, each with or without a variant in parentheses, separated
/// by commas. A shell reads that file, as root.
pub(super) fn keyboard(word: &str) -> Result<String, Bad> {
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let help = "write a layout as X names it: `jp`, `de`, `us(intl)`, `us,ru`";
    if let Some((from, to, sign)) = wrong_sign(word, |c| letter(c) || matches!(c, ',' | '(' | ')'))
    {
        let sign = sign.escape_debug();
        return Err(Bad::part(
            from,
            to,
            format!("is not a keyboard layout: it contains `{sign}`"),
        )
        .help(help));
    }
    let name = |name: &str| !name.is_empty() && name.chars().all(letter);
    let mut at = 0;
    for (number, layout) in word.split(',').enumerate() {
        let bad = |why: &str| {
            let to = (at + layout.len()).max(at + 1).min(word.len());
            Err(Bad::part(at, to, format!("is not a keyboard layout: {why}")).help(help))
        };
        let (first, variant) = match layout.split_once('(') {
            Some((first, rest)) => (first, rest.strip_suffix(')')),
            None => (layout, Some("basic")),
        };
        if !name(first) || !first.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return bad("its name must begin with a letter or a digit");
        }
        if !variant.is_some_and(name) {
            return bad("a variant must be in parentheses, after the name");
        }
        if number == 4 {
            return bad("XKB allows at most four");
        }
        at += layout.len() + 1;
    }
    longest(word, 100, "a keyboard layout")?;
    Ok(word.to_owned())
}

/// `language[_TERRITORY][.UTF-8][@modifier]`, or `C` and the like (locale(7) of glibc). The step that generates the locale does
/// so in UTF-8, so pikc accepts no other encoding.
pub(super) fn locale(word: &str) -> Result<String, Bad> {
    let help = "write a name as `locale -a` lists it: `C.UTF-8`, `en_GB.UTF-8`, `de_DE@euro`";
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '@');
    if let Some((from, to, sign)) = wrong_sign(word, fine) {
        let sign = sign.escape_debug();
        return Err(
            Bad::part(from, to, format!("is not a locale: it contains `{sign}`")).help(help),
        );
    }
    let (front, modifier) = match word.split_once('@') {
        Some((front, modifier)) => (front, Some(modifier)),
        None => (word, None),
    };
    let (place, encoding) = match front.split_once('.') {
        Some((place, encoding)) => (place, Some(encoding)),
        None => (front, None),
    };
    let small =
        |text: &str| (2..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase());
    let large = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase());
    let known = match place.split_once('_') {
        Some((language, territory)) => small(language) && large(territory),
        None => matches!(place, "C" | "POSIX") || small(place),
    };
    if !known {
        return Err(Bad::part(
            0,
            place.len(),
            "is not a locale: it does not begin with a language such as `en_GB`",
        )
        .help(help));
    }
    if let Some(encoding) = encoding.filter(|encoding| *encoding != "UTF-8") {
        let from = place.len() + 1;
        let bad = Bad::part(from, from + encoding.len(), "is not a UTF-8 locale");
        let plain = matches!(encoding.to_ascii_lowercase().as_str(), "utf8" | "utf-8");
        let meant = format!("{place}.UTF-8{}", &word[front.len()..]);
        let bad = bad.help(format!("write `{meant}`"));
        return Err(if plain { bad.instead(meant) } else { bad });
    }
    let sound = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric());
    if modifier.is_some_and(|modifier| !sound(modifier)) {
        return Err(Bad::part(
            front.len(),
            word.len(),
            "is not a locale: only letters and digits can follow the `@`",
        )
        .help(help));
    }
    longest(word, 64, "a locale")?;
    Ok(word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_zone_is_in_the_database() {
        for good in [
            "Asia/Tokyo",
            "America/Argentina/Buenos_Aires",
            "Etc/GMT+5",
            "UTC",
            "GB-Eire",
        ] {
            assert!(timezone(good).is_ok(), "{good}");
        }
        for bad in [
            "JST",
            "NaN",
            "Asia",
            "Asia/",
            "asia/Tokyo",
            "Mars/Base",
            "Asia/../etc",
            "US/a/b/c",
            "null",
            "",
        ] {
            assert!(timezone(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_layout_is_not_shell_code() {
        for fine in [
            "jp",
            "us,de",
            "de(nodeadkeys),us",
            "us(alt-intl)",
            "cz_qwerty",
        ] {
            assert!(keyboard(fine).is_ok(), "{fine}");
        }
        for wrong in [
            "",
            "$(touch /tmp/x)",
            "jp\"",
            "`id`",
            "a b",
            "jp,",
            "(x)",
            "us(",
            "us(a",
            "us()",
            "us(a)b",
            "-x",
            "a,b,c,d,e",
            "é",
        ] {
            let bad = keyboard(wrong).expect_err(wrong);
            assert!(
                bad.from <= bad.to && bad.to <= wrong.len(),
                "{wrong}: {bad:?}"
            );
        }
    }

    #[test]
    fn a_locale_is_utf_8() {
        for fine in [
            "C.UTF-8",
            "C",
            "POSIX",
            "en_GB.UTF-8",
            "de_DE@euro",
            "ja_JP",
            "eo",
            "ca_ES.UTF-8@valencia",
            "hsb_DE.UTF-8",
        ] {
            assert!(locale(fine).is_ok(), "{fine}: {:?}", locale(fine));
        }
        for wrong in [
            "",
            "en_GB.",
            "en_gb.UTF-8",
            "../x",
            "$(id)",
            "en_GB.ISO-8859-1",
            "de_DE@",
            "en_GB.UTF-8 x",
            "english",
        ] {
            let bad = locale(wrong).expect_err(wrong);
            assert!(
                bad.from <= bad.to && bad.to <= wrong.len(),
                "{wrong}: {bad:?}"
            );
        }
        assert_eq!(
            locale("ja_JP.utf8").expect_err("").instead.as_deref(),
            Some("ja_JP.UTF-8")
        );
    }
}
