//! `node.conf`: what the steps need to know about a node, `key=value` on each line. `node_value` of `lib.sh` reads everything after
//! the first `=`, so a value is any text of one line; a device is words, which the steps read with `read`.

use super::{Format, Plain, Unfit, Writer, word};
use crate::origin::Origin;
use crate::value::Mac;

/// The format.
#[derive(Clone, Debug)]
pub struct NodeValues;

impl Format for NodeValues {
    const NAME: &'static str = "node.conf";
}

impl Writer<NodeValues> {
    /// `key=value`: text of one line.
    pub fn text(
        &mut self,
        key: &'static str,
        value: &str,
        origins: impl IntoIterator<Item = Origin>,
    ) {
        self.put(
            word::line(value).map(|value| format!("{key}={value}")),
            origins,
        );
    }

    /// `key=value`, of a type whose text cannot be misread.
    pub fn plain(
        &mut self,
        key: &'static str,
        value: impl Plain,
        origins: impl IntoIterator<Item = Origin>,
    ) {
        self.put(Ok(format!("{key}={value}")), origins);
    }

    /// `device=NAME MAC DRIVER`, with `-` for what the spec does not set.
    pub fn device(
        &mut self,
        name: &str,
        mac: Option<&Mac>,
        driver: Option<&str>,
        origins: impl IntoIterator<Item = Origin>,
    ) {
        let line = || -> Result<String, Unfit> {
            let mac = mac.map_or(Ok("-"), word::mac)?;
            let driver = driver.map_or(Ok("-"), word::module)?;
            Ok(format!("device={} {mac} {driver}", word::device(name)?))
        };
        self.put(line(), origins);
    }

    /// `disk=NAME DEVICE FILESYSTEM MOUNT FORMAT`.
    pub fn disk(
        &mut self,
        name: &str,
        device: &str,
        mount: &str,
        (filesystem, format): (&str, &str),
        origins: impl IntoIterator<Item = Origin>,
    ) {
        let line = || -> Result<String, Unfit> {
            let name = word::module(name)?;
            let (device, mount) = (word::device_path(device)?, word::folder(mount)?);
            let (filesystem, format) = (word::module(filesystem)?, word::module(format)?);
            Ok(format!(
                "disk={name} {device} {filesystem} {mount} {format}"
            ))
        };
        self.put(line(), origins);
    }

    /// `missing-secret=NAME (PATH)`: what was left out because a secret is missing.
    pub fn missing_secret(&mut self, secret: &str, path: &str) {
        let line = || -> Result<String, Unfit> {
            let (secret, path) = (word::line(secret)?, word::line(path)?);
            Ok(format!("missing-secret={secret} ({path})"))
        };
        self.put(line(), []);
    }
}
