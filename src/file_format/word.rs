//! What several formats have in common: one line of text, single words, names of network devices, and
//! values whose type has no text that a format could misread.

use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::Unfit;
use crate::value::Mac;

/// Whether no generated text may hold this character: control characters, and those that make text
/// look different from what is read (line and paragraph separators, the bidirectional marks and overrides). A
/// newline and a tab count too: a writer that can hold them declares so itself.
pub fn forbidden(c: char) -> bool {
    // The last two of each plane are not characters (U+FFFE, U+FFFF ...): YAML's readers refuse a file that contains one.
    c.is_control()
        || u32::from(c) & 0xFFFE == 0xFFFE
        || matches!(c, '\u{fdd0}'..='\u{fdef}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Where in a text of several lines the first character is that no generated text may hold, if there is one; characters in
/// `allowed`, and newlines, may occur all the same.
pub fn first_forbidden(text: &str, allowed: &[char]) -> Option<usize> {
    // Almost all text is this, so few characters are looked up.
    let plain = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n');
    let mut at = 0;
    while let Some(more) = text.as_bytes()[at..].iter().position(|byte| !plain(byte)) {
        at += more;
        let c = text[at..].chars().next()?;
        if forbidden(c) && !allowed.contains(&c) {
            return Some(at);
        }
        at += c.len_utf8();
    }
    None
}

/// Text for people, reduced to one line: every character that no generated text may hold becomes a space.
pub fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if forbidden(c) { ' ' } else { c })
        .collect()
}

/// Values whose text is letters, digits and the signs of their own kind, so that they can be in any format
/// as they are.
pub trait Plain: Display {}

macro_rules! plain {
    ($($ty:ty),+ $(,)?) => { $(impl Plain for $ty {})+ };
}

plain!(
    bool, i64, u16, u64, IpAddr, Ipv4Addr, Ipv6Addr, IpNet, Ipv4Net, Ipv6Net
);

impl<T: Plain> Plain for &T {}

/// The character, for a report: an invisible one by its name or number.
fn shown(c: char) -> String {
    match c {
        '\n' | '\r' => "a line break".to_owned(),
        '\t' => "a tab".to_owned(),
        ' ' => "a space".to_owned(),
        c if forbidden(c) => format!("a control character (U+{:04X})", u32::from(c)),
        c => format!("`{c}`"),
    }
}

/// Text that is one line.
pub fn line(text: &str) -> Result<&str, Unfit> {
    // Almost all text is this, so few characters are looked up.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Ok(text);
    }
    match text.chars().find(|c| forbidden(*c)) {
        None => Ok(text),
        Some(c) => Err(Unfit::new(format!(
            "holds {}, and the value is one line of text",
            shown(c)
        ))),
    }
}

/// A key of a YAML or JSON document. YAML readers do not accept keys that are longer than 1024 bytes on paper.
pub fn key(text: &str) -> Result<&str, Unfit> {
    const LONGEST: usize = 500;
    line(text)?;
    match text.chars().count() {
        0..=LONGEST => Ok(text),
        more => Err(Unfit::new(format!(
            "has {more} characters, and a key has at most {LONGEST}"
        ))),
    }
}

/// A word of characters that `allowed` accepts. `what` is "a name of a host", `of` what it consists of.
pub(super) fn word<'t>(
    text: &'t str,
    what: &str,
    of: &str,
    allowed: impl Fn(char) -> bool,
) -> Result<&'t str, Unfit> {
    if text.is_empty() {
        return Err(Unfit::new(format!("is empty, but {what} is expected")));
    }
    match text.chars().find(|c| !allowed(*c)) {
        None => Ok(text),
        Some(c) => Err(Unfit::new(format!(
            "holds {}, and {what} consists of {of}",
            shown(c)
        ))),
    }
}

/// A word of printing ASCII without spaces, and without the signs in `but`.
pub(super) fn graphic<'t>(text: &'t str, what: &str, but: &str) -> Result<&'t str, Unfit> {
    let of = "printing ASCII characters";
    let of = match but.is_empty() {
        true => of.to_owned(),
        false => format!("{of} other than {but}"),
    };
    word(text, what, &of, |c| {
        c.is_ascii_graphic() && !but.contains(c)
    })
}

/// A name or an address of a machine.
pub(super) fn host(text: &str) -> Result<&str, Unfit> {
    word(
        text,
        "a host's name or address",
        "letters, digits, `.`, `-`, `_` and `:`",
        |c| c.is_ascii_alphanumeric() || ".-_:".contains(c),
    )
    .and_then(|text| match text.starts_with('-') {
        true => Err(Unfit::new("begins with a dash, and a host's name does not")),
        false => Ok(text),
    })
}

/// A name of a network device, as the kernel accepts it (net/core/dev.c, `dev_valid_name`) and no format
/// here misreads it.
pub fn device(text: &str) -> Result<&str, Unfit> {
    device_of(text, "a name of a network interface", ".-_@")
}

