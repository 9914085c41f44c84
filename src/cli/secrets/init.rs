//! `pikc secrets init`: made once. Whatever shows that the cluster may exist already stops it.

use camino::{Utf8Path, Utf8PathBuf};

use super::subject::{InitArgs, Subject, authorities_last, encryption_key, with};
use crate::cli::shared::console::Console;
use crate::cli::shared::exit::{Exit, Failure, Outcome};
use crate::cli::shared::report::count;
use crate::cli::shared::vault::{self, Keys, Opened};
use crate::model::Model;
use crate::output::{self, Manifest, Sort};
use crate::secret::{self, Lock, Own, Ring, Secret, Vault};

pub(super) fn run(args: &InitArgs, console: &Console) -> Outcome {
    with(&args.of, console, |subject| make(args, subject, console))
}

fn make(args: &InitArgs, subject: &Subject, console: &Console) -> Outcome {
    let (path, model) = (&subject.path, subject.model()?);
    let place = vault::lock(path)?;
    if path.symlink_metadata().is_ok() {
        return Err(exists(args, path)?);
    }
    without_tree(&args.of.spec, model)?;
    let recipients = recipients(&args.recipient)?;
    let lock = match recipients.is_empty() {
        true => Lock::Passphrase(new_passphrase(&args.of.keys)?),
        false => Lock::Recipients(recipients.clone()),
    };
    let (now, lasts) = (vault::now(), authorities_last(model));
    let failed = |why: &dyn std::fmt::Display| Failure::environment(why.to_string());
    let mut own = Ring::new();
    for one in Own::ALL {
        own.insert(one, one.make(now, lasts).map_err(|why| failed(&why))?);
    }
    let mut vault = Vault {
        cluster: model.cluster.name.value.clone(),
        recipients,
        own,
        slots: Default::default(),
    };
    if let Some(name) = encryption_key(model) {
        vault.slots.insert(
            name.clone(),
            secret::encryption_key(now).map_err(|why| failed(&why))?,
        );
    }
    let unset: Vec<String> = subject
        .named()?
        .into_iter()
        .filter(|name| !vault.slots.contains_key(name))
        .map(|name| name.0)
        .collect();
    let opened = Opened { vault, lock };
    vault::save(path, &place, &opened)?;
    console.result(&said(args, path, &opened, &unset))?;
    Ok(Exit::Done)
}

/// What to do with a file that is there.
fn exists(args: &InitArgs, path: &Utf8Path) -> Result<Failure, Failure> {
    let bytes = vault::bytes(path)?.unwrap_or_default();
    Ok(match secret::is_whole(&bytes) {
        true => Failure::environment(format!(
            "`{path}` exists, and what is in it is never replaced as a whole"
        ))
        .help(format!(
            "`pikc secrets list {spec}` shows what it holds, `pikc secrets rotate {spec} NAME` replaces one",
            spec = args.of.typed()
        )),
        false => Failure::environment(format!(
            "`{path}` exists, and is damaged: it is not a whole file that age has encrypted"
        ))
        .help("restore it from version control or a backup: nothing else has these secrets; if no machine was ever set up with them, remove it and repeat this"),
    })
}

fn said(args: &InitArgs, path: &Utf8Path, opened: &Opened, unset: &[String]) -> String {
    let (vault, spec) = (&opened.vault, args.of.typed());
    let opens = match vault.recipients.len() {
        0 => "a passphrase opens it".to_owned(),
        1 => "1 key opens it".to_owned(),
        more => format!("any of {more} keys opens it"),
    };
    let mut text = format!(
        "wrote {path}: {} of the cluster {}; {opens}\n",
        count(vault.own.len() + vault.slots.len(), "secret"),
        vault.cluster
    );
    for name in unset {
        text.push_str(&format!("not set yet: pikc secrets set {spec} {name}\n"));
    }
    text.push_str(
        "Keep this file (version control is fine: it is encrypted), and what opens it in another place: no one can make the same secrets again.\n",
    );
    text.push_str(&format!("next: {}\n", args.of.compiling()));
    text
}

