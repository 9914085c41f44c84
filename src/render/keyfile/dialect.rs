//! What the formats of keys and values have in common, and where they differ.

use std::fmt::Write as _;

use crate::render::text::forbidden;

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// NetworkManager's connections and settings: GLib's key files.
    NetworkManager,
    /// systemd's units, where `%` begins a specifier.
    SystemdUnit,
    /// systemd's settings (timesyncd.conf and the like), where it does not.
    SystemdSettings,
    /// apt's `.sources` and preferences: `Key: value` in stanzas.
    Deb822,
    /// dhcpcd.conf: a section is an interface, a key one of its static values.
    Dhcpcd,
    /// wpa_supplicant.conf: a section is a block in braces.
    WpaSupplicant,
    /// sysctl.d.
    Sysctl,
    /// TOML, as far as tables of plain values go.
    Toml,
    /// `key=value`, read up to the first `=` and taken as it is.
    Plain,
}

type Written = Result<String, &'static str>;

const CONTROL: &str = "it holds a control character";

impl Dialect {
    /// The line that begins a section; none where a section is only a gap.
    pub(super) fn section(self, name: &str) -> Result<Option<String>, &'static str> {
        if self == Self::Deb822 {
            return Ok(None);
        }
        if !is_section(name) {
            return Err("it is no word");
        }
        match self {
            Self::NetworkManager | Self::SystemdUnit | Self::SystemdSettings | Self::Toml => {
                Ok(Some(format!("[{name}]")))
            }
            Self::Dhcpcd => Ok(Some(format!("interface {name}"))),
            Self::WpaSupplicant => Ok(Some(format!("{name}={{"))),
            Self::Deb822 | Self::Sysctl | Self::Plain => Err("this format has no sections"),
        }
    }

    pub(super) fn closes_sections(self) -> bool {
        self == Self::WpaSupplicant
    }

    /// The whole line of a key, its value already written.
    pub(super) fn assignment(self, key: &str, value: &str) -> String {
        match self {
            Self::Deb822 => format!("{key}: {value}"),
            Self::Dhcpcd => format!("static {key}={value}"),
            Self::Sysctl | Self::Toml => format!("{key} = {value}"),
            _ => format!("{key}={value}"),
        }
    }

    /// One value, escaped.
    pub(super) fn value(self, value: &str) -> Written {
        if value.contains(forbidden) {
            return Err(CONTROL);
        }
        match self {
            Self::NetworkManager => Ok(glib(value, false)),
            Self::Toml => Ok(toml(value)),
            Self::SystemdUnit => trimmed(value)
                .and_then(unbroken)
                .map(|value| value.replace('%', "%%")),
            Self::SystemdSettings => trimmed(value).and_then(unbroken),
            Self::Deb822 if value.is_empty() => Err("it is empty"),
            Self::Deb822 | Self::Plain | Self::Sysctl => trimmed(value),
            Self::Dhcpcd | Self::WpaSupplicant => bare(value),
        }
    }

    /// Several values.
    pub(super) fn list(self, values: &[&str]) -> Written {
        if values.iter().any(|value| value.contains(forbidden)) {
            return Err(CONTROL);
        }
        match self {
            Self::NetworkManager => Ok(values
                .iter()
                .fold(String::new(), |out, value| out + &glib(value, true) + ";")),
            Self::Toml => {
                let items: Vec<String> = values.iter().map(|value| toml(value)).collect();
                Ok(format!("[{}]", items.join(", ")))
            }
            _ => {
                let breaks = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '\\');
                if values
                    .iter()
                    .any(|value| value.is_empty() || value.contains(breaks))
                {
                    return Err("an item of a list would come apart");
                }
                self.value(&values.join(" "))
            }
        }
    }

    /// The name of a Wi-Fi network: readable where it can be taken for nothing else, else its bytes.
    pub(super) fn ssid(self, ssid: &str) -> Written {
        let readable = !ssid.is_empty()
            && ssid.trim() == ssid
            && ssid.chars().all(|c| c.is_ascii_graphic() || c == ' ')
            && !ssid.contains([';', '\\', '"'])
            && !ssid.chars().all(|c| c.is_ascii_digit());
        match self {
            Self::NetworkManager if readable => Ok(ssid.to_owned()),
            Self::NetworkManager => Ok(ssid.bytes().fold(String::new(), |mut out, byte| {
                let _ = write!(out, "{byte};");
                out
            })),
            Self::WpaSupplicant if readable => Ok(format!("\"{ssid}\"")),
            Self::WpaSupplicant => Ok(ssid.bytes().fold(String::new(), |mut out, byte| {
                let _ = write!(out, "{byte:02x}");
                out
            })),
            _ => Err("this format has no Wi-Fi"),
        }
    }
}

/// Whether a word can be a key: no format needs more than this.
pub(super) fn is_key(key: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || "_-./*".contains(c);
    !key.is_empty() && key.chars().all(part)
}

fn is_section(name: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || " _-.:*".contains(c);
    !name.is_empty() && name.trim() == name && name.chars().all(part)
}

/// GLib: white space at either end, backslashes, and in lists the separator.
fn glib(value: &str, in_list: bool) -> String {
    let begin = value.len() - value.trim_start_matches(' ').len();
    let end = value.trim_end_matches(' ').len();
    let mut out = String::with_capacity(value.len());
    for (at, c) in value.char_indices() {
        match c {
            ' ' if at < begin || at >= end => out.push_str("\\s"),
            '\\' => out.push_str("\\\\"),
            ';' if in_list => out.push_str("\\;"),
            c => out.push(c),
        }
    }
    out
}

fn toml(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Formats that drop white space around a value.
fn trimmed(value: &str) -> Written {
    if value.trim() == value {
        Ok(value.to_owned())
    } else {
        Err("it begins or ends with white space")
    }
}

/// Formats where a backslash at the end joins the next line.
fn unbroken(value: String) -> Written {
    if value.ends_with('\\') {
        Err("it ends with a backslash")
    } else {
        Ok(value)
    }
}

/// Formats with quoting rules that none of our values needs: addresses, names, numbers, hexadecimal
/// keys.
fn bare(value: &str) -> Written {
    let part = |c: char| c.is_ascii_alphanumeric() || "_-./:,+@ ".contains(c);
    if value.chars().all(part) {
        trimmed(value)
    } else {
        Err("it holds more than letters, digits and _-./:,+@")
    }
}
