//! keepalived's configuration (keepalived.conf(5)): a keyword and its arguments on each line, blocks in braces. `#` and `!` begin a comment;
//! `$`, `~`, `@` and quotes have a meaning in a word, so no value here has any of them.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{Format, Writer, word};
use crate::origin::Origin;

/// The format.
#[derive(Clone, Debug)]
pub struct Keepalived;

impl Format for Keepalived {
    const NAME: &'static str = "keepalived's configuration";
}

impl Writer<Keepalived> {
    /// `  router_id cp1`: a machine's name.
    pub fn machine(
        &mut self,
        key: &'static str,
        name: &str,
        origins: impl IntoIterator<Item = Origin>,
    ) {
        self.put(
            word::host(name).map(|name| format!("  {key} {name}")),
            origins,
        );
    }

    /// `  interface eth0`.
    pub fn device(
        &mut self,
        key: &'static str,
        name: &str,
        origins: impl IntoIterator<Item = Origin>,
    ) {
        self.put(
            word::device_without_at(name).map(|name| format!("  {key} {name}")),
            origins,
        );
    }

    /// `  priority 200`.
    pub fn number(
        &mut self,
        key: &'static str,
        number: u8,
        origins: impl IntoIterator<Item = Origin>,
    ) {
        self.put(Ok(format!("  {key} {number}")), origins);
    }

    /// `  unicast_src_ip 192.168.11.11`.
    pub fn address(
        &mut self,
        key: &'static str,
        address: IpAddr,
        origins: impl IntoIterator<Item = Origin>,
    ) {
        self.put(Ok(format!("  {key} {address}")), origins);
    }

    /// `    192.168.11.12`: an address in a list.
    pub fn peer(&mut self, address: IpAddr, origins: impl IntoIterator<Item = Origin>) {
        self.put(Ok(format!("    {address}")), origins);
    }

    /// `    192.168.11.5/32`: an address in a list, with the length of its prefix.
    pub fn held(&mut self, address: IpNet, origins: impl IntoIterator<Item = Origin>) {
        self.put(Ok(format!("    {address}")), origins);
    }
}
