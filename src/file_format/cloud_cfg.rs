//! cloud-init's own settings below `cloud.cfg.d`, which are YAML. They contain no value of a spec: documents with values go through
//! the YAML serializer.

use super::Format;

/// The format.
#[derive(Clone, Debug)]
pub struct CloudCfg;

impl Format for CloudCfg {
    const NAME: &'static str = "a cloud-init settings file";
}
