//! What the editor's user sets: a library folder, the date of rules, the folder that specs may read, the folder of the output.

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use crate::value::Date;

/// The settings of a server. Paths that are relative are relative to the first workspace folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// A folder that overlays the standard library.
    pub stdlib: Option<Utf8PathBuf>,
    /// The folder from which specs may read files; without it, each spec's own.
    pub root: Option<Utf8PathBuf>,
    /// The date that rules use; without it, the library's own.
    pub as_of: Option<Date>,
    /// Where a spec's output is, relative to the spec's folder; without it, `out`.
    pub output: Option<Utf8PathBuf>,
}

impl Settings {
    /// These settings, changed by those in a value: an object, or one with that object as `pikc`. What is not in it stays, what
    /// is null or empty becomes the default, and what cannot be read is named in the result.
    pub(super) fn changed(&self, value: &Value) -> (Self, Vec<String>) {
        let object = value.get("pikc").unwrap_or(value);
        let mut new = self.clone();
        let mut wrong = Vec::new();
        let mut folder = |name: &str, at: &mut Option<Utf8PathBuf>| match object.get(name) {
            None => {}
            Some(Value::Null) => *at = None,
            Some(Value::String(text)) if text.is_empty() => *at = None,
            Some(Value::String(text)) => *at = Some(Utf8PathBuf::from(text)),
            Some(_) => wrong.push(format!("`{name}` is not a path")),
        };
        folder("stdlib", &mut new.stdlib);
        folder("root", &mut new.root);
        folder("outputFolder", &mut new.output);
        match object.get("asOf") {
            None => {}
            Some(Value::Null) => new.as_of = None,
            Some(Value::String(text)) if text.is_empty() => new.as_of = None,
            Some(given) => match given.as_str().and_then(|text| text.parse().ok()) {
                Some(date) => new.as_of = Some(date),
                None => wrong.push("`asOf` is not a date like 2026-11-29".to_owned()),
            },
        }
        (new, wrong)
    }

    /// The same with every path absolute, as far as there is a folder to start from.
    pub(super) fn within(mut self, folder: Option<&Utf8Path>) -> Self {
        if let Some(folder) = folder {
            for path in [&mut self.stdlib, &mut self.root].into_iter().flatten() {
                *path = folder.join(&*path);
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_named_stays() {
        let (first, wrong) = Settings::default()
            .changed(&json!({"pikc": {"stdlib": "lib", "asOf": "2026-11-29", "other": 1}}));
        assert!(wrong.is_empty());
        let (second, wrong) = first.changed(&json!({"asOf": "", "root": 7, "outputFolder": "o"}));
        assert_eq!(wrong, ["`root` is not a path"]);
        assert_eq!(second.stdlib.as_deref(), Some(Utf8Path::new("lib")));
        assert_eq!((second.as_of, second.output), (None, Some("o".into())));
        let (_, wrong) = first.changed(&json!({"asOf": "soon"}));
        assert_eq!(wrong.len(), 1);
    }

    #[test]
    fn paths_start_at_the_folder() {
        let settings = Settings {
            stdlib: Some("lib".into()),
            root: Some("/all".into()),
            ..Settings::default()
        };
        let settings = settings.within(Some(Utf8Path::new("/w")));
        assert_eq!(settings.stdlib.as_deref(), Some(Utf8Path::new("/w/lib")));
        assert_eq!(settings.root.as_deref(), Some(Utf8Path::new("/all")));
    }
}
