//! chrony's `sources.d`: a source on each line, words with spaces between them (chrony.conf(5)); `! ; # %` begin comments.

use super::{Format, Writer, word};
use crate::origin::Origin;

/// The format.
#[derive(Clone, Debug)]
pub struct Chrony;

impl Format for Chrony {
    const NAME: &'static str = "a list of chrony sources";
}

impl Writer<Chrony> {
    /// `server ntp.example.org iburst`.
    pub fn server(&mut self, host: &str, origins: impl IntoIterator<Item = Origin>) {
        self.put(
            word::host(host).map(|host| format!("server {host} iburst")),
            origins,
        );
    }
}
