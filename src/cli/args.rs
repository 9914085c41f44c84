//! The command line as types; its help texts are these doc comments.

use camino::Utf8PathBuf;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::value::Date;

/// From one small file that describes a Kubernetes cluster to everything that builds it: shell
/// scripts, kubeadm files and CNI manifests, checked against each other before a byte is written.
#[derive(Debug, Parser)]
#[command(
    name = "pikc",
    version,
    about,
    long_about = None,
    disable_help_subcommand = true,
    arg_required_else_help = true,
    after_help = "Exit status: 0 done; 1 the spec has errors and nothing was written; 2 the command line is wrong;\n\
                  3 a file could not be read or written. Begin with `pikc init`."
)]
pub(super) struct Cli {
    /// Colours in reports; `auto` means on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    pub color: When,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// When to use something that a terminal can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check a spec, then write the output tree; one line says what changed for each file
    Compile(CompileArgs),
    /// Put a node's files on the boot partition of its card, and mend its command line
    Card(CardArgs),
    /// Check specs and write nothing
    Check(CheckArgs),
    /// Explain a diagnostic: why it matters, what it looks like, how to mend it
    Explain(ExplainArgs),
    /// Show the resolved cluster: every value, with where it came from
    Show(ShowArgs),
    /// Try every CNI on a cluster: which fit, what stands against the others, what each can do
    Cni(CniArgs),
    /// Write a script that fetches upstream's files and compares them with their checksums, for sites without internet
    Vendor(VendorArgs),
    /// Say which lines of the spec and which rules made a line of the output
    Why(WhyArgs),
    /// Show what `compile` would change, as unified diffs; nothing is written
    Diff(DiffArgs),
    /// Show what the standard library knows
    #[command(subcommand)]
    Stdlib(StdlibCommand),
    /// Write a commented spec to start from, or one made of addresses on standard input
    Init(InitArgs),
    /// Print the completions for a shell
    Completions(CompletionsArgs),
    /// Print the manual page
    Man(ManArgs),
}

/// How a spec is read.
#[derive(Clone, Debug, Args)]
pub(super) struct Reading {
    /// A folder laid over the standard library: same paths replace, others extend it
    #[arg(long, value_name = "DIR", value_parser = super::paths::path)]
    pub stdlib: Option<Utf8PathBuf>,
    /// The folder that the spec may have files read from (`use`, `manifest`, `upstream`) [default: the spec's own; of `-`
    /// this one]
    #[arg(long, value_name = "DIR", value_parser = super::paths::path)]
    pub root: Option<Utf8PathBuf>,
    /// The day that rules about release ends look at [default: the standard library's own date]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<Date>,
}

/// What is done about warnings.
#[derive(Clone, Debug, Args)]
pub(super) struct Strictness {
    /// Count warnings as errors
    #[arg(long, value_name = "WHAT", value_enum)]
    pub deny: Option<Deny>,
}

/// What can be denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Deny {
    /// Warnings.
    Warnings,
}

/// `pikc check`
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// The specs; `-` is standard input
    #[arg(required_unless_present_any = ["kubeadm", "manifest"], value_name = "SPEC", value_parser = super::paths::path)]
    pub specs: Vec<Utf8PathBuf>,
    /// A file for `kubeadm --config`, of a cluster without a spec; may be repeated
    #[arg(long, value_name = "FILE", conflicts_with = "fix", value_parser = super::paths::path)]
    pub kubeadm: Vec<Utf8PathBuf>,
    /// A manifest that was applied to that cluster, as its CNI's; may be repeated
    #[arg(long, value_name = "FILE", conflicts_with = "fix", value_parser = super::paths::path)]
    pub manifest: Vec<Utf8PathBuf>,
    /// How findings are printed
    #[arg(long, value_enum, default_value_t = CheckFormat::Human, value_name = "FORMAT")]
    pub format: CheckFormat,
    /// Apply the edits that findings carry where the mend is certain, then check what is left; of `-`
    /// the mended text goes to standard output
    #[arg(long, conflicts_with = "format")]
    pub fix: bool,
    /// With --fix: also write the files that the specs use; else only those that are named here
    #[arg(long, requires = "fix")]
    pub fix_used: bool,
    #[command(flatten)]
    pub strictness: Strictness,
    #[command(flatten)]
    pub reading: Reading,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum CheckFormat {
    /// Reports for people, on standard error
    Human,
    /// JSON on standard output (docs/diagnostics.schema.json)
    Json,
    /// SARIF 2.1.0 on standard output, for code scanning
    Sarif,
    /// GitHub workflow annotations on standard output
    Github,
}

