//! pikc's own lists: what is fetched, what is applied, and the checksums of a bundle. Words with spaces between them; the path in a
//! checksum list comes last and is the rest of the line.

use super::{Format, Unfit, Writer, word};
use crate::origin::Origin;

/// The format.
#[derive(Clone, Debug)]
pub struct List;

impl Format for List {
    const NAME: &'static str = "one of pikc's lists";
}

impl Writer<List> {
    /// `SHA256  FILE  ADDRESS`: a file that is fetched and verified.
    pub fn fetched(
        &mut self,
        sum: &str,
        file: &str,
        url: &str,
        origins: impl IntoIterator<Item = Origin>,
    ) {
        let line = || -> Result<String, Unfit> {
            let (sum, file) = (self::sum(sum)?, word::graphic(file, "a file's name", "/")?);
            let url = word::graphic(url, "an address", "")?;
            Ok(format!("{sum}  {file}  {url}"))
        };
        self.put(line(), origins);
    }

    /// `NAMESPACE/NAME`: an object of the cluster.
    pub fn object(
        &mut self,
        namespace: &str,
        name: &str,
        origins: impl IntoIterator<Item = Origin>,
    ) {
        let line = || -> Result<String, Unfit> {
            let part = |text| word::graphic(text, "the name of an object", "/");
            let (namespace, name) = (part(namespace)?, part(name)?);
            Ok(format!("{namespace}/{name}"))
        };
        self.put(line(), origins);
    }

    /// `SHA256  MODE  OWNER:GROUP  PATH`: a file of a bundle.
    pub fn listed(
        &mut self,
        sum: &str,
        mode: u32,
        owner: &str,
        path: &str,
        origins: impl IntoIterator<Item = Origin>,
    ) {
        let line = || -> Result<String, Unfit> {
            let (sum, owner) = (self::sum(sum)?, word::graphic(owner, "an owner", "")?);
            Ok(format!("{sum}  {mode:04o}  {owner}  {}", word::line(path)?))
        };
        self.put(line(), origins);
    }
}

fn sum(sum: &str) -> Result<&str, Unfit> {
    word::word(sum, "a SHA-256 sum", "hexadecimal digits", |c| {
        c.is_ascii_hexdigit()
    })
}
