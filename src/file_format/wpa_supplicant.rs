//! `wpa_supplicant.conf`: the Wi-Fi networks that a machine joins. A name without quotes is read as hexadecimal digits, and any name
//! can be written that way; so is a key of 64 of them (hostap, wpa_supplicant/wpa_supplicant.conf).

use super::{Format, Writer, word};
use crate::origin::Origin;
use crate::value::Country;

/// The format.
#[derive(Clone, Debug)]
pub struct WpaSupplicant;

impl Format for WpaSupplicant {
    const NAME: &'static str = "wpa_supplicant.conf";
}

impl Writer<WpaSupplicant> {
    /// `country=JP`.
    pub fn country(&mut self, country: &Country, origins: impl IntoIterator<Item = Origin>) {
        let code = word::word(&country.0, "a country", "letters", |c| {
            c.is_ascii_alphabetic()
        });
        self.put(code.map(|code| format!("country={code}")), origins);
    }

    /// `ssid=686f6d65`.
    pub fn ssid(&mut self, ssid: &str, origins: impl IntoIterator<Item = Origin>) {
        let digits = word::ssid(ssid).map(|bytes| {
            let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("    ssid={digits}")
        });
        self.put(digits, origins);
    }

    /// `psk=...`.
    pub fn psk(&mut self, key: &str, origins: impl IntoIterator<Item = Origin>) {
        self.put(word::psk(key).map(|key| format!("    psk={key}")), origins);
    }
}
