//! `pikc secrets list`: names and dates, never a value.

use serde_json::{Value as Json, json};

use super::subject::{ListArgs, age, today, with};
use crate::cli::shared::args::PlainFormat;
use crate::cli::shared::console::Console;
use crate::cli::shared::exit::{Exit, Outcome};
use crate::secret::{Held, Own, Vault};
use crate::value::{Date, SecretName};

/// A line of the list.
struct Row<'a> {
    name: &'a str,
    title: &'static str,
    held: Option<&'a Held>,
}

pub(super) fn run(args: &ListArgs, console: &Console) -> Outcome {
    with(&args.of, console, |subject| {
        let opened = subject.open(&args.of)?;
        let named = subject.named()?;
        let rows = rows(&opened.vault, &named);
        let pin = opened.vault.own.get(&Own::Ca).and_then(Held::pin);
        let today = today(&args.of);
        console.result(&match args.format {
            PlainFormat::Human => text(&opened.vault, &rows, pin.as_deref(), today),
            PlainFormat::Json => json(&opened.vault, &rows, pin.as_deref(), today),
        })?;
        Ok(Exit::Done)
    })
}

fn rows<'a>(vault: &'a Vault, named: &'a [SecretName]) -> Vec<Row<'a>> {
    let mut rows: Vec<Row<'a>> = Own::ALL
        .into_iter()
        .map(|own| Row {
            name: own.name(),
            title: own.title(),
            held: vault.own.get(&own),
        })
        .collect();
    rows.extend(named.iter().map(|name| Row {
        name: &name.0,
        title: "named by the spec",
        held: vault.slots.get(name),
    }));
    let left = vault.slots.iter().filter(|(name, _)| !named.contains(name));
    rows.extend(left.map(|(name, held)| Row {
        name: &name.0,
        title: "no longer named by the spec",
        held: Some(held),
    }));
    rows
}

fn text(vault: &Vault, rows: &[Row<'_>], pin: Option<&str>, today: Date) -> String {
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for row in rows {
        let since = match row.held {
            None => "not set".to_owned(),
            Some(held) => format!("{} ({})", held.made, age(held.made.days_until(today))),
        };
        let ends = row.held.and_then(|held| held.ends);
        let ends = ends.map_or(String::new(), |day| format!(", valid until {day}"));
        text.push_str(&format!(
            "{:width$}  {since:24}  {}{ends}\n",
            row.name, row.title
        ));
    }
    if let Some(pin) = pin {
        text.push_str(&format!(
            "\nThe authority of the cluster {} is known by {pin}\n",
            vault.cluster
        ));
    }
    match vault.recipients.as_slice() {
        [] => text.push_str("A passphrase opens the file.\n"),
        keys => keys
            .iter()
            .for_each(|key| text.push_str(&format!("Opened by {key}\n"))),
    }
    text
}

fn json(vault: &Vault, rows: &[Row<'_>], pin: Option<&str>, today: Date) -> String {
    let row = |row: &Row<'_>| -> Json {
        json!({
            "name": row.name,
            "what": row.title,
            "set": row.held.is_some(),
            "made": row.held.map(|held| held.made.to_string()),
            "days": row.held.map(|held| held.made.days_until(today)),
            "ends": row.held.and_then(|held| held.ends).map(|day| day.to_string()),
        })
    };
    let page = json!({
        "cluster": vault.cluster,
        "authority": pin,
        "recipients": vault.recipients,
        "secrets": rows.iter().map(row).collect::<Vec<_>>(),
    });
    format!("{page:#}\n")
}
