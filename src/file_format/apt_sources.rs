//! apt's sources in the format deb822: stanzas of `Key: value`, with an empty line between them (sources.list(5), deb822(5)).
//!
//! A line that begins with a space continues the field before it, values are words with spaces between them, `$(ARCH)` is
//! replaced in addresses and suites, and `Signed-By` is split at commas too. So addresses, suites and components are words of
//! printing ASCII without `$`, and the first of them is on the field's own line.

use super::{Format, Unfit, Writer, word};
use crate::origin::Origin;

/// The format.
#[derive(Clone, Debug)]
pub struct AptSources;

impl Format for AptSources {
    const NAME: &'static str = "a list of apt sources";
}

impl Writer<AptSources> {
    /// `URIs: https://...`.
    pub fn uri(&mut self, uri: &str, origins: impl IntoIterator<Item = Origin>) {
        self.put(self::uri(uri).map(|uri| format!("URIs: {uri}")), origins);
    }

    /// `Suites: trixie trixie-updates`; `/` for a flat repository.
    pub fn suites(&mut self, suites: &[&str], origins: impl IntoIterator<Item = Origin>) {
        let suites = some(suites, "a suite", "");
        self.put(suites.map(|suites| format!("Suites: {suites}")), origins);
    }

    /// `Components: main contrib`.
    pub fn components(&mut self, components: &[&str], origins: impl IntoIterator<Item = Origin>) {
        let components = some(components, "a component", "");
        self.put(
            components.map(|components| format!("Components: {components}")),
            origins,
        );
    }

    /// `Signed-By: /etc/apt/keyrings/NAME.asc`.
    pub fn signed_by(&mut self, keyring: &str, origins: impl IntoIterator<Item = Origin>) {
        let keyring = word::path(keyring, ",$");
        self.put(
            keyring.map(|keyring| format!("Signed-By: {keyring}")),
            origins,
        );
    }
}

/// An address of a repository, or why apt cannot use it.
pub fn uri(uri: &str) -> Result<&str, Unfit> {
    word::graphic(uri, "an address of a repository", "$")?;
    match uri.contains("://") {
        true => Ok(uri),
        false => Err(Unfit::new(
            "is not an address of a repository: `https://...`",
        )),
    }
}

fn some(list: &[&str], what: &str, but: &str) -> Result<String, Unfit> {
    if list.is_empty() {
        return Err(Unfit::new(format!("is empty, but {what} is expected")));
    }
    word::words(list, |text| word::graphic(text, what, &format!("${but}")))
}
