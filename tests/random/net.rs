//! Addresses that nothing else has: adjacent networks, and consecutive parts of a LAN.
//!
//! Ranges that touch and do not overlap expose a check that is off by one.

use super::draw::Draw;

/// A network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Net {
    /// Its first address.
    pub first: u32,
    /// Its prefix length.
    pub prefix: u32,
}

impl Net {
    /// How many addresses it has.
    pub fn size(self) -> u32 {
        1 << (32 - self.prefix)
    }

    /// Its last address.
    pub fn last(self) -> u32 {
        self.first + (self.size() - 1)
    }

    /// As text.
    pub fn text(self) -> String {
        format!("{}/{}", address(self.first), self.prefix)
    }
}

/// An address as text.
pub fn address(number: u32) -> String {
    std::net::Ipv4Addr::from(number).to_string()
}

/// Addresses from one to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The first.
    pub first: u32,
    /// How many.
    pub count: u32,
}

impl Run {
    /// As a range is written; for one address, that address.
    pub fn text(self) -> String {
        match self.count {
            1 => address(self.first),
            count => format!(
                "{}..{}",
                address(self.first),
                address(self.first + count - 1)
            ),
        }
    }
}

/// Allocates networks from 10.0.0.0/8, one after the other.
#[derive(Debug)]
pub struct Shelf {
    next: u32,
}

impl Shelf {
    /// Starts somewhere in its first quarter.
    pub fn new(draw: &mut Draw) -> Self {
        Self {
            next: (10 << 24) + (draw.below(64) << 16),
        }
    }

    /// The next network of this length.
    pub fn take(&mut self, prefix: u32) -> Net {
        let size = 1 << (32 - prefix);
        let first = self.next.div_ceil(size) * size;
        self.next = first + size;
        assert!(self.next < 11 << 24, "no addresses are left");
        Net { first, prefix }
    }
}

/// Places runs of these lengths in a network, in some order and with some gaps; returns them in the order of the request.
pub fn lay(net: Net, lengths: &[u32], draw: &mut Draw) -> Vec<Run> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    draw.shuffle(&mut order);
    // The first and the last address are not used; all others can be.
    let mut spare = net.size() - 2 - lengths.iter().sum::<u32>();
    let mut at = net.first + 1;
    let mut runs = vec![Run { first: 0, count: 0 }; lengths.len()];
    for index in order {
        let gap = draw.below(spare.min(40) + 1);
        spare -= gap;
        at += gap;
        runs[index] = Run {
            first: at,
            count: lengths[index],
        };
        at += lengths[index];
    }
    runs
}
