//! What a field of a document, or an argument of a program, holds when a file leaves it out.

use std::sync::Arc;

use super::{Fact, version, whole};
use crate::schema::{Entity, Schema};
use crate::value::Version;

/// The defaults of a kind of document, or of a program's arguments.
#[derive(Clone, Debug)]
pub struct Defaults {
    /// `KubeletConfiguration`, `kube-apiserver`
    pub kind: String,
    /// The API version, if only that one has them.
    pub api: Option<String>,
    /// Whether kubeadm fills them in, before the program that reads the document does.
    pub by_kubeadm: bool,
    rows: Vec<Row>,
}

#[derive(Clone, Debug)]
struct Row {
    path: String,
    value: String,
    from: Option<Version>,
    gone: Option<Version>,
    zero: bool,
}

/// What a field holds if it is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Default<'a> {
    /// The value, the items of a list separated by commas.
    pub value: &'a str,
    /// Whether an empty value counts as left out, too.
    pub zero: bool,
}

impl Defaults {
    /// The default at a path (`logging.format`) in a release; without a release, that of the newest.
    pub fn at(&self, path: &str, release: Option<Version>) -> Option<Default<'_>> {
        let mut own = self.rows.iter().filter(|row| row.path == path);
        let is_in = |row: &&Row| match release {
            Some(release) => {
                row.from.is_none_or(|from| from <= release)
                    && row.gone.is_none_or(|gone| gone > release)
            }
            None => row.gone.is_none(),
        };
        own.find(is_in).map(|row| Default {
            value: &row.value,
            zero: row.zero,
        })
    }
}

impl Row {
    /// `eventBurst = 10 gone 1.27 zero`
    fn read(line: &str) -> Option<Self> {
        let (path, rest) = line.split_once(" = ")?;
        let (mut rest, zero) = match rest.strip_suffix(" zero") {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let mut since = |word: &str| {
            let (value, release) = rest.rsplit_once(word)?;
            let found = version(release)?;
            rest = value;
            Some(found)
        };
        let gone = since(" gone ");
        let from = since(" from ");
        Some(Self {
            path: path.to_owned(),
            value: rest.to_owned(),
            from,
            gone,
            zero,
        })
    }
}

impl Fact for Defaults {
    const KIND: &'static str = "defaults";
    fn read(_: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self> {
        let view = whole(&entity, schema)?;
        let rows = view.texts("values");
        Some(Self {
            kind: view.text("kind")?.value,
            api: view.text("api").map(|api| api.value),
            by_kubeadm: view.text("by")?.value == "kubeadm",
            rows: rows
                .iter()
                .map(|line| Row::read(&line.value))
                .collect::<Option<_>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_a_value_and_the_releases_with_it() {
        let row = Row::read("eventBurst = 10 from 1.20 gone 1.27 zero").expect("a row");
        assert_eq!((row.value.as_str(), row.zero), ("10", true));
        assert_eq!((row.from, row.gone), (version("1.20"), version("1.27")));
        let row = Row::read("volumePluginDir = /usr/libexec/").expect("a row");
        assert_eq!((row.value.as_str(), row.zero), ("/usr/libexec/", false));
        assert!(Row::read("no sign").is_none());
    }

    #[test]
    fn each_release_has_its_own_default() {
        let rows = ["a = 5 gone 1.27", "a = 50 from 1.27"];
        let all = Defaults {
            kind: "K".to_owned(),
            api: None,
            by_kubeadm: false,
            rows: rows.iter().filter_map(|row| Row::read(row)).collect(),
        };
        let at = |release: Option<&str>| all.at("a", release.and_then(version)).map(|d| d.value);
        assert_eq!(
            (at(Some("1.26")), at(Some("1.27"))),
            (Some("5"), Some("50"))
        );
        assert_eq!((at(None), all.at("b", None)), (Some("50"), None));
    }
}
