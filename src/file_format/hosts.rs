//! `/etc/hosts`: an address and a name on each line (hosts(5)), separated by spaces; `#` begins a comment anywhere.

use std::net::IpAddr;

use super::{Format, Writer, word};
use crate::origin::Origin;

/// The format.
#[derive(Clone, Debug)]
pub struct Hosts;

impl Format for Hosts {
    const NAME: &'static str = "/etc/hosts";
}

impl Writer<Hosts> {
    /// `10.0.0.1 node01`.
    pub fn host(&mut self, address: IpAddr, name: &str, origins: impl IntoIterator<Item = Origin>) {
        self.put(
            word::host(name).map(|name| format!("{address} {name}")),
            origins,
        );
    }
}