/// As [`device`], without `@`, which begins a condition in keepalived's configuration.
pub(super) fn device_without_at(text: &str) -> Result<&str, Unfit> {
    device_of(text, "a name of a network interface", ".-_")
}

/// As [`device`], with `*` for any characters.
pub(super) fn device_pattern(text: &str) -> Result<&str, Unfit> {
    device_of(text, "a name of network interfaces", ".-_@*")
}

fn device_of<'t>(text: &'t str, what: &str, signs: &str) -> Result<&'t str, Unfit> {
    let signs_shown: Vec<String> = signs.chars().map(|c| format!("`{c}`")).collect();
    let of = format!("letters, digits and {}", signs_shown.join(" "));
    word(text, what, &of, |c| {
        c.is_ascii_alphanumeric() || signs.contains(c)
    })?;
    if text.len() > 15 {
        return Err(Unfit::new(format!(
            "has {} characters, and {what} has at most 15",
            text.len()
        )));
    }
    if text == "." || text == ".." || text.starts_with('-') {
        return Err(Unfit::new(format!("is not {what}")));
    }
    Ok(text)
}

/// The name of a kernel module or driver.
pub fn module(text: &str) -> Result<&str, Unfit> {
    word(
        text,
        "a name of a kernel module",
        "letters, digits, `_`, `-` and `.`",
        |c| c.is_ascii_alphanumeric() || "_-.".contains(c),
    )
    .and_then(|text| match text.starts_with(['-', '.']) {
        true => Err(Unfit::new(
            "begins with a sign, and a kernel module's name does not",
        )),
        false => Ok(text),
    })
}

/// A MAC address.
pub(super) fn mac(mac: &Mac) -> Result<&str, Unfit> {
    word(
        &mac.0,
        "an Ethernet address",
        "hexadecimal digits and `:`",
        |c| c.is_ascii_hexdigit() || c == ':',
    )
}

/// The name of a Wi-Fi network: bytes of any kind, but 1 to 32 of them (IEEE 802.11-2020, 9.4.2.2).
pub fn ssid(text: &str) -> Result<&[u8], Unfit> {
    match text.len() {
        1..=32 => Ok(text.as_bytes()),
        0 => Err(Unfit::new("is empty, and an SSID has 1 to 32 bytes")),
        more => Err(Unfit::new(format!(
            "has {more} bytes, and an SSID has 1 to 32"
        ))),
    }
}

/// The key of a Wi-Fi network: 64 hexadecimal digits. What is wrong is reported without quoting any of it.
pub(super) fn psk(text: &str) -> Result<&str, Unfit> {
    match text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        true => Ok(text),
        false => Err(Unfit::new(
            "is not the key of a Wi-Fi network: 64 hexadecimal digits",
        )),
    }
}

/// An absolute path that is one word.
pub(super) fn path<'t>(text: &'t str, but: &str) -> Result<&'t str, Unfit> {
    graphic(text, "a path", but)?;
    match text.starts_with('/') && !text.split('/').any(|part| part == "..") {
        true => Ok(text),
        false => Err(Unfit::new("is not an absolute path without `..`")),
    }
}

/// A device: a path below `/dev` whose characters mean nothing to a shell, to systemd (`%` begins a specifier) or to `lsblk`.
pub fn device_path(text: &str) -> Result<&str, Unfit> {
    plain_path(
        text,
        "a device",
        "letters, digits and `/._-+@:=`",
        "/._-+@:=",
    )?;
    match text.starts_with("/dev/") && !text.ends_with('/') {
        true => Ok(text),
        false => Err(Unfit::new("is not a path below /dev")),
    }
}

/// A folder that something is mounted on: an absolute path in its shortest form.
pub fn folder(text: &str) -> Result<&str, Unfit> {
    plain_path(text, "such a folder", "letters, digits and `/._-`", "/._-")?;
    match text == "/" || text.ends_with('/') {
        true => Err(Unfit::new("ends with `/`")),
        false => Ok(text),
    }
}

fn plain_path<'t>(text: &'t str, what: &str, of: &str, signs: &str) -> Result<&'t str, Unfit> {
    word(text, what, of, |c| {
        c.is_ascii_alphanumeric() || signs.contains(c)
    })?;
    if !text.starts_with('/') {
        return Err(Unfit::new("is not an absolute path"));
    }
    let mut parts = text[1..].split('/');
    match parts.any(|part| part == "." || part == "..") || text.contains("//") {
        true => Err(Unfit::new("leads through `.`, `..` or `//`")),
        false => Ok(text),
    }
}

/// Several words with a space between them.
pub(super) fn words<'t>(
    list: &[&'t str],
    word: impl Fn(&'t str) -> Result<&'t str, Unfit>,
) -> Result<String, Unfit> {
    let fit: Result<Vec<&str>, Unfit> = list.iter().map(|text| word(text)).collect();
    Ok(fit?.join(" "))
}
