//! The encryption of a secrets file: age (age-encryption.org/v1), as armoured text, so that a diff shows that it changed.

use std::fmt;
use std::io::{Read as _, Write as _};
use std::iter;
use std::sync::{Arc, Mutex, PoisonError};

use age::armor::{ArmoredReader, ArmoredWriter, Format};
use age::secrecy::SecretString;
use age::{Callbacks, DecryptError, Decryptor, Encryptor, IdentityFile, scrypt, ssh, x25519};

use super::Secret;

/// Who can open a file.
pub enum Lock {
    /// Anyone who has the private key of one of these.
    Recipients(Vec<String>),
    /// Anyone who knows this.
    Passphrase(Secret),
}

/// Gives the passphrase of a key: one that is known, or what a person answers; nothing if there is no one to ask.
pub type Ask = Box<dyn Fn() -> Option<Secret> + Send + Sync>;

/// A private key, ready to open a file.
pub struct Identity {
    all: Vec<Box<dyn age::Identity>>,
    answer: Arc<Mutex<Answer>>,
}

/// What came of asking for the passphrase of a key.
#[derive(Clone, Default)]
enum Answer {
    #[default]
    NotAsked,
    Nothing,
    Given(SecretString),
}

/// What opens a file.
pub enum Key<'a> {
    /// A private key.
    Identity(&'a Identity),
    /// A passphrase.
    Passphrase(&'a Secret),
}

impl Key<'_> {
    /// Whether it has a passphrase that no one gave.
    fn asked_in_vain(&self) -> bool {
        let Self::Identity(identity) = self else {
            return false;
        };
        let answer = identity.answer.lock();
        matches!(
            *answer.unwrap_or_else(PoisonError::into_inner),
            Answer::Nothing
        )
    }
}

/// Why a text is not a recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadRecipient {
    /// It is a private key.
    Private,
    /// An SSH key of a kind that age does not encrypt to; which.
    Kind(String),
    /// It is nothing of the sort.
    Unknown,
}

impl fmt::Display for BadRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Private => f.write_str("is a private key: name the public one"),
            Self::Kind(kind) => write!(
                f,
                "is an SSH key of the kind {kind}, to which age cannot encrypt: it can to ssh-ed25519 and to ssh-rsa of 2048 bits or more"
            ),
            Self::Unknown => f.write_str(
                "is neither an age recipient (`age1...`), nor an SSH public key, nor a file with one on each line",
            ),
        }
    }
}

impl std::error::Error for BadRecipient {}

/// Why a text is not a private key that opens files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadIdentity {
    /// It is a public key.
    Public,
    /// It is encrypted with age itself.
    Sealed,
    /// An SSH key of a kind or form that age cannot use.
    Unsupported,
    /// It is nothing of the sort.
    Unknown,
}

impl fmt::Display for BadIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Public => "is a public key: name the private one",
            Self::Sealed => "is encrypted itself: `age --decrypt` it into a pipe, `--identity <(age --decrypt FILE)`",
            Self::Unsupported => "is an SSH key that age cannot use: it can use ssh-ed25519 and ssh-rsa, in the form that `ssh-keygen` writes today",
            Self::Unknown => "is neither an age identity (`AGE-SECRET-KEY-1...`) nor an SSH private key",
        })
    }
}

impl std::error::Error for BadIdentity {}

/// Why a file was not opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotOpened {
    /// It is not an age file, or is damaged.
    Damaged,
    /// The passphrase is not the one.
    WrongPassphrase,
    /// No key that was given is one of its recipients.
    NoKey,
    /// A passphrase of a key is not the one.
    WrongKeyPassphrase,
    /// A key has a passphrase, and no one gave it.
    KeyPassphrase,
    /// The passphrase is stretched for longer than this machine should work.
    TooMuchWork,
}

impl fmt::Display for NotOpened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Damaged => "it is not a file that age has encrypted, or it is damaged",
            Self::WrongPassphrase => "the passphrase is not the one that it was encrypted with",
            Self::NoKey => "it was not encrypted to the key that is used here",
            Self::WrongKeyPassphrase => {
                "the passphrase of the SSH key is not the one that was given"
            }
            Self::KeyPassphrase => {
                "the SSH key has a passphrase, and there is no terminal to ask for it"
            }
            Self::TooMuchWork => "its passphrase was made too expensive to try on this machine",
        })
    }
}

