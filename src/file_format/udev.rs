//! udev's rules. They contain no value of a spec: the rules are the same for everyone.

use super::Format;

/// The format.
#[derive(Clone, Debug)]
pub struct Udev;

impl Format for Udev {
    const NAME: &'static str = "a udev rules file";
}
