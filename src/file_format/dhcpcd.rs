//! `dhcpcd.conf` (dhcpcd.conf(5)): a keyword and its arguments on each line; a backslash is an escape, and continues the line at its end.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{Format, Writer, word};
use crate::origin::Origin;

/// The format.
#[derive(Clone, Debug)]
pub struct Dhcpcd;

impl Format for Dhcpcd {
    const NAME: &'static str = "dhcpcd.conf";
}

impl Writer<Dhcpcd> {
    /// `interface eth0`: the lines after it are about that interface.
    pub fn interface(&mut self, name: &str, origins: impl IntoIterator<Item = Origin>) {
        self.put(
            word::device(name).map(|name| format!("interface {name}")),
            origins,
        );
    }

    /// `denyinterfaces cni0 veth*`.
    pub fn deny(&mut self, names: &[&str], origins: impl IntoIterator<Item = Origin>) {
        let names = word::words(names, word::device_pattern);
        self.put(
            names.map(|names| format!("denyinterfaces {names}")),
            origins,
        );
    }

    /// `static ip_address=10.0.0.2/24`, or `ip6_address`.
    pub fn address(&mut self, address: IpNet, origins: impl IntoIterator<Item = Origin>) {
        let key = match address {
            IpNet::V4(_) => "ip_address",
            IpNet::V6(_) => "ip6_address",
        };
        self.put(Ok(format!("static {key}={address}")), origins);
    }

    /// `static routers=10.0.0.1`.
    pub fn router(&mut self, router: IpAddr, origins: impl IntoIterator<Item = Origin>) {
        self.put(Ok(format!("static routers={router}")), origins);
    }

    /// `static routes=10.1.0.0/24 10.0.0.1`: the way to another network.
    pub fn route(&mut self, net: IpNet, via: IpAddr, origins: impl IntoIterator<Item = Origin>) {
        self.put(Ok(format!("static routes={net} {via}")), origins);
    }

    /// `static domain_name_servers=10.0.0.1 10.0.0.2`.
    pub fn name_servers(&mut self, servers: &[IpAddr], origins: impl IntoIterator<Item = Origin>) {
        let servers: Vec<String> = servers.iter().map(IpAddr::to_string).collect();
        self.put(
            Ok(format!("static domain_name_servers={}", servers.join(" "))),
            origins,
        );
    }

    /// `static interface_mtu=1400`.
    pub fn mtu(&mut self, mtu: i64, origins: impl IntoIterator<Item = Origin>) {
        self.put(Ok(format!("static interface_mtu={mtu}")), origins);
    }
}