impl std::error::Error for NotOpened {}

/// A recipient in its shortest form, without a comment.
pub fn recipient(text: &str) -> Result<String, BadRecipient> {
    let text = text.trim();
    if text.starts_with("AGE-SECRET-KEY-") || text.contains("PRIVATE KEY") {
        return Err(BadRecipient::Private);
    }
    if let Ok(found) = text.parse::<x25519::Recipient>() {
        return Ok(found.to_string());
    }
    match text.parse::<ssh::Recipient>() {
        Ok(found) => Ok(found.to_string()),
        Err(ssh::ParseRecipientKeyError::Unsupported(kind)) => Err(BadRecipient::Kind(kind)),
        Err(ssh::ParseRecipientKeyError::RsaModulusTooSmall) => Err(BadRecipient::Kind(
            "ssh-rsa with less than 2048 bits".to_owned(),
        )),
        Err(ssh::ParseRecipientKeyError::RsaModulusTooLarge) => Err(BadRecipient::Kind(
            "ssh-rsa with more than 4096 bits".to_owned(),
        )),
        Err(_) => Err(BadRecipient::Unknown),
    }
}

/// Whether a text is a public key, of SSH or of age.
pub fn is_public(text: &str) -> bool {
    ["ssh-", "ecdsa-", "sk-ssh-", "sk-ecdsa-", "age1"]
        .iter()
        .any(|start| text.starts_with(start))
}

/// A private key: the lines of age's own identity file, or an SSH key, whose passphrase `ask` gives. `name` is that of its file.
pub fn identity(text: &Secret, name: &str, ask: Ask) -> Result<Identity, BadIdentity> {
    let text = text.expose();
    if is_public(text) {
        return Err(BadIdentity::Public);
    }
    if sealed(text.as_bytes()) {
        return Err(BadIdentity::Sealed);
    }
    if text.contains("PRIVATE KEY-----") {
        return match ssh::Identity::from_buffer(text.as_bytes(), Some(name.to_owned())) {
            Ok(ssh::Identity::Unsupported(_)) => Err(BadIdentity::Unsupported),
            Ok(found) => {
                let answer = Arc::new(Mutex::default());
                let asks = AskOnce(Arc::clone(&answer), Arc::new(ask));
                Ok(Identity {
                    all: vec![Box::new(found.with_callbacks(asks))],
                    answer,
                })
            }
            Err(_) => Err(BadIdentity::Unknown),
        };
    }
    let unknown = || BadIdentity::Unknown;
    let file = IdentityFile::from_buffer(text.as_bytes()).map_err(|_| unknown())?;
    let all = file.into_identities().map_err(|_| unknown())?;
    if all.is_empty() {
        return Err(unknown());
    }
    let all = all.into_iter().map(|one| one as Box<dyn age::Identity>);
    Ok(Identity {
        all: all.collect(),
        answer: Arc::default(),
    })
}

/// Passes a question on once, and remembers the answer: age asks for each recipient of a file.
#[derive(Clone)]
struct AskOnce(Arc<Mutex<Answer>>, Arc<Ask>);

impl Callbacks for AskOnce {
    fn display_message(&self, _: &str) {}

    fn confirm(&self, _: &str, _: &str, _: Option<&str>) -> Option<bool> {
        None
    }

    fn request_public_string(&self, _: &str) -> Option<String> {
        None
    }

    fn request_passphrase(&self, _: &str) -> Option<SecretString> {
        let mut answer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Answer::NotAsked = *answer {
            *answer = match self.1() {
                Some(secret) => Answer::Given(passphrase(&secret)),
                None => Answer::Nothing,
            };
        }
        match &*answer {
            Answer::Given(given) => Some(given.clone()),
            Answer::NotAsked | Answer::Nothing => None,
        }
    }
}

fn passphrase(secret: &Secret) -> SecretString {
    SecretString::from(secret.expose().to_owned())
}

