//! `pikc card`: puts a node's files on the boot partition of its card, and on its kernel command line what the
//! node needs there.

use camino::Utf8PathBuf;
use clap::Args;

use super::shared::args::{Reading, SecretArgs, Strictness};
use super::shared::console::Console;
use super::shared::exit::{Exit, Failure, Outcome};
use super::shared::files::{self, shown};
use super::shared::make::{Wishes, earlier, spec_name, tree};
use super::shared::{paths, report, secrets};
use crate::diagnostic::Severity;
use crate::diagnostic::suggest::nearest;
use crate::output::{self, CardChange, CardError, CardOptions, ChangeKind, Words};
use crate::plan::{self, Card, NoCard};
use crate::render::{Content, Entry};

/// `pikc card`
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  pikc card cluster.pik node02 -o out --boot /media/you/bootfs   the card of node02, mounted there"
)]
pub(super) struct CardArgs {
    /// The spec; `-` is standard input
    #[arg(value_name = "SPEC", value_parser = paths::path)]
    pub spec: Utf8PathBuf,
    /// The node whose card it is
    #[arg(value_name = "NODE")]
    pub node: String,
    /// Where the card's boot partition is mounted
    #[arg(long, value_name = "DIR", value_parser = paths::path)]
    pub boot: Utf8PathBuf,
    /// The folder of the output tree, to keep the versions that it was built with
    #[arg(short, long, value_name = "DIR", value_parser = paths::path)]
    pub output: Option<Utf8PathBuf>,
    /// Say what would change and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Replace another node's files
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub secrets: SecretArgs,
    #[command(flatten)]
    pub reading: Reading,
}

pub(super) fn run(args: &CardArgs, console: &Console) -> Outcome {
    let kept = match &args.output {
        Some(dir) => earlier(dir)?.as_ref().and_then(output::kept_version),
        None => None,
    };
    let mut analysis = files::judge(&args.spec, &args.reading, kept)?;
    let name = shown(&args.spec);
    if Strictness::LENIENT.refuses(&analysis) {
        console.report(&report::render(&analysis, name, console.err));
        return Ok(Exit::Mistakes);
    }
    let Some(checked) = &analysis.checked else {
        return Err(Failure::environment("the spec describes no cluster"));
    };
    let spec = spec_name(name);
    let card = plan::card(checked, &args.node, &spec).map_err(|why| stranger(&args.node, why))?;
    let compiled = tree(
        &mut analysis,
        name,
        &Wishes {
            secrets: Some((&args.spec, &args.secrets)),
            ..Wishes::default()
        },
    )?;
    let Some(compiled) = compiled else {
        console.report(&report::render(&analysis, name, console.err));
        console.report("nothing was written\n");
        return Ok(Exit::Mistakes);
    };
    let mut contents: Vec<(&str, &Content)> = Vec::new();
    let mut lacking = false;
    for (file, path) in &card.files {
        match compiled.rendered.entries().get(path.as_str()) {
            Some(Entry::File(found)) => contents.push((file, &found.content)),
            _ => {
                lacking |= compiled
                    .missing_secrets
                    .values()
                    .flatten()
                    .any(|left| left == path)
            }
        }
    }
    if let Some(model) = analysis.model.as_ref().filter(|_| lacking) {
        let findings = secrets::missing(model, &compiled.missing_secrets);
        for finding in findings {
            analysis.diagnostics.push(finding.severity(Severity::Error));
        }
        analysis.diagnostics.sort();
    }
    if analysis.diagnostics.has_errors() {
        console.report(&report::render(&analysis, name, console.err));
        console.report("nothing was written\n");
        return Ok(Exit::Mistakes);
    }
    let changes = output::put_on_card(
        &args.boot,
        &output::Card {
            owner: &card.owner,
            instance: &card.instance,
            files: contents,
            command_lines: &card.command_lines,
            words: Words {
                wanted: &card.wanted,
                unwanted: &card.unwanted,
                once: &card.once,
            },
            firmware: card.firmware.as_deref(),
        },
        CardOptions {
            force: args.force,
            dry_run: args.dry_run,
        },
    )
    .map_err(|error| unwritten(&error))?;
    console.result(&lines(args, &card, &changes))?;
    Ok(Exit::Done)
}

/// Why there is no card for a name.
fn stranger(name: &str, why: NoCard) -> Failure {
    match why {
        NoCard::Unknown(names) => {
            let failure = Failure::usage(format!("the spec has no node `{name}`"));
            match nearest(name, names.iter().map(String::as_str)) {
                Some(near) => failure.help(format!("did you mean `{near}`?")),
                None => failure.help("`pikc show SPEC` shows the nodes"),
            }
        }
        NoCard::NotAPi(board) => Failure::usage(format!(
            "`{name}` is not a Raspberry Pi ({board}): it does not boot from a card's boot partition"
        ))
        .help("give it nodes/NAME/cloud-init as a seed (`compile --seed-images`), or copy the folder and run run.sh"),
        NoCard::Unprepared(system) => {
            Failure::usage(format!("pikc does not know how to prepare a card with {system}"))
                .help("copy the node's folder to the machine and run run.sh")
        }
        NoCard::Unfit(why) => Failure::environment(format!(
            "the kernel command line cannot hold a word that {why}"
        ))
        .help("check the folder given with --stdlib; without one this is a bug in pikc"),
    }
}

fn unwritten(error: &CardError) -> Failure {
    let failure = Failure::environment(error.to_string());
    match error {
        CardError::NotBoot(..) => {
            failure.help("mount the first partition of the card and name that folder")
        }
        CardError::Taken(..) => {
            failure.help("use the right card, or replace its files with --force")
        }
        CardError::NoFile(_) => failure.help("check what it is, and remove it if it is not needed"),
        CardError::Io(..) => {
            failure.help("fix that and run it again: what is already there does no harm")
        }
    }
}

fn lines(args: &CardArgs, card: &Card, changes: &[CardChange]) -> String {
    let dir = &args.boot;
    if changes.is_empty() {
        return format!(
            "nothing changed in {dir}: it is the {} of {}\n",
            card.medium, card.owner
        );
    }
    let mut text = String::new();
    for one in changes {
        let word = match (one.change.step, args.dry_run) {
            (ChangeKind::Created, false) => "created",
            (ChangeKind::Created, true) => "would create",
            (_, false) => "changed",
            (_, true) => "would change",
        };
        text.push_str(&format!("{word} {}{}\n", one.change.path, one.note));
    }
    text.push_str(&if args.dry_run {
        format!("{dir}: a dry run, nothing was written\n")
    } else {
        format!(
            "{dir} is the {} of {}; next: unmount it, put it into the machine, power it on\n",
            card.medium, card.owner
        )
    });
    text
}
