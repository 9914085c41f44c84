//! The encrypted file of a cluster's secrets: where it is, what opens it, and how it is written.

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use time::OffsetDateTime;

use super::exit::Failure;
use super::paths;
use crate::output::{self, Closed, FileFound, Sort, Unread, words};
use crate::secret::{self, BadIdentity, Identity, Key, Lock, NotOpened, Secret, Vault};

/// What opens an encrypted secrets file.
#[derive(Clone, Debug, Default, Args)]
pub(in crate::cli) struct Keys {
    /// The private key that opens NAME.secrets.age: of age, or of SSH [default: PIKC_SECRETS_IDENTITY, a file's name or
    /// the key itself; else ~/.ssh/id_ed25519 or ~/.ssh/id_rsa]
    #[arg(long, value_name = "FILE", value_parser = paths::path)]
    pub identity: Option<Utf8PathBuf>,
    /// A file with the passphrase that opens it, for files without recipients; or with that of the private key [default:
    /// PIKC_SECRETS_PASSPHRASE; else it is asked for]
    #[arg(long, value_name = "FILE", value_parser = paths::path)]
    pub passphrase_file: Option<Utf8PathBuf>,
}

/// An opened file.
pub(in crate::cli) struct Opened {
    /// What it holds.
    pub vault: Vault,
    /// What it is closed with again.
    pub lock: Lock,
}

/// Where a spec's secrets are: `cluster.secrets.age` next to `cluster.pik`. Nothing for standard input.
pub(in crate::cli) fn beside(spec: &Utf8Path) -> Option<Utf8PathBuf> {
    let stem = spec.file_stem()?;
    (spec != "-").then(|| spec.with_file_name(format!("{stem}.secrets.age")))
}

/// The day and hour, for what is made now.
pub(in crate::cli) fn now() -> OffsetDateTime {
    OffsetDateTime::from(std::time::SystemTime::now())
}