/// That nothing has been compiled for this cluster yet: its machines may run, and trust an authority that `init` does not know.
fn without_tree(spec: &Utf8Path, model: &Model) -> Result<(), Failure> {
    for tree in nearby(spec) {
        if !tree.join(output::MANIFEST).is_file() {
            continue;
        }
        // One that cannot be read may well be this cluster's.
        let found = output::read_manifest(&tree).ok().flatten();
        if found.as_ref().is_some_and(|found| !is_of(found, model)) {
            continue;
        }
        return Err(match found.as_ref().is_some_and(Manifest::joins_alone) {
            true => Failure::environment(format!(
                "`{tree}` was compiled with secrets of this cluster, and their file is not here: new ones would let no machine of it join, and no control plane of it be replaced"
            ))
            .help("restore the secrets file from version control or a backup"),
            false => Failure::environment(format!(
                "`{tree}` was compiled without secrets: if a machine runs from it, the cluster has authorities of its own, and machines with new ones could not join it"
            ))
            .help(format!(
                "if none does: remove {tree} and repeat this; if one does: leave it as it is, and carry the join file as {} says",
                tree.join("README.md")
            )),
        });
    }
    Ok(())
}

/// Where a tree may be: next to the spec, or where `-o out` puts it, and in every folder that is in one of these.
fn nearby(spec: &Utf8Path) -> Vec<Utf8PathBuf> {
    let here = Utf8Path::new(".");
    let beside = match spec.parent() {
        Some(parent) if !parent.as_str().is_empty() => parent,
        _ => here,
    };
    let mut all = Vec::new();
    for folder in [beside, here] {
        let entries = folder.read_dir_utf8().into_iter().flatten().flatten();
        let mut below: Vec<Utf8PathBuf> = entries
            .map(|entry| match folder == here {
                true => Utf8PathBuf::from(entry.file_name()),
                false => entry.path().to_owned(),
            })
            .collect();
        below.sort();
        all.push(folder.to_owned());
        all.extend(below);
        if beside == here {
            break;
        }
    }
    all
}

/// Whether a tree may be this cluster's. Its name says so; a manifest that lacks it is judged by the names of its machines.
fn is_of(tree: &Manifest, model: &Model) -> bool {
    if let Some(name) = tree.cluster() {
        return name == model.cluster.name.value;
    }
    let mut names = tree.files.iter().filter_map(|file| {
        let below = file.path.strip_prefix("nodes/")?;
        below.split('/').next()
    });
    names.any(|name| model.nodes.iter().any(|node| node.name.value == name))
}

/// The recipients of `-R`: each a key, or a file of keys.
fn recipients(given: &[String]) -> Result<Vec<String>, Failure> {
    let mut all: Vec<String> = Vec::new();
    let mut add = |text: &str, from: &str| {
        let found = secret::recipient(text)
            .map_err(|why| Failure::environment(format!("the recipient `{from}` {why}")))?;
        if !all.contains(&found) {
            all.push(found);
        }
        Ok::<(), Failure>(())
    };
    for one in given {
        let is_key = one.starts_with("age1")
            || one.starts_with("ssh-")
            || one.starts_with("AGE-SECRET-KEY-");
        if is_key {
            // What was typed may be a private key, so it is not shown; one that begins so is public.
            let kind = match one.starts_with("age1") {
                true => one,
                false => one.split([' ', '1']).next().unwrap_or_default(),
            };
            add(one, kind)?;
            continue;
        }
        let found = output::read(Utf8Path::new(one), Sort::Secrets).map_err(|why| {
            Failure::environment(format!(
                "the recipient `{one}` is not a key, and as a file it cannot be read: {why}"
            ))
        })?;
        let text = Secret::new(String::from_utf8_lossy(&found.bytes).into_owned());
        if text.expose().contains("PRIVATE KEY-----") {
            return Err(Failure::environment(format!(
                "the recipient `{one}` {}",
                secret::BadRecipient::Private
            ))
            .help(format!("-R {one}.pub")));
        }
        let lines = text.expose().lines().map(str::trim);
        let mut some = false;
        for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
            add(line, one)?;
            some = true;
        }
        if !some {
            return Err(Failure::environment(format!(
                "the recipient `{one}` is a file without a key"
            )));
        }
    }
    Ok(all)
}

/// A passphrase that is typed twice, because no one can read what was typed.
fn new_passphrase(keys: &Keys) -> Result<Secret, Failure> {
    if let Some(given) = vault::given_passphrase(keys)? {
        return Ok(given);
    }
    let none = || {
        Failure::environment("nothing was named that could open the file, and there is no terminal to ask for a passphrase at")
            .help("-R ~/.ssh/id_ed25519.pub or -R age1... (who can open it), or --passphrase-file FILE")
    };
    let first = vault::ask("A passphrase for the secrets file").ok_or_else(none)?;
    let second = vault::ask("The same again").ok_or_else(none)?;
    match first.expose() == second.expose() {
        true => Ok(first),
        false => Err(Failure::environment(
            "the two passphrases differ: nothing was written",
        )),
    }
}
