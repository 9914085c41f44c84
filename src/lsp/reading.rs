//! The files of a spec as the editor has them: open documents, then the disk.

use std::cell::RefCell;
use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::workspace::{State, Workspace};
use crate::model::Reader;
use crate::output::{self, Disk};

/// Open documents, then the disk; what is read is noted. A spec may read the same files as with `check`: an open document does not
/// widen that.
pub(super) struct Reading<'a> {
    workspace: &'a Workspace,
    disk: Disk<'a>,
    reads: RefCell<BTreeMap<Utf8PathBuf, State>>,
}

impl<'a> Reading<'a> {
    /// For a spec, with other texts of its files by their names, and the folder that it may read.
    pub(super) fn new(
        workspace: &'a Workspace,
        spec: &Utf8Path,
        texts: &'a BTreeMap<String, String>,
        root: Utf8PathBuf,
    ) -> Self {
        let own = (spec.to_owned(), workspace.state(spec));
        Self {
            workspace,
            disk: Disk { texts, root },
            reads: RefCell::new(BTreeMap::from([own])),
        }
    }

    /// What was read, and its state then.
    pub(super) fn into_reads(self) -> BTreeMap<Utf8PathBuf, State> {
        self.reads.into_inner()
    }
}

impl Reader for Reading<'_> {
    fn read(&self, path: &Utf8Path) -> Result<String, String> {
        self.reads
            .borrow_mut()
            .insert(path.to_owned(), self.workspace.state(path));
        let open = self.workspace.open(path);
        let Some(document) = open.filter(|_| !self.disk.texts.contains_key(path.as_str())) else {
            return self.disk.read(path);
        };
        match output::is_beneath(&self.disk.root, path) {
            Ok(()) => Ok(document.text.to_string()),
            // Not saved yet.
            Err(output::Unread::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => {
                Ok(document.text.to_string())
            }
            Err(why) => Err(why.to_string()),
        }
    }
}
