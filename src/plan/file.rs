//! Small files in simple formats, as lines with their origins.

use std::sync::Arc;

use camino::Utf8PathBuf;

use super::types::{Artifact, Body, Context, Document, Listed, Placed};
use crate::file_format::{Format, Writer, Written};
use crate::origin::Origin;

/// A file that a machine gets, below its node's or its class's folder.
#[derive(Clone, Debug)]
pub(super) struct Placing {
    /// Below the folder: `files/etc/...`, `fragments/...`.
    pub path: Utf8PathBuf,
    /// What is in it.
    pub body: Body,
    /// Why it exists.
    pub origins: Vec<Origin>,
    /// Owner and mode on the machine, if they are not root:root and 0644.
    pub placed: Option<Placed>,
    /// Whether it holds a secret.
    pub secret: bool,
}

impl Placing {
    /// A whole file that pikc owns at `path` on the machine.
    pub fn whole<F: Format>(path: &str, file: Writer<F>) -> Self {
        let body = file.finish();
        Self::new(format!("files{path}"), body.origins(), Body::Lines(body))
    }

    /// A piece of a file that pikc does not own.
    pub fn fragment(name: &str, lines: Written) -> Self {
        Self::new(
            format!("fragments/{name}"),
            lines.origins(),
            Body::Lines(lines),
        )
    }

    /// Documents of YAML that pikc owns, below the folder.
    pub fn yaml(path: &str, header: Vec<String>, documents: Vec<Document>) -> Self {
        Self::new(
            path.to_owned(),
            Vec::new(),
            Body::Yaml { header, documents },
        )
    }

    /// A whole file that pikc owns at `path` on the machine: a template of the standard library, filled in.
    pub fn template(path: &str, name: &str, context: Arc<Context>) -> Self {
        let body = Body::Template {
            name: name.to_owned(),
            context,
        };
        Self::new(format!("files{path}"), Vec::new(), body)
    }

    /// A file that the user brought, below the folder.
    pub fn brought(path: &str, bytes: Arc<[u8]>) -> Self {
        Self::new(path.to_owned(), Vec::new(), Body::Verbatim(bytes))
    }

    fn new(path: String, origins: Vec<Origin>, body: Body) -> Self {
        Self {
            path: Utf8PathBuf::from(path),
            body,
            origins,
            placed: None,
            secret: false,
        }
    }

    /// Adds why it exists, if its lines alone do not say so.
    #[must_use]
    pub fn because(mut self, origins: impl IntoIterator<Item = Origin>) -> Self {
        for origin in origins {
            if !self.origins.contains(&origin) {
                self.origins.push(origin);
            }
        }
        self
    }

    /// Its mode on the machine; the owner is root.
    #[must_use]
    pub fn mode(mut self, mode: u32) -> Self {
        self.placed = Some(Placed::root(mode));
        self
    }

    /// Marks it as a secret: 0600 everywhere.
    #[must_use]
    pub fn secret(mut self) -> Self {
        self.secret = true;
        self.mode(0o600)
    }

    /// The same as an artifact below `folder`, and its line in a checksum list. In a bundle the
    /// class's `files/` is called `common/` (`prefix` says `common`), the node's stays as it is.
    pub fn artifact(self, folder: &str, class: bool) -> (Artifact, Listed) {
        let output = below(folder, self.path.as_str());
        let bundle = match (class, self.path.as_str().split_once('/')) {
            (true, Some(("files", rest))) => format!("common/{rest}"),
            (true, Some(("fragments", rest))) => format!("common-fragments/{rest}"),
            _ => self.path.to_string(),
        };
        let listed = Listed {
            bundle,
            output: output.clone(),
            placed: self.placed.unwrap_or_else(|| Placed::root(0o644)),
        };
        let artifact = Artifact {
            path: output,
            mode: if self.secret { 0o600 } else { 0o644 },
            body: self.body,
            origins: Arc::from(self.origins),
        };
        (artifact, listed)
    }
}

/// The path of something below a folder. Each node has twenty of them, and `join` would look for what a path can begin with.
pub(super) fn below(folder: &str, path: &str) -> Utf8PathBuf {
    [folder, "/", path].concat().into()
}
