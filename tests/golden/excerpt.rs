//! The files of an output tree that a golden text shows.

use pikc::render::Entry;
use pikc::value::SecretName;
use pikc::{compile, plan};

use crate::support::analysis::analyze;

/// Compiles `tests/specs/NAME.pik` with these secrets: the files whose path is `shown`, with their modes.
pub fn excerpt(name: &str, secrets: &[(&str, &str)], shown: impl Fn(&str) -> bool) -> String {
    let path = format!("tests/specs/{name}.pik");
    let text = std::fs::read_to_string(&path).expect("a spec");
    let secret = |(name, value): &(&str, &str)| (SecretName((*name).to_owned()), (*value).into());
    let options = plan::Options {
        secrets: secrets.iter().map(secret).collect(),
        spec: format!("{name}.pik"),
        ..plan::Options::default()
    };
    let made = compile(&analyze(&path, &text), &options, false).expect("a sound spec");
    let mut out = String::new();
    for (path, entry) in made.rendered.entries() {
        let Entry::File(file) = entry else { continue };
        if shown(path.as_str()) {
            out.push_str(&format!("==== {path} {:04o}\n{}", file.mode, file.content));
        }
    }
    out
}