/// A format for people or for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum PlainFormat {
    /// For people
    Human,
    /// For programs
    Json,
}

/// What a compile works on; shared with `diff`.
#[derive(Clone, Debug, Args)]
pub(super) struct Making {
    /// The spec; `-` is standard input
    #[arg(value_name = "SPEC", value_parser = super::paths::path)]
    pub spec: Utf8PathBuf,
    /// The folder of the output tree
    #[arg(short, long, value_name = "DIR", value_parser = super::paths::path)]
    pub output: Utf8PathBuf,
    /// Choose the newest versions anew, in place of those that the tree was made with
    #[arg(long)]
    pub upgrade: bool,
    /// A file with the values of secrets: NAME=value lines, or a JSON object. PIKC_SECRET_NAME in
    /// the environment wins
    #[arg(long, value_name = "FILE", value_parser = super::paths::path)]
    pub secrets: Option<Utf8PathBuf>,
    /// A folder with upstream's files (see `pikc vendor`): the control plane gets them in its bundle and fetches none of them
    #[arg(long, value_name = "DIR", value_parser = super::paths::path)]
    pub vendored: Option<Utf8PathBuf>,
    /// Also make cloud-init/seed.img for machines that get cloud-init's files as a disk (all but Pis)
    #[arg(long)]
    pub seed_images: bool,
    #[command(flatten)]
    pub reading: Reading,
}

/// `pikc compile`
#[derive(Debug, Args)]
pub(super) struct CompileArgs {
    #[command(flatten)]
    pub making: Making,
    /// Say what would change and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Overwrite files of pikc's that were edited since (never files that pikc did not write)
    #[arg(long)]
    pub force: bool,
    /// Take a secret without a value for an error
    #[arg(long)]
    pub require_secrets: bool,
    #[command(flatten)]
    pub strictness: Strictness,
}

/// `pikc card`
#[derive(Debug, Args)]
pub(super) struct CardArgs {
    /// The spec; `-` is standard input
    #[arg(value_name = "SPEC", value_parser = super::paths::path)]
    pub spec: Utf8PathBuf,
    /// The node whose card it is
    #[arg(value_name = "NODE")]
    pub node: String,
    /// Where the card's boot partition is mounted
    #[arg(long, value_name = "DIR", value_parser = super::paths::path)]
    pub boot: Utf8PathBuf,
    /// The folder of the output tree, to keep the versions that it was made with
    #[arg(short, long, value_name = "DIR", value_parser = super::paths::path)]
    pub output: Option<Utf8PathBuf>,
    /// Say what would change and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Replace another node's files
    #[arg(long)]
    pub force: bool,
    /// A file with the values of secrets: NAME=value lines, or a JSON object. PIKC_SECRET_NAME in
    /// the environment wins
    #[arg(long, value_name = "FILE", value_parser = super::paths::path)]
    pub secrets: Option<Utf8PathBuf>,
    #[command(flatten)]
    pub reading: Reading,
}

/// `pikc diff`
#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    #[command(flatten)]
    pub making: Making,
}

/// `pikc why`
#[derive(Debug, Args)]
pub(super) struct WhyArgs {
    /// A file of an output tree and a line of it
    #[arg(value_name = "PATH:LINE")]
    pub place: String,
    /// The spec [default: the one that the tree was made from, beside the tree or in this folder]
    #[arg(long, value_name = "SPEC", value_parser = super::paths::path)]
    pub spec: Option<Utf8PathBuf>,
    #[command(flatten)]
    pub reading: Reading,
}

