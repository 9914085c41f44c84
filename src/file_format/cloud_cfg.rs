//! cloud-init's own settings below `cloud.cfg.d`, which are YAML. No value of a spec stands in them: documents with values go through
//! the YAML serializer.

use super::Format;

/// The format.
#[derive(Clone, Debug)]
pub struct CloudCfg;

impl Format for CloudCfg {
    const NAME: &'static str = "a settings file of cloud-init's";
}
