//! How a command ends: the exit status, and the words for what went wrong outside of the spec.

use std::process::ExitCode;

/// The ways to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Exit {
    /// Done.
    Done,
    /// The spec has errors; nothing was written.
    Mistakes,
    /// The command line is wrong.
    Usage,
    /// A file could not be read or written.
    Environment,
    /// `--exit-code`: something differs.
    Differs,
    /// `--exit-code`: it is not known whether something differs.
    Trouble,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(match exit {
            Exit::Done => 0,
            Exit::Mistakes | Exit::Differs => 1,
            Exit::Usage | Exit::Trouble => 2,
            Exit::Environment => 3,
        })
    }
}

/// What stopped a command, when it was not the spec.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Failure {
    /// The exit status.
    pub exit: Exit,
    /// One sentence, no full stop; nothing to say when the reader of our output went away.
    pub message: Option<String>,
    /// What to type instead.
    pub help: Option<String>,
}

impl Failure {
    /// A file could not be read or written, or the machine refused otherwise.
    pub(in crate::cli) fn environment(message: impl Into<String>) -> Self {
        Self {
            exit: Exit::Environment,
            message: Some(message.into()),
            help: None,
        }
    }

    /// The command line asks for something that does not exist.
    pub(in crate::cli) fn usage(message: impl Into<String>) -> Self {
        Self {
            exit: Exit::Usage,
            ..Self::environment(message)
        }
    }

    /// Adds what to type.
    #[must_use]
    pub(in crate::cli) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The error of a write to our own output. A reader that has seen enough (`pikc explain | head`)
/// is not a failure.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Self {
                exit: Exit::Done,
                message: None,
                help: None,
            };
        }
        Self::environment(format!("the output cannot be written: {error}"))
    }
}

/// How a command ended.
pub(in crate::cli) type Outcome = Result<Exit, Failure>;
