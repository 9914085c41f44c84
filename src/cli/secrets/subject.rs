//! The arguments of `pikc secrets`, and the spec that they are about.

use camino::Utf8PathBuf;
use clap::Args;

use crate::Analysis;
use crate::cli::shared::args::{PlainFormat, Reading, Strictness};
use crate::cli::shared::console::Console;
use crate::cli::shared::exit::{Exit, Failure, Outcome};
use crate::cli::shared::files::{self, shown};
use crate::cli::shared::vault::{self, Keys, Opened};
use crate::cli::shared::{paths, report, secrets};
use crate::file_format::shell_word::word;
use crate::model::{Model, Target};
use crate::secret::{self, AUTHORITY_LASTS};
use crate::value::{Date, SecretName, go_duration};

/// The spec, and what opens its secrets.
#[derive(Debug, Args)]
pub(in crate::cli) struct Of {
    /// The spec, `NAME.pik`; its secrets are in `NAME.secrets.age` next to it
    #[arg(value_name = "SPEC", value_parser = paths::path)]
    pub spec: Utf8PathBuf,
    #[command(flatten)]
    pub keys: Keys,
    #[command(flatten)]
    pub reading: Reading,
}

impl Of {
    /// The spec as a word of a command line.
    pub(super) fn typed(&self) -> String {
        word(self.spec.as_str())
    }

    /// The command that compiles, into a folder next to the spec.
    pub(super) fn compiling(&self) -> String {
        let out = self.spec.with_file_name("out");
        format!("pikc compile {} -o {}", self.typed(), word(out.as_str()))
    }
}

/// `pikc secrets init`
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  pikc secrets init cluster.pik -R ~/.ssh/id_ed25519.pub   then `pikc compile`: the machines join by themselves"
)]
pub(in crate::cli) struct InitArgs {
    #[command(flatten)]
    pub of: Of,
    /// Who can open the file: an age recipient, an SSH public key, or a file with one on each line; can be repeated
    /// [default: a passphrase opens it]
    #[arg(short = 'R', long, value_name = "KEY")]
    pub recipient: Vec<String>,
}

/// `pikc secrets list`
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  pikc secrets list cluster.pik")]
pub(in crate::cli) struct ListArgs {
    #[command(flatten)]
    pub of: Of,
    /// The format of the list
    #[arg(long, value_enum, default_value_t = PlainFormat::Human, value_name = "FORMAT")]
    pub format: PlainFormat,
}

/// `pikc secrets set`
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  pikc secrets set cluster.pik wifi                 asks for the value\n  pass show home/wifi | pikc secrets set cluster.pik wifi"
)]
pub(in crate::cli) struct SetArgs {
    #[command(flatten)]
    pub of: Of,
    /// The name that the spec uses: `wifi` for `secret:wifi`
    #[arg(value_name = "NAME")]
    pub name: String,
    /// A file with the value, for a key of several lines [default: standard input, or the terminal]
    #[arg(long, value_name = "FILE", value_parser = paths::path)]
    pub from: Option<Utf8PathBuf>,
}

/// `pikc secrets rotate`
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  pikc secrets rotate cluster.pik join/token   then compile again"
)]
pub(in crate::cli) struct RotateArgs {
    #[command(flatten)]
    pub of: Of,
    /// The secret, as `list` names it
    #[arg(value_name = "NAME")]
    pub name: String,
    /// The cluster's name, which confirms that an authority or a key below pki/ is replaced [default: it is asked for]
    #[arg(long, value_name = "CLUSTER")]
    pub confirm: Option<String>,
}

/// `pikc secrets check`
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  pikc secrets check cluster.pik --within 180")]
pub(in crate::cli) struct CheckArgs {
    #[command(flatten)]
    pub of: Of,
    /// Warn of what ends within so many days
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    pub within: u32,
}

/// A spec, and where its secrets are.
pub(super) struct Subject {
    analysis: Analysis,
    pub path: Utf8PathBuf,
}

impl Subject {
    /// Reads a spec. Nothing if it has errors, which are reported.
    pub fn read(of: &Of, console: &Console) -> Result<Option<Self>, Failure> {
        let Some(path) = vault::beside(&of.spec) else {
            return Err(Failure::usage(
                "the secrets of a spec are next to its file: name the file",
            ));
        };
        let analysis = files::judge(&of.spec, &of.reading, None)?;
        if Strictness::LENIENT.refuses(&analysis) || analysis.model.is_none() {
            console.report(&report::render(&analysis, shown(&of.spec), console.err));
            return Ok(None);
        }
        Ok(Some(Self { analysis, path }))
    }

    pub fn model(&self) -> Result<&Model, Failure> {
        let model = self.analysis.model.as_deref();
        model.ok_or_else(|| Failure::environment("the spec describes no cluster"))
    }

    /// The names that the spec uses.
    pub fn named(&self) -> Result<Vec<SecretName>, Failure> {
        Ok(secrets::named(self.model()?).into_keys().collect())
    }

    /// Its file, opened; that it is the right one is checked.
    pub fn open(&self, of: &Of) -> Result<Opened, Failure> {
        let Some(bytes) = vault::bytes(&self.path)? else {
            return Err(Failure::environment(format!(
                "there is no `{}`: this cluster has no secrets file yet",
                self.path
            ))
            .help(format!("pikc secrets init {}", of.typed())));
        };
        let opened = vault::open(&self.path, &bytes, &of.keys)?;
        vault::belongs(&self.path, &opened.vault, &self.model()?.cluster.name.value)?;
        Ok(opened)
    }
}

/// How long the spec wants certificate authorities to be valid.
pub(super) fn authorities_last(model: &Model) -> time::Duration {
    let is_it = |target: &Target| {
        matches!(target, Target::Field { kind, path }
            if kind == "ClusterConfiguration" && path == "caCertificateValidityPeriod")
    };
    let mut carried = model.cluster.carried.iter();
    let said = carried.find(|one| is_it(&one.target));
    let nanoseconds = said.and_then(|one| go_duration(&one.value.value.argument()));
    let seconds = nanoseconds.and_then(|all| i64::try_from(all / 1_000_000_000).ok());
    let seconds = seconds.filter(|seconds| *seconds > 0);
    seconds.map_or(AUTHORITY_LASTS, time::Duration::seconds)
}

/// The secret that encrypts what etcd stores. No person can choose that one well.
pub(super) fn encryption_key(model: &Model) -> Option<&SecretName> {
    let encryption = model.cluster.control_plane.api_server.encryption.as_ref()?;
    encryption.key.as_ref().map(|key| &key.value)
}

/// The day that counts as today.
pub(super) fn today(of: &Of) -> Date {
    of.reading
        .as_of
        .unwrap_or_else(|| secret::day_of(vault::now()))
}

/// "made today", "12 days"
pub(super) fn age(days: i64) -> String {
    match days {
        ..=0 => "today".to_owned(),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

/// Reads a spec and does something with it, unless it has errors.
pub(super) fn with(of: &Of, console: &Console, act: impl FnOnce(&Subject) -> Outcome) -> Outcome {
    match Subject::read(of, console)? {
        Some(subject) => act(&subject),
        None => Ok(Exit::Mistakes),
    }
}
