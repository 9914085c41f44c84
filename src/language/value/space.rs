//! What address ranges share, and where a block is free.

use std::net::IpAddr;

use ipnet::IpNet;

use super::AddressRange;
use super::address::{bits, from_bits};

impl From<IpNet> for AddressRange {
    fn from(net: IpNet) -> Self {
        Self {
            first: net.network(),
            last: net.broadcast(),
        }
    }
}

impl From<IpAddr> for AddressRange {
    fn from(address: IpAddr) -> Self {
        Self {
            first: address,
            last: address,
        }
    }
}

impl AddressRange {
    /// The addresses that are in both.
    pub fn shared(&self, other: &Self) -> Option<Self> {
        if self.first.is_ipv4() != other.first.is_ipv4() {
            return None;
        }
        let (first, last) = (self.first.max(other.first), self.last.min(other.last));
        (first <= last).then_some(Self { first, last })
    }
}

/// The free block of the size of `like` that is nearest to it, within one of `within` and without an address of `taken`; of two
/// that are equally near, the lower one. Sorts `taken` and goes through it once for each of `within`.
pub fn nearest_free(like: IpNet, within: &[IpNet], taken: &[AddressRange]) -> Option<IpNet> {
    let v4 = like.addr().is_ipv4();
    let length = u32::from(like.max_prefix_len() - like.prefix_len());
    let size = 1_u128.checked_shl(length)?;
    let wanted = bits(like.network());
    let mut taken: Vec<(u128, u128)> = taken
        .iter()
        .filter(|range| range.first.is_ipv4() == v4)
        .map(|range| (bits(range.first), bits(range.last)))
        .collect();
    taken.sort_unstable();
    let mut best: Option<(u128, u128)> = None;
    let home = |net: &&IpNet| net.addr().is_ipv4() == v4 && net.prefix_len() <= like.prefix_len();
    for net in within.iter().filter(home) {
        let (start, end) = (bits(net.network()), bits(net.broadcast()));
        // There is a gap before each taken range, and one at the end of the net.
        let ends = taken.iter().copied().map(Some).chain([None]);
        let mut from = Some(start);
        for next in ends {
            let Some(free) = from.filter(|free| *free <= end) else {
                break;
            };
            let until = match next {
                Some((first, _)) => first.checked_sub(1).map(|last| last.min(end)),
                None => Some(end),
            };
            if let Some(begin) = until.and_then(|until| nearest(wanted, size, free, until)) {
                let found = (begin.abs_diff(wanted), begin);
                best = Some(best.map_or(found, |best| best.min(found)));
            }
            from = match next {
                Some((_, last)) => last.checked_add(1).map(|after| after.max(free)),
                None => None,
            };
        }
    }
    let (_, begin) = best?;
    IpNet::new(from_bits(begin, v4)?, like.prefix_len()).ok()
}

/// Where the block of that size between `free` and `until` that is nearest to `wanted` begins; `wanted` is a multiple of the size.
fn nearest(wanted: u128, size: u128, free: u128, until: u128) -> Option<u128> {
    let low = free.checked_next_multiple_of(size)?;
    let high = until.checked_sub(size - 1)? / size * size;
    (low <= high).then(|| wanted.clamp(low, high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Address number `host` in a small space of 256.
    fn address(host: u32, v4: bool) -> IpAddr {
        let base = if v4 { 0x0a00_0000 } else { 0xfd_u128 << 120 };
        from_bits(base + u128::from(host), v4).expect("an address")
    }

    fn net(host: u32, length: u8, v4: bool) -> IpNet {
        let longest = if v4 { 32 } else { 128 };
        IpNet::new(address(host, v4), longest - length)
            .expect("a net")
            .trunc()
    }

    fn range(a: u32, b: u32, v4: bool) -> AddressRange {
        AddressRange {
            first: address(a.min(b), v4),
            last: address(a.max(b), v4),
        }
    }

    proptest! {
        #[test]
        fn what_is_shared_agrees_with_counting(a in 0u32..256, b in 0u32..256, c in 0u32..256, d in 0u32..256, v4: bool) {
            let (one, other) = (range(a, b, v4), range(c, d, v4));
            let both: Vec<IpAddr> = (0..256)
                .map(|host| address(host, v4))
                .filter(|host| one.contains(*host) && other.contains(*host))
                .collect();
            let counted = both.first().zip(both.last());
            let shared = one.shared(&other).map(|range| (range.first, range.last));
            prop_assert_eq!(shared, counted.map(|(first, last)| (*first, *last)));
            prop_assert_eq!(other.shared(&one), one.shared(&other));
            prop_assert_eq!(range(a, b, true).shared(&range(c, d, false)), None);
        }

        #[test]
        fn the_free_block_agrees_with_trying_all(
            host in 0u32..256,
            length in 0u8..=6,
            homes in prop::collection::vec((0u32..256, 3u8..=8), 1..3),
            taken in prop::collection::vec((0u32..256, 0u32..40), 0..8),
            v4: bool,
        ) {
            let like = net(host, length, v4);
            let homes: Vec<IpNet> = homes.iter().map(|(host, length)| net(*host, *length, v4)).collect();
            let mut taken: Vec<AddressRange> =
                taken.iter().map(|(first, more)| range(*first, (first + more).min(255), v4)).collect();
            // An address of the other family does not take up any space.
            taken.push(range(0, 255, !v4));
            let free = |block: &IpNet| {
                let own = AddressRange::from(*block);
                homes.iter().any(|home| home.contains(block)) && !taken.iter().any(|range| {
                    (0..256).map(|host| address(host, v4)).any(|host| own.contains(host) && range.contains(host))
                })
            };
            let blocks = (0..256).step_by(1 << length).map(|host| net(host, length, v4));
            let distance = |block: &IpNet| bits(block.network()).abs_diff(bits(like.network()));
            let tried = blocks.filter(free).min_by_key(|block| (distance(block), block.network()));
            prop_assert_eq!(nearest_free(like, &homes, &taken), tried);
        }
    }

    #[test]
    fn the_ends_of_a_family_do_not_overflow() {
        let all: IpNet = "::/0".parse().expect("literal");
        let top: IpNet = "ffff::/16".parse().expect("literal");
        assert_eq!(nearest_free(all, &[all], &[]), None);
        assert_eq!(
            nearest_free(top, &[all], &[top.into()]),
            "fffe::/16".parse().ok()
        );
        let bottom: IpNet = "0.0.0.0/8".parse().expect("literal");
        let whole: IpNet = "0.0.0.0/0".parse().expect("literal");
        assert_eq!(
            nearest_free(bottom, &[whole], &[bottom.into()]),
            "1.0.0.0/8".parse().ok()
        );
    }
}
