//! `pikc diff`: what `compile` would change, as unified diffs.

use clap::Args;

use super::shared::args::{Making, Strictness};
use super::shared::console::{Console, Look, Paint, paint, visible};
use super::shared::exit::{Exit, Outcome};
use super::shared::make::{make, unwritten};
use super::shared::progress::Progress;
use crate::output::{self, Body, ChangeKind, Diff, FileDiff};

/// `pikc diff`
#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    #[command(flatten)]
    pub making: Making,
}

pub(super) fn run(args: &DiffArgs, console: &Console) -> Outcome {
    let progress = Progress::start(console, "compiling");
    let made = make(&args.making, &Strictness::LENIENT, false, console)?;
    drop(progress);
    let Some(made) = made else {
        return Ok(Exit::Mistakes);
    };
    let dir = &args.making.output;
    let waits = || console.report(&format!("waiting for another pikc that writes to {dir}\n"));
    let diff = output::diff(dir, &made.compiled.rendered, &made.manifest, Some(&waits))
        .map_err(|error| unwritten(&error))?;
    console.report(&obstacles(&diff));
    let mut text = drawn(&diff, console.out);
    if diff.files.is_empty() {
        text = format!("nothing would change in {dir}\n");
    }
    console.result(&text)?;
    Ok(Exit::Done)
}

/// All of it, a section for each file.
pub(super) fn drawn(diff: &Diff, look: Look) -> String {
    diff.files.iter().map(|file| section(file, look)).collect()
}

/// What would stop a compile.
fn obstacles(diff: &Diff) -> String {
    let mut text = String::new();
    for one in &diff.foreign {
        text.push_str(&format!(
            "{}: {} that pikc did not write; compile would refuse\n",
            visible(one.path.as_str()),
            one.what
        ));
    }
    for path in &diff.edited {
        text.push_str(&format!(
            "{}: edited since pikc wrote it; compile would refuse without --force\n",
            visible(path.as_str())
        ));
    }
    text
}

fn section(file: &FileDiff, look: Look) -> String {
    let path = visible(file.path.as_str());
    let (old, new) = match file.step {
        ChangeKind::Created => ("/dev/null".to_owned(), format!("b/{path}")),
        ChangeKind::Changed => (format!("a/{path}"), format!("b/{path}")),
        ChangeKind::Removed => (format!("a/{path}"), "/dev/null".to_owned()),
    };
    let head = paint(look, Paint::Heading, &format!("--- {old}\n+++ {new}"));
    let body = match &file.body {
        Body::Text(hunks) => hunks.lines().map(|line| colored(line, look)).collect(),
        Body::Secret => "(holds a secret: not shown)\n".to_owned(),
        Body::Binary => "(not text: not shown)\n".to_owned(),
        Body::Mode(old, new) => format!("(mode {old:04o} becomes {new:04o})\n"),
        Body::Link { old, new } => {
            let line = |sign: char, target: &Option<String>| match target {
                Some(target) => colored(&format!("{sign}link to {target}"), look),
                None => String::new(),
            };
            format!("{}{}", line('-', old), line('+', new))
        }
    };
    format!("{head}\n{body}")
}

fn colored(line: &str, look: Look) -> String {
    let line = visible(line);
    let color = match line.chars().next() {
        Some('-') => Paint::Error,
        Some('+') => Paint::Added,
        Some('@') => Paint::Note,
        _ => return format!("{line}\n"),
    };
    format!("{}\n", paint(look, color, &line))
}
