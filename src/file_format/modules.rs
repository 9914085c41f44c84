//! `modules-load.d`: the name of a kernel module on each line (modules-load.d(5)); `#` and `;` begin comments.

use super::{Format, Writer, word};
use crate::origin::Origin;

/// The format.
#[derive(Clone, Debug)]
pub struct Modules;

impl Format for Modules {
    const NAME: &'static str = "a list of kernel modules (modules-load.d)";
}

impl Writer<Modules> {
    /// One module.
    pub fn module(&mut self, name: &str, origins: impl IntoIterator<Item = Origin>) {
        self.put(word::module(name).map(str::to_owned), origins);
    }
}
