//! The values of secrets: from the environment, else from a file. They go into the plan and into
//! nothing that is printed.

use std::collections::{BTreeMap, BTreeSet};

use super::args::SecretArgs;
use super::exit::Failure;
use super::key_values::is_pem;
use super::pairs::parse;
use super::report::count;
use super::vault;
use crate::declare;
use crate::diagnostic::Diagnostic;
use crate::model::Model;
use crate::origin::Origin;
use crate::output::{self, FileFound, Sort};
use crate::schema::{Atom, Content, Entity};
use crate::secret::{self, Own, Ring, Secret};
use crate::value::{SecretName, Val};
use camino::{Utf8Path, Utf8PathBuf};

declare! {
    /// A spec names secrets and never contains them: `passphrase = secret:wifi`. The value comes from
    /// the environment (`PIKC_SECRET_WIFI`; `-` and `.` of the name become `_`) or from a file
    /// (`--secrets FILE`: lines `wifi=the value`, or one JSON object; mode 0600).
    ///
    /// Without a value the files that need it are left out, and nothing else: the rest of the tree
    /// is complete, and the runbook and `run.sh` name what is missing. A machine whose network file
    /// is missing keeps the network that it has.
    ///
    /// `--require-secrets` makes this an error: for a build server, where no one reads warnings. An
    /// `allow` in the spec cannot silence it: it is about this run, not about the spec.
    pub static MISSING_SECRET = {
        code: "secret/missing",
        since: "0.1.0",
        severity: Warning,
        title: "a secret without a value",
        help: "set PIKC_SECRET_NAME, or name a file with --secrets FILE",
        no_edit: "secrets are never in the spec",
        sources: ["docs/language.md#secrets"],
    }
}

/// The values of the secrets that the spec names.
pub(in crate::cli) fn gather(
    model: &Model,
    from: Option<(&Utf8Path, &SecretArgs)>,
) -> Result<Values, Failure> {
    let (from_file, own) = match from {
        Some((spec, args)) => given(model, spec, args)?,
        None => Default::default(),
    };
    let mut values = BTreeMap::new();
    for (name, _) in named(model) {
        let variable = name.variable();
        let value = match std::env::var(&variable) {
            Ok(value) if !value.is_empty() => Secret::new(value),
            Ok(_) | Err(std::env::VarError::NotPresent) => match from_file.get(&name.0) {
                Some(value) => value.clone(),
                None => continue,
            },
            Err(std::env::VarError::NotUnicode(_)) => {
                return Err(Failure::environment(format!(
                    "the value in {variable} is not UTF-8"
                )));
            }
        };
        usable(&name, &value)?;
        values.insert(name, value);
    }
    Ok(Values { named: values, own })
}

/// The values that a compile has.
#[derive(Default)]
pub(in crate::cli) struct Values {
    /// Of the secrets that the spec names.
    pub named: BTreeMap<SecretName, Secret>,
    /// The cluster's own ones, if it has a secrets file.
    pub own: Option<Ring>,
}

/// What a file gives: values by name, and the cluster's own secrets.
type Given = (BTreeMap<String, Secret>, Option<Ring>);

/// The values of `--secrets FILE`, and of the encrypted file next to the spec.
fn given(model: &Model, spec: &Utf8Path, args: &SecretArgs) -> Result<Given, Failure> {
    if let Some(path) = &args.file
        && path.as_str().contains('=')
        && !path.exists()
    {
        return Err(Failure::usage(
            "--secrets names a file, and the values of secrets are not arguments: every account of this machine can read those",
        )
        .help("write the line NAME=value into a file (chmod 600) and name it, or set PIKC_SECRET_NAME"));
    }
    let mut all = Given::default();
    let beside = vault::beside(spec).filter(|_| !args.without_secrets);
    if let Some(path) = beside
        && let Some(bytes) = vault::bytes(&path)?
    {
        all = opened(model, &path, &bytes, args)?;
    }
    let Some(path) = &args.file else {
        return Ok(all);
    };
    let found = output::read(path, Sort::Secrets)
        .map_err(|why| Failure::environment(format!("`{path}` cannot be read: {why}")))?;
    if secret::by_passphrase(&found.bytes).is_some() {
        return opened(model, path, &found.bytes, args);
    }
    all.0.extend(plain(path, found)?);
    Ok(all)
}

/// The content of an encrypted file.
fn opened(
    model: &Model,
    path: &Utf8Path,
    bytes: &[u8],
    args: &SecretArgs,
) -> Result<Given, Failure> {
    let opened = vault::open(path, bytes, &args.keys)?;
    vault::belongs(path, &opened.vault, &model.cluster.name.value)?;
    for (own, held) in &opened.vault.own {
        if let Some(why) = held.unsound() {
            return Err(Failure::environment(format!(
                "`{path}`: {}: {why}",
                own.name()
            )));
        }
    }
    let missing = Own::ALL
        .into_iter()
        .find(|own| !opened.vault.own.contains_key(own));
    if let Some(own) = missing {
        return Err(
            Failure::environment(format!("`{path}` lacks {}", own.name())).help(format!(
                "`pikc secrets rotate SPEC {}` makes it",
                own.name()
            )),
        );
    }
    let named = opened.vault.slots.into_iter();
    let named = named.map(|(name, held)| (name.0, held.value));
    Ok((named.collect(), Some(opened.vault.own)))
}

