//! `pikc secrets set` and `pikc secrets rotate`: one secret gets another value.

use std::io::IsTerminal as _;

use super::subject::{RotateArgs, SetArgs, Subject, authorities_last, encryption_key, with};
use crate::cli::shared::console::Console;
use crate::cli::shared::exit::{Exit, Failure, Outcome};
use crate::cli::shared::{key_values, passphrase, passwords, secrets, vault};
use crate::diagnostic::suggest::nearest;
use crate::output::{self, Sort};
use crate::secret::{self, Held, Own, Secret};
use crate::value::SecretName;

pub(super) fn set(args: &SetArgs, console: &Console) -> Outcome {
    with(&args.of, console, |subject| {
        let name = slot(args, subject)?;
        let place = vault::lock(&subject.path)?;
        let mut opened = subject.open(&args.of)?;
        let value = value(args)?;
        secrets::usable(&name, &value)?;
        let model = subject.model()?;
        let value = passwords::kept(model, &name, value)?;
        let values = [(name.clone(), value.clone())].into();
        let wrong = passphrase::wrong(model, &values)
            .into_iter()
            .chain(key_values::wrong(model, &values))
            .chain(passwords::wrong(model, &values));
        if let Some(finding) = wrong.into_iter().next() {
            return Err(
                Failure::environment(format!("{}: nothing was changed", finding.message))
                    .help(format!("pikc explain {}", finding.descriptor.code)),
            );
        }
        let made = secret::day_of(vault::now());
        let held = Held {
            value,
            made,
            ends: None,
            public: None,
        };
        let before = opened.vault.slots.insert(name.clone(), held);
        vault::save(&subject.path, &place, &opened)?;
        let word = if before.is_some() { "replaced" } else { "set" };
        console.result(&format!(
            "{word} {} in {}; next: {}\n",
            name.0,
            subject.path,
            args.of.compiling()
        ))?;
        Ok(Exit::Done)
    })
}

