//! Arguments that several commands share.

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};

use super::paths;
use super::vault::Keys;
use crate::Analysis;
use crate::diagnostic::Severity;
use crate::value::Date;

/// When to use something that a terminal can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum When {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How a spec is read.
#[derive(Clone, Debug, Args)]
pub(in crate::cli) struct Reading {
    /// A folder that overlays the standard library: files with the same path replace its files, others extend it
    #[arg(long, value_name = "DIR", value_parser = paths::path)]
    pub stdlib: Option<Utf8PathBuf>,
    /// The folder from which the spec may read files (`use`, `manifest`, `upstream`) [default: the spec's own; for `-`,
    /// the current one]
    #[arg(long, value_name = "DIR", value_parser = paths::path)]
    pub root: Option<Utf8PathBuf>,
    /// The date that rules about the end of a release use [default: the standard library's own date]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<Date>,
}

/// What is done about warnings.
#[derive(Clone, Debug, Args)]
pub(in crate::cli) struct Strictness {
    /// Count warnings as errors
    #[arg(long, value_name = "WHAT", value_enum)]
    pub deny: Option<Deny>,
}

impl Strictness {
    /// Warnings stay warnings.
    pub(in crate::cli) const LENIENT: Self = Self { deny: None };

    /// Whether the spec may not be compiled.
    pub(in crate::cli) fn refuses(&self, analysis: &Analysis) -> bool {
        let denied =
            self.deny == Some(Deny::Warnings) && analysis.diagnostics.count(Severity::Warning) > 0;
        analysis.diagnostics.has_errors() || denied
    }
}

/// What can be denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Deny {
    /// Warnings.
    Warnings,
}

/// A format for people or for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum PlainFormat {
    /// For people
    Human,
    /// For programs
    Json,
}

/// Where the values of secrets come from.
#[derive(Clone, Debug, Default, Args)]
pub(in crate::cli) struct SecretArgs {
    /// A file with the values of secrets: NAME=value lines, a JSON object, one of these encrypted by sops, or a file of
    /// `pikc secrets` [default: NAME.secrets.age next to the spec, if there is one]. PIKC_SECRET_NAME in the environment wins
    #[arg(long = "secrets", value_name = "FILE", value_parser = paths::path)]
    pub file: Option<Utf8PathBuf>,
    /// Leave NAME.secrets.age aside: machines wait for a join file that a person brings
    #[arg(long)]
    pub without_secrets: bool,
    #[command(flatten)]
    pub keys: Keys,
}

/// What a compile needs; shared with `diff`.
#[derive(Clone, Debug, Args)]
pub(in crate::cli) struct Making {
    /// The spec; `-` is standard input
    #[arg(value_name = "SPEC", value_parser = paths::path)]
    pub spec: Utf8PathBuf,
    /// The folder of the output tree
    #[arg(short, long, value_name = "DIR", value_parser = paths::path)]
    pub output: Utf8PathBuf,
    /// Choose the newest versions again instead of keeping those that the tree was built with
    #[arg(long)]
    pub upgrade: bool,
    #[command(flatten)]
    pub secrets: SecretArgs,
    /// A folder with upstream's files (see `pikc vendor`): the control plane gets them in its bundle and fetches none of them
    #[arg(long, value_name = "DIR", value_parser = paths::path)]
    pub vendored: Option<Utf8PathBuf>,
    /// Also build cloud-init/seed.img for machines that get cloud-init's files as a disk (all but Pis)
    #[arg(long)]
    pub seed_images: bool,
    #[command(flatten)]
    pub reading: Reading,
}
