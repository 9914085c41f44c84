//! Addresses, networks and ranges of addresses.

use serde::{Deserialize, Serialize};

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use super::Bad;

/// Two addresses of one family, both included, the first not above the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AddressRange {
    /// The lowest address.
    pub first: IpAddr,
    /// The highest address.
    pub last: IpAddr,
}

impl AddressRange {
    /// Whether an address lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        address.is_ipv4() == self.first.is_ipv4() && self.first <= address && address <= self.last
    }

    /// How many addresses it holds (saturating, for absurd IPv6 ranges).
    pub fn count(&self) -> u128 {
        (bits(self.last) - bits(self.first)).saturating_add(1)
    }

    /// The address `index` places after the first, if it still lies in the range.
    pub fn nth(&self, index: u128) -> Option<IpAddr> {
        if index >= self.count() {
            return None;
        }
        further(self.first, index)
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.first, self.last)
    }
}

/// The address so many places after another one; none past the end of its family.
pub fn further(address: IpAddr, by: u128) -> Option<IpAddr> {
    from_bits(bits(address).checked_add(by)?, address.is_ipv4())
}

/// The address of that number, in its family.
pub(super) fn from_bits(value: u128, v4: bool) -> Option<IpAddr> {
    Some(if v4 {
        IpAddr::V4(Ipv4Addr::from(u32::try_from(value).ok()?))
    } else {
        IpAddr::V6(Ipv6Addr::from(value))
    })
}

/// The number of an address in its family.
pub(super) fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(u32::from(v4)),
        IpAddr::V6(v6) => u128::from(v6),
    }
}

pub(super) fn address(word: &str) -> Result<IpAddr, Bad> {
    if word.contains(':') {
        return word
            .parse::<Ipv6Addr>()
            .map(IpAddr::V6)
            .map_err(|_| Bad::whole(word, "is not an IPv6 address"));
    }
    v4(word).map(IpAddr::V4)
}

/// Reads an IPv4 address and, if it is wrong, finds the wrong part.
fn v4(word: &str) -> Result<Ipv4Addr, Bad> {
    if let Some((before, prefix)) = word.split_once('/')
        && v4(before).is_ok()
        && prefix.chars().all(|c| c.is_ascii_digit())
    {
        return Err(Bad::part(
            before.len(),
            word.len(),
            "is a network, but must be one address",
        )
        .help(format!("write `{before}`")));
    }
    let mut octets = Vec::new();
    let mut at = 0;
    for part in word.split('.') {
        let place = (at, at + part.len());
        at += part.len() + 1;
        if part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
            let place = if part.is_empty() {
                (0, word.len())
            } else {
                place
            };
            return Err(Bad::part(place.0, place.1, "is not an IP address"));
        }
        if part.len() > 1 && part.starts_with('0') {
            return Err(Bad::part(
                place.0,
                place.1,
                "has a leading zero, which some programs read as octal",
            )
            .help("write the number without leading zeros"));
        }
        match part.parse::<u8>() {
            Ok(octet) => octets.push(octet),
            Err(_) => {
                return Err(Bad::part(
                    place.0,
                    place.1,
                    "is not an IP address: each of its four numbers goes from 0 to 255",
                ));
            }
        }
    }
    match octets.as_slice() {
        [a, b, c, d] => Ok(Ipv4Addr::new(*a, *b, *c, *d)),
        other => Err(Bad::whole(
            word,
            format!(
                "is not an IP address: it has {} numbers, and an IPv4 address has four",
                other.len()
            ),
        )),
    }
}

/// The prefix length that is usual for a network that begins at an address: 10.244.0.0 is a /16.
fn usual(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(address) if address.octets().ends_with(&[0, 0]) => 16,
        IpAddr::V4(_) => 24,
        IpAddr::V6(_) => 64,
    }
}

pub(super) fn cidr(word: &str) -> Result<IpNet, Bad> {
    let Some((base, prefix)) = word.split_once('/') else {
        return Err(match address(word) {
            Ok(address) => Bad::whole(word, "is one address, but must be a network").help(format!(
                "add the prefix length, as in `{word}/{}`",
                usual(address)
            )),
            Err(bad) => bad,
        });
    };
    let base_address = address(base)?;
    let at = base.len() + 1;
    let most = if base_address.is_ipv4() { 32 } else { 128 };
    let length = prefix
        .parse::<u8>()
        .ok()
        .filter(|length| *length <= most && !prefix.starts_with('+'))
        .ok_or_else(|| {
            Bad::part(
                at,
                word.len(),
                format!("is not a network: the prefix length goes from 0 to {most}"),
            )
        })?;
    let net = IpNet::new(base_address, length)
        .map_err(|_| Bad::part(at, word.len(), "is not a network: the prefix is too long"))?;
    if net.addr() != net.network() {
        let meant = net.trunc().to_string();
        return Err(Bad::part(
            0,
            base.len(),
            format!(
                "is not a network address: /{length} begins at {}",
                net.network()
            ),
        )
        .help(format!("write `{meant}`, or another prefix length"))
        .instead(meant));
    }
    Ok(net)
}

pub(super) fn range(word: &str) -> Result<AddressRange, Bad> {
    let Some((first_text, last_text)) = word.split_once("..") else {
        return Err(Bad::whole(word, "is not an address range")
            .help("write the first and the last address with two dots between: `192.168.1.2..192.168.1.99`"));
    };
    let last_at = first_text.len() + 2;
    let first = address(first_text)?;
    let last = address(last_text).map_err(|bad| bad.shifted(last_at))?;
    if first.is_ipv4() != last.is_ipv4() {
        return Err(Bad::whole(word, "mixes IPv4 and IPv6"));
    }
    if first > last {
        return Err(
            Bad::whole(word, "runs backwards: the first address is above the last")
                .help(format!("write `{last}..{first}`")),
        );
    }
    Ok(AddressRange { first, last })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong_part(word: &str, result: Result<impl std::fmt::Debug, Bad>) -> String {
        let bad = result.expect_err(word);
        word[bad.from..bad.to].to_owned()
    }

    #[test]
    fn the_wrong_number_of_an_address_is_found() {
        assert_eq!(wrong_part("192.168.300.1", address("192.168.300.1")), "300");
        assert_eq!(wrong_part("10.0.0.x", address("10.0.0.x")), "x");
        assert_eq!(wrong_part("10.0.0", address("10.0.0")), "10.0.0");
        assert_eq!(wrong_part("10.00.0.1", address("10.00.0.1")), "00");
        assert_eq!(wrong_part("10.0.0.0/33", cidr("10.0.0.0/33")), "33");
        assert_eq!(
            wrong_part("10.0.0.5..10.0.0.999", range("10.0.0.5..10.0.0.999")),
            "999"
        );
    }

    #[test]
    fn host_bits_are_refused_and_the_meant_network_is_named() {
        let bad = cidr("192.167.0.0/12").expect_err("host bits");
        assert_eq!(bad.instead.as_deref(), Some("192.160.0.0/12"));
    }

    #[test]
    fn a_range_assigns_its_addresses_in_order() {
        let range = range("10.0.0.254..10.0.1.1").expect("a range");
        assert_eq!(range.count(), 4);
        assert_eq!(range.nth(2), Some("10.0.1.0".parse().expect("literal")));
        assert_eq!(range.nth(4), None);
    }
}