/// Whether these bytes begin as an encrypted file does.
pub(super) fn sealed(bytes: &[u8]) -> bool {
    let start = bytes.trim_ascii_start();
    start.starts_with(b"-----BEGIN AGE ENCRYPTED FILE-----")
        || start.starts_with(b"age-encryption.org/")
}

/// Whether it takes a passphrase to open this file; nothing if it is not an encrypted file.
pub fn by_passphrase(bytes: &[u8]) -> Option<bool> {
    if !sealed(bytes) {
        return None;
    }
    let found = Decryptor::new(ArmoredReader::new(bytes)).ok()?;
    Some(found.is_scrypt())
}

/// Whether this is an encrypted file from its beginning to its end, as far as that can be seen without opening it.
pub fn is_whole(bytes: &[u8]) -> bool {
    let end = b"-----END AGE ENCRYPTED FILE-----";
    let armoured = bytes.trim_ascii_start().starts_with(b"-----BEGIN");
    by_passphrase(bytes).is_some()
        && (!armoured || bytes.trim_ascii_end().ends_with(end))
        && ArmoredReader::new(bytes)
            .read_to_end(&mut Vec::new())
            .is_ok()
}

/// Encrypts a text.
///
/// # Errors
///
/// What is wrong with a recipient; never a piece of the text.
pub fn seal(text: &Secret, lock: &Lock) -> Result<String, BadRecipient> {
    let wrong = |_| BadRecipient::Unknown;
    let encryptor = match lock {
        Lock::Passphrase(secret) => Encryptor::with_user_passphrase(passphrase(secret)),
        Lock::Recipients(all) => {
            let mut recipients: Vec<Box<dyn age::Recipient>> = Vec::new();
            for text in all {
                recipients.push(match text.parse::<x25519::Recipient>() {
                    Ok(found) => Box::new(found),
                    Err(_) => Box::new(
                        text.parse::<ssh::Recipient>()
                            .map_err(|_| BadRecipient::Unknown)?,
                    ),
                });
            }
            Encryptor::with_recipients(recipients.iter().map(|one| one.as_ref()))
                .map_err(|_| BadRecipient::Unknown)?
        }
    };
    let mut out = Vec::new();
    let armour = ArmoredWriter::wrap_output(&mut out, Format::AsciiArmor).map_err(wrong)?;
    let mut writer = encryptor.wrap_output(armour).map_err(wrong)?;
    writer.write_all(text.expose().as_bytes()).map_err(wrong)?;
    writer
        .finish()
        .and_then(ArmoredWriter::finish)
        .map_err(wrong)?;
    String::from_utf8(out).map_err(|_| BadRecipient::Unknown)
}

/// Decrypts a file.
pub fn open(bytes: &[u8], key: &Key<'_>) -> Result<Secret, NotOpened> {
    let found = Decryptor::new(ArmoredReader::new(bytes)).map_err(|_| NotOpened::Damaged)?;
    let stream = match key {
        Key::Passphrase(secret) => {
            let own = scrypt::Identity::new(passphrase(secret));
            found.decrypt(iter::once(&own as &dyn age::Identity))
        }
        Key::Identity(identity) => found.decrypt(identity.all.iter().map(|one| one.as_ref())),
    };
    let by_passphrase = matches!(key, Key::Passphrase(_));
    let mut stream = stream.map_err(|error| match error {
        DecryptError::ExcessiveWork { .. } => NotOpened::TooMuchWork,
        DecryptError::KeyDecryptionFailed => NotOpened::WrongKeyPassphrase,
        DecryptError::NoMatchingKeys | DecryptError::DecryptionFailed if by_passphrase => {
            NotOpened::WrongPassphrase
        }
        DecryptError::NoMatchingKeys if key.asked_in_vain() => NotOpened::KeyPassphrase,
        DecryptError::NoMatchingKeys => NotOpened::NoKey,
        _ => NotOpened::Damaged,
    })?;
    let mut text = zeroize::Zeroizing::new(String::new());
    stream
        .read_to_string(&mut text)
        .map_err(|_| NotOpened::Damaged)?;
    Ok(Secret::new(text.to_string()))
}
