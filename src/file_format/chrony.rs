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
    /// `sourcedir /etc/chrony.d`, for the main file: the folder with lists like this one.
    pub fn sources_in(&mut self, folder: &str, origins: impl IntoIterator<Item = Origin>) {
        let folder = word::path(folder, "!;#%");
        self.put(folder.map(|folder| format!("sourcedir {folder}")), origins);
    }

    /// `server ntp.example.org iburst`.
    pub fn server(&mut self, host: &str, origins: impl IntoIterator<Item = Origin>) {
        self.put(
            word::host(host).map(|host| format!("server {host} iburst")),
            origins,
        );
    }
}
