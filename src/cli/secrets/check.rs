//! `pikc secrets check`: whether the file fits the spec, is whole, and stays valid.

use super::subject::{CheckArgs, Subject, today, with};
use crate::cli::shared::console::Console;
use crate::cli::shared::exit::{Exit, Outcome};
use crate::cli::shared::report::count;
use crate::cli::shared::{key_values, passphrase, passwords};
use crate::secret::{Own, Vault};
use crate::value::Date;

/// What was found: errors and warnings.
#[derive(Default)]
struct Found {
    errors: Vec<String>,
    warnings: Vec<String>,
}

pub(super) fn run(args: &CheckArgs, console: &Console) -> Outcome {
    with(&args.of, console, |subject| {
        let opened = subject.open(&args.of)?;
        let mut found = Found::default();
        own(&opened.vault, today(&args.of), args, &mut found);
        slots(subject, &opened.vault, args, &mut found)?;
        for text in &found.errors {
            console.report(&format!("error: {text}\n"));
        }
        for text in &found.warnings {
            console.report(&format!("warning: {text}\n"));
        }
        if !found.errors.is_empty() {
            return Ok(Exit::Mistakes);
        }
        let vault = &opened.vault;
        console.result(&format!(
            "{}: {} of the cluster {}{}\n",
            subject.path,
            count(vault.own.len() + vault.slots.len(), "secret"),
            vault.cluster,
            match found.warnings.len() {
                0 => ", all sound".to_owned(),
                more => format!(", {}", count(more, "warning")),
            }
        ))?;
        Ok(Exit::Done)
    })
}

/// The cluster's own secrets.
fn own(vault: &Vault, today: Date, args: &CheckArgs, found: &mut Found) {
    let spec = args.of.typed();
    for own in Own::ALL {
        let (name, title) = (own.name(), own.title());
        let Some(held) = vault.own.get(&own) else {
            found.errors.push(format!(
                "{name} is missing: `pikc secrets rotate {spec} {name}` makes {title}"
            ));
            continue;
        };
        if let Some(why) = held.unsound() {
            found.errors.push(format!("{name}: {why}"));
        }
        let Some(ends) = held.ends else { continue };
        let left = today.days_until(ends);
        if left < 0 {
            found.errors.push(format!(
                "{name} ended on {ends}: no machine accepts {title} any more"
            ));
        } else if left <= i64::from(args.within) {
            found.warnings.push(format!(
                "{name} ends on {ends}, in {}: after that no machine accepts {title}",
                count(usize::try_from(left).unwrap_or_default(), "day")
            ));
        }
    }
}

/// The secrets that the spec names.
fn slots(
    subject: &Subject,
    vault: &Vault,
    args: &CheckArgs,
    found: &mut Found,
) -> Result<(), crate::cli::shared::exit::Failure> {
    let (model, named, spec) = (subject.model()?, subject.named()?, args.of.typed());
    for name in &named {
        if !vault.slots.contains_key(name) {
            found.warnings.push(format!(
                "{0} has no value: `pikc secrets set {spec} {0}`; without it the files that need it are left out",
                name.0
            ));
        }
    }
    for name in vault.slots.keys().filter(|name| !named.contains(name)) {
        found
            .warnings
            .push(format!("{} is no longer named by the spec", name.0));
    }
    let values = vault
        .slots
        .iter()
        .map(|(name, held)| (name.clone(), held.value.clone()))
        .collect();
    let wrong = passphrase::wrong(model, &values)
        .into_iter()
        .chain(key_values::wrong(model, &values))
        .chain(passwords::wrong(model, &values));
    found
        .errors
        .extend(wrong.map(|finding| finding.message.to_string()));
    Ok(())
}