/// That a file on a machine can hold a value.
pub(in crate::cli) fn usable(name: &SecretName, value: &Secret) -> Result<(), Failure> {
    let text = value.expose();
    match text.chars().any(char::is_control) && !is_pem(text) {
        true => Err(Failure::environment(format!(
            "the value of secret `{}` has a control character, which no file on a machine may contain",
            name.0
        ))),
        false => Ok(()),
    }
}

/// The finding about each secret without a value.
pub(in crate::cli) fn missing(
    model: &Model,
    missing: &BTreeMap<SecretName, Vec<Utf8PathBuf>>,
) -> Vec<Diagnostic> {
    let places = named(model);
    missing
        .iter()
        .map(|(name, files)| {
            let message = format!(
                "secret `{}` has no value: {} left out",
                name.0,
                match files.len() {
                    1 => "1 file is".to_owned(),
                    more => format!("{} are", count(more, "file")),
                }
            );
            let mut finding = Diagnostic::new(&MISSING_SECRET, message).help(format!(
                "set {} in the environment, or give --secrets FILE with a line `{}=...`",
                name.variable(),
                name.0
            ));
            for origin in places.get(name).into_iter().flatten() {
                if let Some(span) = origin.span() {
                    finding = finding.label(span, "its value is needed here");
                }
            }
            match files.as_slice() {
                [] => finding,
                [only] => finding.note(format!("left out: {only}")),
                [first, .., last] => finding.note(format!("left out: {first} to {last}")),
            }
        })
        .collect()
}

/// Every secret that the spec names, with the places that name it, each once.
pub(in crate::cli) fn named(model: &Model) -> BTreeMap<SecretName, Vec<Origin>> {
    let mut found: BTreeMap<SecretName, BTreeSet<Origin>> = BTreeMap::new();
    for (entity, _) in &model.entities {
        walk(entity, &mut found);
    }
    found
        .into_iter()
        .map(|(name, places)| (name, places.into_iter().collect()))
        .collect()
}

fn walk(entity: &Entity, found: &mut BTreeMap<SecretName, BTreeSet<Origin>>) {
    for given in entity.settings.values() {
        let mut note = |atom: &Atom, origin: &Origin| {
            if let Atom::Val(Val::Secret(name)) = atom {
                found
                    .entry(name.clone())
                    .or_default()
                    .insert(origin.clone());
            }
        };
        match &given.content {
            Content::One(atom) => note(atom, &given.origin),
            Content::Many(items) => items
                .iter()
                .for_each(|item| note(&item.value, &item.origin)),
        }
    }
    entity.blocks.iter().for_each(|block| walk(block, found));
}

/// The pairs of a file that is not pikc's own: plain, or encrypted by sops.
fn plain(path: &Utf8Path, found: FileFound) -> Result<BTreeMap<String, Secret>, Failure> {
    // How sops writes a value that it has encrypted. Such a file may be read by anyone.
    let by_sops = found
        .bytes
        .windows(15)
        .any(|part| part == b"ENC[AES256_GCM,");
    let bytes = match by_sops {
        true => from_sops(path)?,
        false => vault::only_mine(path, found)?.bytes,
    };
    let text = String::from_utf8(bytes)
        .map(zeroize::Zeroizing::new)
        .map_err(|_| Failure::environment(format!("`{path}` is not UTF-8")))?;
    // Some editors put a byte order mark in front, which is not part of the first name.
    let pairs = parse(text.strip_prefix('\u{feff}').unwrap_or(&text)).map_err(|why| {
        Failure::environment(format!("`{path}` is not a secrets file: {why}"))
            .help("write lines `name=value`, each name once, or one JSON object of strings")
    })?;
    let secret = |(name, value)| (name, Secret::new(value));
    Ok(pairs.into_iter().map(secret).collect())
}

/// Runs the user's own sops, which knows the user's own keys.
fn from_sops(path: &Utf8Path) -> Result<Vec<u8>, Failure> {
    let done = std::process::Command::new("sops")
        .args(["--decrypt", "--output-type", "json"])
        .arg(path.as_std_path())
        .stdin(std::process::Stdio::inherit())
        .stderr(std::process::Stdio::inherit())
        .output();
    match done {
        Ok(done) if done.status.success() => Ok(done.stdout),
        Ok(done) => Err(Failure::environment(format!(
            "`{path}` cannot be opened: sops ended with {}",
            done.status
        ))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Failure::environment(
            format!("`{path}` is encrypted by sops, and there is no program sops here"),
        )),
        Err(error) => Err(Failure::environment(format!(
            "sops cannot be started: {error}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_of_a_name() {
        assert_eq!(
            SecretName("home.wi-fi".to_owned()).variable(),
            "PIKC_SECRET_HOME_WI_FI"
        );
    }
}
