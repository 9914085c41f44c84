//! udev's rules. No value of a spec stands in one: the rules are the same for everyone.

use super::Format;

/// The format.
#[derive(Clone, Debug)]
pub struct Udev;

impl Format for Udev {
    const NAME: &'static str = "a file of udev's rules";
}
