//! NetworkManager's files: keyfiles of connections and its own configuration, both in the format of GLib's key files.
//!
//! GLib strips spaces before a value and has the escapes `\s \n \t \r \\` (g_key_file_get_string); lists have `;` between their
//! items. NetworkManager reads an SSID as text, or as a list of bytes, `104;105;`, if the whole value is such a list
//! (nm-settings-keyfile(5)). A match may begin with `!`, `&` or `|` and contain globs.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{Format, Plain, Unfit, Writer, word};
use crate::origin::Origin;
use crate::value::Mac;

/// The format.
#[derive(Clone, Debug)]
pub struct Keyfile;

impl Format for Keyfile {
    const NAME: &'static str = "a NetworkManager keyfile";
}

impl Writer<Keyfile> {
    /// `key=value`: any text of one line.
    pub fn text(
        &mut self,
        key: &'static str,
        value: &str,
        origins: impl IntoIterator<Item = Origin>,
    ) {
        self.put(
            escaped(value).map(|value| format!("{key}={value}")),
            origins,
        );
    }

    /// `key=value`, of a type whose text cannot be misread.
    pub fn plain(
        &mut self,
        key: &'static str,
        value: impl Plain,
        origins: impl IntoIterator<Item = Origin>,
    ) {
        self.put(Ok(format!("{key}={value}")), origins);
    }

    /// `key=name`: the name of a network device.
    pub fn device(
        &mut self,
        key: &'static str,
        name: &str,
        origins: impl IntoIterator<Item = Origin>,
    ) {
        self.put(
            word::device(name).map(|name| format!("{key}={name}")),
            origins,
        );
    }

    /// `key=00:11:22:33:44:55`: a MAC address.
    pub fn mac(&mut self, key: &'static str, mac: &Mac, origins: impl IntoIterator<Item = Origin>) {
        self.put(word::mac(mac).map(|mac| format!("{key}={mac}")), origins);
    }

    /// `key=name`: the name of a driver, to match.
    pub fn driver(
        &mut self,
        key: &'static str,
        name: &str,
        origins: impl IntoIterator<Item = Origin>,
    ) {
        self.put(
            word::module(name).map(|name| format!("{key}={name}")),
            origins,
        );
    }

    /// `ssid=home`: as it is if it is read as it is, else byte by byte.
    pub fn ssid(&mut self, ssid: &str, origins: impl IntoIterator<Item = Origin>) {
        self.put(
            word::ssid(ssid).map(|bytes| format!("ssid={}", ssid_of(bytes))),
            origins,
        );
    }

    /// `psk=...`: the key of a Wi-Fi network.
    pub fn psk(&mut self, key: &str, origins: impl IntoIterator<Item = Origin>) {
        self.put(word::psk(key).map(|key| format!("psk={key}")), origins);
    }

    /// `address1=10.0.0.2/24,10.0.0.1`: an address, with its gateway.
    pub fn address(
        &mut self,
        address: IpNet,
        gateway: Option<IpAddr>,
        origins: impl IntoIterator<Item = Origin>,
    ) {
        let line = match gateway {
            Some(gateway) => format!("address1={address},{gateway}"),
            None => format!("address1={address}"),
        };
        self.put(Ok(line), origins);
    }

    /// `route1=10.1.0.0/24,10.0.0.1`: the way to another network.
    pub fn route(
        &mut self,
        number: usize,
        net: IpNet,
        via: IpAddr,
        origins: impl IntoIterator<Item = Origin>,
    ) {
        self.put(Ok(format!("route{number}={net},{via}")), origins);
    }

    /// `dns=10.0.0.1;10.0.0.2;`.
    pub fn dns(&mut self, servers: &[IpAddr], origins: impl IntoIterator<Item = Origin>) {
        let servers: String = servers.iter().map(|server| format!("{server};")).collect();
        self.put(Ok(format!("dns={servers}")), origins);
    }

    /// `unmanaged-devices=interface-name:cni0;interface-name:veth*`.
    pub fn unmanaged(&mut self, names: &[&str], origins: impl IntoIterator<Item = Origin>) {
        let names: Result<Vec<String>, Unfit> = names
            .iter()
            .map(|name| Ok(format!("interface-name:{}", word::device_pattern(name)?)))
            .collect();
        self.put(
            names.map(|names| format!("unmanaged-devices={}", names.join(";"))),
            origins,
        );
    }
}

fn escaped(value: &str) -> Result<String, Unfit> {
    let line = word::line(value)?;
    let inner = line.trim_matches(' ');
    let before = line.len() - line.trim_start_matches(' ').len();
    let after = line.len() - before - inner.len();
    Ok(format!(
        "{}{}{}",
        "\\s".repeat(before),
        inner.replace('\\', "\\\\"),
        "\\s".repeat(after)
    ))
}

fn ssid_of(bytes: &[u8]) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    match bytes.iter().all(plain) {
        true => bytes.iter().copied().map(char::from).collect(),
        false => bytes.iter().map(|byte| format!("{byte};")).collect(),
    }
}
