//! apt's configuration: `/etc/apt/apt.conf.d/*` (apt.conf(5)).
//!
//! A line is `Scope::Key "value";`. apt ends a value at the next `"` and has no escape for one, `//` and `/*` begin a comment outside of
//! quotes only, and `::` separates the parts of a name (apt-pkg/contrib/configuration.cc, `ReadConfigFile`). So a value is a word without
//! quotes, and a host that is part of a name has none of the signs that end one.

use super::{Format, Unfit, Writer, word};
use crate::origin::Origin;

/// The format.
#[derive(Clone, Debug)]
pub struct AptConf;

impl Format for AptConf {
    const NAME: &'static str = "a file of apt's settings (apt.conf.d)";
}

/// What apt fetches by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `http://`
    Http,
    /// `https://`
    Https,
}

impl Scheme {
    fn word(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

impl Writer<AptConf> {
    /// `Acquire::http::Proxy "http://proxy:3128";`: what is fetched by this scheme goes through the proxy.
    pub fn proxy(&mut self, scheme: Scheme, url: &str, origins: impl IntoIterator<Item = Origin>) {
        let line = word::graphic(url, "an address of a proxy", "\"\\;")
            .map(|url| format!("Acquire::{}::Proxy \"{url}\";", scheme.word()));
        self.put(line, origins);
    }

    /// `Acquire::http::Proxy::mirror.example "DIRECT";`: what is fetched from this host does not.
    pub fn direct(
        &mut self,
        scheme: Scheme,
        host: &str,
        origins: impl IntoIterator<Item = Origin>,
    ) {
        let line = self::host(host)
            .map(|host| format!("Acquire::{}::Proxy::{host} \"DIRECT\";", scheme.word()));
        self.put(line, origins);
    }
}

/// `a:::b` would be read as other parts than were written.
fn host(host: &str) -> Result<&str, Unfit> {
    match word::host(host)? {
        host if host.contains(":::") || host.starts_with(':') || host.ends_with(':') => Err(
            Unfit::new("begins or ends with a colon, and apt separates names with them"),
        ),
        host => Ok(host),
    }
}
