//! A folder to run pikc in, and the result of a run.

pub mod analysis;
pub mod base;
pub mod bless;
pub mod family;

use std::path::{Path, PathBuf};

use assert_cmd::Command;

/// The program under test.
pub const PIKC: &str = env!("CARGO_BIN_EXE_pikc");

/// A temporary folder with files in it.
pub struct Folder(tempfile::TempDir);

/// The result of a run.
#[derive(Debug)]
pub struct Run {
    /// The exit status; -1 for a signal.
    pub status: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Folder {
    /// A folder with these files.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().expect("a temporary folder"));
        for (name, text) in files {
            folder.text(name, text);
        }
        folder
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file and the folders above it.
    pub fn text(&self, name: &str, text: &str) {
        self.bytes(name, text.as_bytes());
    }

    /// Writes a file of any bytes.
    pub fn bytes(&self, name: &str, bytes: &[u8]) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        std::fs::write(path, bytes).expect("a file");
    }

    /// Every file below a folder, links aside.
    pub fn files(&self, below: &str) -> Vec<PathBuf> {
        let (mut found, mut open) = (Vec::new(), vec![self.path().join(below)]);
        while let Some(next) = open.pop() {
            for entry in std::fs::read_dir(&next).expect("a folder") {
                let path = entry.expect("an entry").path();
                match (path.is_symlink(), path.is_dir()) {
                    (true, _) => {}
                    (false, true) => open.push(path),
                    (false, false) => found.push(path),
                }
            }
        }
        found
    }

    /// The text of a file.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    /// Runs pikc in the folder with these variables and this standard input.
    pub fn run(&self, arguments: &[&str], variables: &[(&str, &str)], input: &str) -> Run {
        let mut command = Command::new(PIKC);
        command.args(arguments);
        for (name, value) in variables {
            command.env(name, value);
        }
        finish(command, self.path(), variables, input)
    }

    /// Runs a bash script in the folder.
    pub fn shell(&self, script: &str) -> Run {
        let mut command = Command::new("bash");
        command.args(["-c", script]);
        finish(command, self.path(), &[], "")
    }
}

/// Runs pikc in a folder.
pub fn pikc(folder: &Folder, arguments: &[&str]) -> Run {
    folder.run(arguments, &[], "")
}

/// Environment variables that would change what is printed.
const UNSET: &[&str] = &[
    "NO_COLOR", "COLUMNS", "LC_ALL", "LC_CTYPE", "LANG", "RUST_LOG", "TERM",
];

fn finish(mut command: Command, folder: &Path, variables: &[(&str, &str)], input: &str) -> Run {
    for name in UNSET {
        if !variables.iter().any(|(given, _)| given == name) {
            command.env_remove(name);
        }
    }
    let output = command
        .current_dir(folder)
        .write_stdin(input)
        .output()
        .expect("the program starts");
    Run {
        status: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// Two assertions that show the text they checked.
pub mod predicates_lite {
    /// The text contains the words.
    #[track_caller]
    pub fn has(text: &str, words: &str) {
        assert!(text.contains(words), "not there: {words}\n--- in:\n{text}");
    }

    /// The text does not contain the words.
    #[track_caller]
    pub fn lacks(text: &str, words: &str) {
        assert!(!text.contains(words), "there: {words}\n--- in:\n{text}");
    }
}