/// The bytes of the file; nothing if there is none. A link that leads nowhere is a file that someone expects.
pub(in crate::cli) fn bytes(path: &Utf8Path) -> Result<Option<Vec<u8>>, Failure> {
    match output::read(path, Sort::Secrets) {
        Ok(found) => Ok(Some(found.bytes)),
        Err(Unread::Io(error))
            if error.kind() == std::io::ErrorKind::NotFound && path.symlink_metadata().is_ok() =>
        {
            Err(
                Failure::environment(format!("`{path}` is a link to a file that is not there"))
                    .help("restore that file; `pikc compile --without-secrets` does without it"),
            )
        }
        Err(Unread::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(why) => Err(Failure::environment(format!(
            "`{path}` cannot be read: {why}"
        ))),
    }
}

/// Opens a file whose bytes were read.
pub(in crate::cli) fn open(path: &Utf8Path, bytes: &[u8], keys: &Keys) -> Result<Opened, Failure> {
    let failed = |why: &dyn std::fmt::Display| {
        Failure::environment(format!("`{path}` cannot be opened: {why}"))
    };
    let (text, passphrase) = match secret::by_passphrase(bytes) {
        None => return Err(failed(&NotOpened::Damaged)),
        Some(true) => {
            let given = passphrase(keys, &format!("Passphrase of {path}"))?;
            let text = secret::open(bytes, &Key::Passphrase(&given));
            (text, Some(given))
        }
        Some(false) => {
            let identity = identity(path, keys)?;
            (secret::open(bytes, &Key::Identity(&identity)), None)
        }
    };
    let text = text.map_err(|why| {
        let failure = failed(&why);
        match why {
            NotOpened::NoKey => {
                failure.help("name the key of one of its recipients: --identity FILE")
            }
            NotOpened::KeyPassphrase | NotOpened::WrongKeyPassphrase => failure
                .help("--passphrase-file FILE, or PIKC_SECRETS_PASSPHRASE in the environment"),
            NotOpened::Damaged => failure.help(
                "restore it from version control or a backup: nothing else has these secrets",
            ),
            _ => failure,
        }
    })?;
    let vault = Vault::read(&text).map_err(|why| failed(&why))?;
    let lock = match passphrase {
        Some(passphrase) => Lock::Passphrase(passphrase),
        None => Lock::Recipients(vault.recipients.clone()),
    };
    Ok(Opened { vault, lock })
}

/// Writes the file again, encrypted as before.
pub(in crate::cli) fn save(
    path: &Utf8Path,
    place: &Closed,
    opened: &Opened,
) -> Result<(), Failure> {
    let failed = |why: &dyn std::fmt::Display| {
        Failure::environment(format!("`{path}` cannot be written: {why}"))
    };
    let text = secret::seal(&opened.vault.write(), &opened.lock)
        .map_err(|why| failed(&format!("one of its recipients {why}")))?;
    place.replace(&text).map_err(|error| failed(&words(&error)))
}

/// Locks the place of a file.
pub(in crate::cli) fn lock(path: &Utf8Path) -> Result<Closed, Failure> {
    Closed::lock(path).map_err(|error| {
        Failure::environment(format!("`{path}` cannot be written: {}", words(&error)))
    })
}

/// That a file belongs to this cluster.
pub(in crate::cli) fn belongs(
    path: &Utf8Path,
    vault: &Vault,
    cluster: &str,
) -> Result<(), Failure> {
    if vault.cluster == cluster {
        return Ok(());
    }
    Err(Failure::environment(format!(
        "`{path}` holds the secrets of the cluster `{}`, and the spec describes `{cluster}`",
        vault.cluster
    ))
    .help("use the file of this cluster; a cluster that runs keeps its name, so if only the name in the spec is wrong, correct that"))
}

/// The passphrase of a file.
pub(in crate::cli) fn passphrase(keys: &Keys, prompt: &str) -> Result<Secret, Failure> {
    match given_passphrase(keys)? {
        Some(given) => Ok(given),
        None => ask(prompt).ok_or_else(|| {
            Failure::environment("a passphrase is needed, and there is no terminal to ask at")
                .help("--passphrase-file FILE (`<(pass show home)` is one), or PIKC_SECRETS_PASSPHRASE in the environment")
        }),
    }
}

/// The passphrase that the command line or the environment names.
pub(in crate::cli) fn given_passphrase(keys: &Keys) -> Result<Option<Secret>, Failure> {
    if let Some(path) = &keys.passphrase_file {
        let text = closed_text(path)?;
        let line = text.expose().lines().next().unwrap_or_default();
        if line.is_empty() {
            return Err(Failure::environment(format!(
                "`{path}` has no first line: a passphrase is expected there"
            )));
        }
        return Ok(Some(Secret::from(line)));
    }
    variable("PIKC_SECRETS_PASSPHRASE")
}

/// Asks at the terminal, without showing what is typed. Nothing if there is no terminal, or nothing was typed.
pub(in crate::cli) fn ask(prompt: &str) -> Option<Secret> {
    let typed = rpassword::prompt_password(format!("{prompt}: ")).ok()?;
    (!typed.is_empty()).then(|| Secret::new(typed))
}

/// The private key that opens a file.
fn identity(path: &Utf8Path, keys: &Keys) -> Result<Identity, Failure> {
    let known = given_passphrase(keys)?;
    let read = |text: &Secret, name: &str| {
        let (known, prompt) = (known.clone(), format!("Passphrase of {name}"));
        let give = Box::new(move || known.clone().or_else(|| ask(&prompt)));
        secret::identity(text, name, give).map_err(|why| {
            let failure = Failure::environment(format!("`{name}` {why}"));
            match why {
                BadIdentity::Public => {
                    failure.help("without `.pub` at the end, it is usually the private key")
                }
                _ => failure,
            }
        })
    };
    if let Some(name) = &keys.identity {
        return read(&key_text(name)?, name.as_str());
    }
    if let Some(given) = variable("PIKC_SECRETS_IDENTITY")? {
        let text = given.expose().trim();
        if is_private_key(text) {
            return read(&given, "PIKC_SECRETS_IDENTITY");
        }
        let name = paths::path(text).map_err(Failure::environment)?;
        return read(&key_text(&name)?, name.as_str());
    }
    let home = std::env::var("HOME").unwrap_or_default();
    for name in ["id_ed25519", "id_rsa"] {
        let name = Utf8PathBuf::from(format!("{home}/.ssh/{name}"));
        if name.exists() {
            return read(&closed_text(&name)?, name.as_str());
        }
    }
    Err(
        Failure::environment(format!("`{path}` is encrypted to a key, and none is named"))
            .help("--identity FILE, or PIKC_SECRETS_IDENTITY in the environment"),
    )
}

/// Whether a text is, or holds, a private key of age or in PEM.
pub(in crate::cli) fn is_private_key(text: &str) -> bool {
    let text = text.to_ascii_uppercase();
    text.contains("AGE-SECRET-KEY-") || text.contains("PRIVATE KEY-----")
}

/// Why a private key is refused on the command line. It is not repeated.
pub(in crate::cli) fn key_as_argument() -> Failure {
    Failure::usage(
        "an argument is a private key, and every account of this machine can read the arguments of a program",
    )
    .help("--identity FILE, or the key itself in PIKC_SECRETS_IDENTITY; a recipient is a public key: `age-keygen -y FILE` prints it")
}

/// Why the value of a secret is refused as an argument. It is not repeated.
pub(in crate::cli) fn value_as_argument() -> Failure {
    Failure::usage(
        "the value of a secret is not an argument: every account of this machine can read the arguments of a program",
    )
    .help("`pikc secrets set SPEC NAME` asks for the value, or reads it from standard input or with --from FILE")
}

/// A variable of the environment, if it has a value.
fn variable(name: &str) -> Result<Option<Secret>, Failure> {
    match std::env::var(name) {
        Ok(value) if !value.is_empty() => Ok(Some(Secret::new(value))),
        Ok(_) | Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(Failure::environment(format!(
            "the value in {name} is not UTF-8"
        ))),
    }
}

/// The text of a file with a key. A public one may be read by anyone; that it is of no use here is said by who uses it.
fn key_text(path: &Utf8Path) -> Result<Secret, Failure> {
    let found = output::read(path, Sort::Secrets)
        .map_err(|why| Failure::environment(format!("`{path}` cannot be read: {why}")))?;
    let start = String::from_utf8_lossy(&found.bytes);
    match secret::is_public(&start) {
        true => Ok(Secret::new(start.into_owned())),
        false => text_of(path, only_mine(path, found)?),
    }
}

/// The text of a file that holds a secret, which others may not read.
pub(in crate::cli) fn closed_text(path: &Utf8Path) -> Result<Secret, Failure> {
    text_of(path, closed(path)?)
}

fn text_of(path: &Utf8Path, found: FileFound) -> Result<Secret, Failure> {
    match String::from_utf8(found.bytes) {
        Ok(text) => Ok(Secret::new(text)),
        Err(_) => Err(Failure::environment(format!("`{path}` is not UTF-8"))),
    }
}

/// A file that holds secrets, which others may not read.
fn closed(path: &Utf8Path) -> Result<FileFound, Failure> {
    let found = output::read(path, Sort::Secrets)
        .map_err(|why| Failure::environment(format!("`{path}` cannot be read: {why}")))?;
    only_mine(path, found)
}

/// A file that was read, if others may not read it.
pub(in crate::cli) fn only_mine(path: &Utf8Path, found: FileFound) -> Result<FileFound, Failure> {
    // Not a pipe: `--secrets <(pass show cluster)` leaves nothing on a disk.
    match found.mode.filter(|mode| mode & 0o077 != 0) {
        Some(mode) => Err(Failure::environment(format!(
            "`{path}` holds secrets and can be read by others (mode {mode:04o})"
        ))
        .help(format!("chmod 600 {path}"))),
        None => Ok(found),
    }
}