/// Whether a secret can be called this. What cannot is not repeated: it can be a value in the wrong place.
fn is_name(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// The name of a secret of the spec.
fn slot(args: &SetArgs, subject: &Subject) -> Result<SecretName, Failure> {
    let given = args.name.strip_prefix("secret:").unwrap_or(&args.name);
    if Own::named(given).is_some() {
        return Err(
            Failure::usage(format!("`{given}` is made by pikc, not set"))
                .help(format!("pikc secrets rotate {} {given}", args.of.typed())),
        );
    }
    if !is_name(given) {
        return Err(match given.contains('=') {
            true => vault::value_as_argument(),
            false => {
                Failure::usage("the name of a secret consists of lowercase letters, digits and `-`")
                    .help(format!("pikc secrets list {}", args.of.spec))
            }
        });
    }
    let named = subject.named()?;
    if let Some(found) = named.iter().find(|name| name.0 == given) {
        return Ok(found.clone());
    }
    let failure = Failure::usage(format!("the spec has no `secret:{given}`"));
    Err(
        match nearest(given, named.iter().map(|name| name.0.as_str())) {
            Some(near) => failure.help(format!("did you mean `{near}`?")),
            None if named.is_empty() => failure.help("it names no secret at all"),
            None => {
                let all: Vec<&str> = named.iter().map(|name| name.0.as_str()).collect();
                failure.help(format!("it names {}", all.join(", ")))
            }
        },
    )
}

/// What the value is: from a file, from a pipe, or typed.
fn value(args: &SetArgs) -> Result<Secret, Failure> {
    let text = match &args.from {
        Some(path) => vault::closed_text(path)?,
        None if std::io::stdin().is_terminal() => vault::ask(&format!("Value of {}", args.name))
            .ok_or_else(|| Failure::environment("no value was typed: nothing was changed"))?,
        None => {
            let unread =
                |why: String| Failure::environment(format!("standard input cannot be read: {why}"));
            let bytes = output::bounded(std::io::stdin().lock(), Sort::Secrets)
                .map_err(|why| unread(why.to_string()))?;
            Secret::new(String::from_utf8(bytes).map_err(|_| unread("it is not UTF-8".to_owned()))?)
        }
    };
    // The line break that every program puts at the end of what it prints.
    let one = text.expose();
    let one = one.strip_suffix('\n').unwrap_or(one);
    let one = one.strip_suffix('\r').unwrap_or(one);
    match one.is_empty() {
        true => Err(Failure::environment(
            "the value is empty: nothing was changed",
        )),
        false => Ok(Secret::from(one)),
    }
}

pub(super) fn rotate(args: &RotateArgs, console: &Console) -> Outcome {
    with(&args.of, console, |subject| {
        let Some(own) = Own::named(&args.name) else {
            return Err(not_rotated(args, subject)?);
        };
        let place = vault::lock(&subject.path)?;
        let mut opened = subject.open(&args.of)?;
        if own.files().is_some() && opened.vault.own.contains_key(&own) {
            confirmed(args, own, &opened.vault.cluster)?;
        }
        let made = own
            .make(vault::now(), authorities_last(subject.model()?))
            .map_err(|why| Failure::environment(why.to_string()))?;
        opened.vault.own.insert(own, made);
        vault::save(&subject.path, &place, &opened)?;
        console.result(&format!(
            "replaced {}: {}\n{}\n",
            own.name(),
            own.title(),
            consequence(own)
        ))?;
        Ok(Exit::Done)
    })
}

/// Why a secret is not replaced by a new one of pikc's.
fn not_rotated(args: &RotateArgs, subject: &Subject) -> Result<Failure, Failure> {
    let given = args.name.strip_prefix("secret:").unwrap_or(&args.name);
    if !is_name(&given.replace(['/', '.'], "")) {
        return Err(vault::value_as_argument());
    }
    let set = format!("pikc secrets set {} {given}", args.of.typed());
    if encryption_key(subject.model()?).is_some_and(|name| name.0 == given) {
        return Ok(Failure::usage(format!(
            "`{given}` encrypts what etcd stores, and the API server could not read with another one what is there"
        ))
        .help(format!(
            "a cluster that runs keeps it; for one that is created again: head -c 32 /dev/urandom | base64 | {set}"
        )));
    }
    if subject.named()?.iter().any(|name| name.0 == given) {
        let failure = Failure::usage(format!(
            "`{given}` is a secret of the spec, whose value pikc does not make"
        ));
        return Ok(failure.help(set));
    }
    Ok(
        Failure::usage(format!("`{given}` is none of the secrets that pikc makes")).help(format!(
            "they are {}; a secret of the spec is replaced by `pikc secrets set`",
            names()
        )),
    )
}

fn names() -> String {
    Own::ALL.map(Own::name).join(", ")
}

/// That someone who knows which cluster this is wants an authority replaced.
fn confirmed(args: &RotateArgs, own: Own, cluster: &str) -> Result<(), Failure> {
    let typed = match &args.confirm {
        Some(typed) => typed.clone(),
        None if std::io::stdin().is_terminal() => {
            let mut line = String::new();
            eprint_question(own, cluster);
            std::io::stdin().read_line(&mut line).map_err(|error| {
                Failure::environment(format!("the terminal cannot be read: {error}"))
            })?;
            line.trim().to_owned()
        }
        None => {
            return Err(Failure::environment(format!(
                "replacing {} takes the cluster's name: every machine of a running cluster trusts the old one",
                own.title()
            ))
            .help(format!("pikc secrets rotate {} {} --confirm {cluster}", args.of.typed(), own.name())));
        }
    };
    match typed == cluster {
        true => Ok(()),
        false => Err(Failure::environment(
            "that is not the cluster's name: nothing was changed",
        )),
    }
}

fn eprint_question(own: Own, cluster: &str) {
    use std::io::Write as _;
    let mut err = std::io::stderr().lock();
    let _ = write!(
        err,
        "This replaces {} of {cluster}. Every machine of a running cluster trusts the old one: they have to be set up again.\nType the cluster's name to go on: ",
        own.title()
    );
}

/// What has to be done before the new value counts.
fn consequence(own: Own) -> String {
    let misfit = match own {
        Own::Token => {
            return "Compile again. Cards and folders that were written before no longer let a machine join once their window is over; machines that have joined are not affected. The control plane accepts the new one after the next run.sh with its new folder.".to_owned();
        }
        Own::Ca => {
            "a machine that is added with it takes the running cluster for another one, and does not join"
        }
        Own::EtcdCa => {
            "the etcd of a control plane that is added with it is not let in by the others, so it does not join"
        }
        Own::FrontProxyCa => {
            "a control plane that is added with it joins, and whether extensions of the API (metrics-server) accept what it passes on has not been tried"
        }
        Own::ServiceAccount => {
            "a control plane that is added with it joins, and refuses the tokens of pods that the others have signed, as they refuse its own"
        }
    };
    format!(
        "It is for a cluster that is created again: compile, then set up the control plane and every other machine from scratch (run.sh --reset on each). Until then do not add machines with the new tree: {misfit}. A control plane that runs keeps what it has, and says so."
    )
}
