//! An address that moves between the control planes.

use std::net::IpAddr;

use crate::origin::{Origin, Sourced};
use crate::source::Span;

/// An address that moves between the control planes.
#[derive(Clone, Debug)]
pub struct Vip {
    /// Its head in the spec.
    pub head: Span,
    /// The address.
    pub address: Option<Sourced<IpAddr>>,
    /// What moves it: `kube-vip`, `keepalived`.
    pub by: Option<Sourced<String>>,
    /// What VRRP knows the machines by, if the spec sets it.
    pub router_id: Option<Sourced<i64>>,
}

impl Vip {
    /// What VRRP knows the machines by: as written, or the last part of the address, which is not the same for two clusters in one /24.
    pub fn vrrp_id(&self) -> Option<Sourced<u8>> {
        if let Some(written) = &self.router_id {
            let id = u8::try_from(written.value).ok()?;
            return Some(Sourced::new(id, written.origin.clone()));
        }
        let address = self.address.as_ref()?;
        let last = match address.value {
            IpAddr::V4(address) => address.octets()[3],
            IpAddr::V6(address) => address.octets()[15],
        };
        // 0 is no identifier.
        let id = if last == 0 { u8::MAX } else { last };
        let why = "the last part of the address that moves";
        Some(Sourced::new(
            id,
            Origin::derived(why, [address.origin.clone()]),
        ))
    }
}
