//! systemd's own files (INI with sections) and those in the same format: `timesyncd.conf.d`, `*.link`, `zram-generator.conf`,
//! `swap.conf.d`.
//!
//! systemd trims values, joins a line that ends in a backslash with the next, and splits lists at spaces, with `\` as an escape
//! (systemd.syntax(7), `extract_first_word`); a match may begin with `!` and contain globs (systemd.link(5)). So every value here is a
//! word of characters that have no meaning in any of these.

use super::{Format, Unfit, Writer, word};
use crate::origin::Origin;
use crate::value::{Duration, Mac};

/// The format.
#[derive(Clone, Debug)]
pub struct Systemd;

impl Format for Systemd {
    const NAME: &'static str = "a systemd settings file";
}

impl Writer<Systemd> {
    /// `Key=one two`: names or addresses of machines.
    pub fn hosts(
        &mut self,
        key: &'static str,
        hosts: &[&str],
        origins: impl IntoIterator<Item = Origin>,
    ) {
        let hosts = match hosts {
            // An empty list clears what an earlier file sets.
            [] => Err(Unfit::new("is an empty list")),
            hosts => word::words(hosts, word::host),
        };
        self.put(hosts.map(|hosts| format!("{key}={hosts}")), origins);
    }

    /// `Key=name`: the name of a network device.
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

    /// `Key=00:11:22:33:44:55`: a MAC address.
    pub fn mac(&mut self, key: &'static str, mac: &Mac, origins: impl IntoIterator<Item = Origin>) {
        self.put(word::mac(mac).map(|mac| format!("{key}={mac}")), origins);
    }

    /// `Key=/var/lib/etcd`: a folder that a disk is mounted on.
    pub fn folder(
        &mut self,
        key: &'static str,
        folder: &str,
        origins: impl IntoIterator<Item = Origin>,
    ) {
        self.put(
            word::folder(folder).map(|folder| format!("{key}={folder}")),
            origins,
        );
    }

    /// `Key=ext4`: the type of a file system.
    pub fn filesystem(
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

    /// `Key=21600s`: a length of time.
    pub fn seconds(
        &mut self,
        key: &'static str,
        time: Duration,
        origins: impl IntoIterator<Item = Origin>,
    ) {
        self.put(Ok(format!("{key}={}s", time.0)), origins);
    }

    /// `Environment="NAME=value"`. In quotes a backslash and `%` have a meaning (systemd.exec(5), systemd.syntax(7)), so a value has
    /// neither.
    pub fn environment(
        &mut self,
        name: &'static str,
        value: &str,
        origins: impl IntoIterator<Item = Origin>,
    ) {
        let value = word::graphic(value, "the value of a variable", "\"'\\%$");
        self.put(
            value.map(|value| format!("Environment=\"{name}={value}\"")),
            origins,
        );
    }

    /// `Key=name`: the name of a driver.
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
}
