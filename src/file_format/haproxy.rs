//! HAProxy's configuration (configuration.txt, chapter 2): a keyword and its arguments on each line; a section begins with its name, and
//! ends where the next one begins. Blanks, `#`, quotes, `\` and `$` have a meaning in a word, so no value here has any of them.

use std::net::{IpAddr, SocketAddr};

use super::{Format, Writer, word};
use crate::origin::Origin;

/// The format.
#[derive(Clone, Debug)]
pub struct Haproxy;

impl Format for Haproxy {
    const NAME: &'static str = "HAProxy's configuration";
}

impl Writer<Haproxy> {
    /// `  bind 192.168.11.5:8443 transparent`: listens at an address that the machine need not have.
    pub fn bind_anywhere(
        &mut self,
        address: IpAddr,
        port: u16,
        origins: impl IntoIterator<Item = Origin>,
    ) {
        let at = SocketAddr::new(address, port);
        self.put(Ok(format!("  bind {at} transparent")), origins);
    }

    /// `  bind 127.0.0.1:8443`.
    pub fn bind(&mut self, address: IpAddr, port: u16, origins: impl IntoIterator<Item = Origin>) {
        let at = SocketAddr::new(address, port);
        self.put(Ok(format!("  bind {at}")), origins);
    }

    /// `  server cp1 192.168.11.11:6443`.
    pub fn server(
        &mut self,
        name: &str,
        address: IpAddr,
        port: u16,
        origins: impl IntoIterator<Item = Origin>,
    ) {
        let at = SocketAddr::new(address, port);
        self.put(
            word::host(name).map(|name| format!("  server {name} {at}")),
            origins,
        );
    }
}
