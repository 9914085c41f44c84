//! A spec analyzed as the program does it, with the files of this repository next to it.

use std::collections::BTreeMap;

use camino::Utf8Path;
use pikc::model::Reader;
use pikc::{Analysis, AnalyzeInput};

struct Disk;

impl Reader for Disk {
    fn read(&self, path: &Utf8Path) -> Result<String, String> {
        std::fs::read_to_string(path).map_err(|error| error.to_string())
    }
}

/// The analysis of this text, as the spec at this path.
pub fn analyze(path: &str, text: &str) -> Analysis {
    pikc::analyze(AnalyzeInput {
        path: Utf8Path::new(path),
        text,
        reader: &Disk,
        overlay: BTreeMap::new(),
        as_of: None,
        kept: None,
    })
}