/// `pikc explain`
#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// A code, such as network/pods-overlap-lan; without one, the list of all
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = PlainFormat::Human, value_name = "FORMAT")]
    pub format: PlainFormat,
}

/// `pikc show`
#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// The spec; `-` is standard input
    #[arg(value_name = "SPEC", value_parser = super::paths::path)]
    pub spec: Utf8PathBuf,
    /// What each kind of machine has, what is taken of it before the first pod runs, and what is left
    #[arg(long)]
    pub budget: bool,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = PlainFormat::Human, value_name = "FORMAT")]
    pub format: PlainFormat,
    #[command(flatten)]
    pub reading: Reading,
}

/// `pikc cni`
#[derive(Debug, Args)]
pub(super) struct CniArgs {
    /// The spec; `-` is standard input
    #[arg(value_name = "SPEC", value_parser = super::paths::path)]
    pub spec: Utf8PathBuf,
    /// What is needed beside what the spec names, with commas between
    #[arg(long, value_name = "NEEDS", value_delimiter = ',', value_parser = super::cni::needs())]
    pub needs: Vec<String>,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = TableFormat::Human, value_name = "FORMAT")]
    pub format: TableFormat,
    #[command(flatten)]
    pub reading: Reading,
}

/// `pikc vendor`
#[derive(Debug, Args)]
pub(super) struct VendorArgs {
    /// The spec; `-` is standard input
    #[arg(value_name = "SPEC", value_parser = super::paths::path)]
    pub spec: Utf8PathBuf,
    /// The folder for the script, and for what it fetches
    #[arg(long, value_name = "DIR", value_parser = super::paths::path)]
    pub into: Utf8PathBuf,
    #[command(flatten)]
    pub reading: Reading,
}

/// How a table is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TableFormat {
    /// For people
    Human,
    /// For programs
    Json,
    /// For a page or an issue
    Markdown,
}

/// `pikc stdlib`
#[derive(Debug, Subcommand)]
pub(super) enum StdlibCommand {
    /// List the names that the standard library knows
    List(StdlibListArgs),
    /// Show the facts about something: values, sources, dates, what is unverified
    Show(StdlibShowArgs),
}

/// `pikc stdlib list`
#[derive(Debug, Args)]
pub(super) struct StdlibListArgs {
    /// A kind of thing: board, os, runtime, cni, release, repository, gone
    #[arg(value_name = "KIND")]
    pub kind: Option<String>,
    /// A folder laid over the standard library
    #[arg(long, value_name = "DIR", value_parser = super::paths::path)]
    pub stdlib: Option<Utf8PathBuf>,
}

/// `pikc stdlib show`
#[derive(Debug, Args)]
pub(super) struct StdlibShowArgs {
    /// A name, such as pi-4b-2g or 1.36; `KIND/NAME` where one name is two things
    #[arg(value_name = "NAME")]
    pub name: String,
    /// A folder laid over the standard library
    #[arg(long, value_name = "DIR", value_parser = super::paths::path)]
    pub stdlib: Option<Utf8PathBuf>,
}

/// `pikc init`
#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// Where cluster.pik is written
    #[arg(value_name = "DIR", default_value = ".", value_parser = super::paths::path)]
    pub dir: Utf8PathBuf,
    /// The spec to begin with; `addresses` makes one from standard input: a line for each
    /// machine, `ADDRESS [NAME]`, the first one becomes the control plane
    #[arg(long, value_enum, value_name = "NAME")]
    pub template: Option<Template>,
}

/// The specs to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Template {
    /// Four Raspberry Pis on the home Wi-Fi, every setting with a comment
    HomePi,
    /// The least that compiles: one control plane, one worker, a wire
    Minimal,
    /// From addresses on standard input
    Addresses,
}

/// `pikc completions`
#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// `pikc man`
#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// The page of one command [default: the page of pikc]
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
}
