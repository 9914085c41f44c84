//! Secrets: the type of their values, which cannot be printed; the cluster's own ones; and the encrypted file that keeps them.
//!
//! In: bytes of such a file, and what opens it. Out: a [`Vault`], and the text of the file again. This floor reads no file and no
//! clock; what it needs of either is given to it.

mod made;
mod sealed;
mod vault;

pub use made::{
    AUTHORITY_LASTS, NotMade, authority, day_of, encryption_key, service_account, token,
};
pub use sealed::{
    Ask, BadIdentity, BadRecipient, Identity, Key, Lock, NotOpened, by_passphrase, identity,
    is_public, is_whole, open, recipient, seal,
};
pub use vault::{Held, Holder, NotAVault, Own, Ring, Vault, made_up};

use zeroize::Zeroizing;

/// The value of a secret. It has no printable form (neither `Debug` nor `Display` nor `Serialize`), so it cannot end up in a report, a
/// log or a panic, and its memory is overwritten when it is dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps a value.
    pub fn new(value: String) -> Self {
        Self(Zeroizing::new(value))
    }

    /// The value, for the writer of a file that may hold it, or to check or derive something. There is no other way to it; a test
    /// lists who calls this.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self::new(value)
    }
}

impl From<&str> for Secret {
    fn from(value: &str) -> Self {
        Self::new(value.to_owned())
    }
}
