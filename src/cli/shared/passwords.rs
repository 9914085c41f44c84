//! Passwords of accounts: a spec names the secret, the secret is a hash, and `pikc secrets set` makes it from what is typed.

use std::collections::BTreeMap;

use sha_crypt::{Params, PasswordHasher as _, ShaCrypt};

use super::exit::Failure;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::Model;
use crate::origin::Sourced;
use crate::secret::Secret;
use crate::value::SecretName;

/// How often the hash is repeated: the 5,000 that crypt(3) uses by default are of 2007. A Raspberry Pi 3 needs about a second for a
/// login, and whoever finds the hash twenty times as long for each guess.
const ROUNDS: u32 = 100_000;

declare! {
    /// An account's password is stored as a hash, as in `/etc/shadow`: `$6$salt$hash`. The value of the secret is that hash, so that the
    /// password itself is in no file, not even in the secrets file. `pikc secrets set` makes the hash from what is typed. In a variable
    /// or a plain secrets file it has to be one already: a hash begins with random salt, and `compile` writes the same bytes for the same
    /// spec.
    ///
    /// The value is not in the spec, so `check` cannot know it: `compile`, `diff` and `card` report this, and never the value.
    pub static HASH = {
        code: "secret/password-hash",
        since: "0.1.0",
        severity: Error,
        title: "a password that is not hashed",
        help: "set the hash instead: `openssl passwd -6` asks for the password and prints it",
        no_edit: "secrets are never in the spec",
        sources: ["crypt(5)", "shadow(5)", "chpasswd(8)"],
    }
}

pub(in crate::cli) static CODES: &[&Descriptor] = &[&HASH];

/// The places where a spec names a secret as a password, by name.
fn places(model: &Model) -> BTreeMap<&SecretName, Vec<&Sourced<SecretName>>> {
    let mut places: BTreeMap<&SecretName, Vec<&Sourced<SecretName>>> = BTreeMap::new();
    for node in &model.nodes {
        for password in node
            .settings
            .users
            .iter()
            .filter_map(|user| user.password.as_ref())
        {
            let known = places.entry(&password.value).or_default();
            if known
                .iter()
                .all(|one| one.origin.span() != password.origin.span())
            {
                known.push(password);
            }
        }
    }
    places
}

/// A finding for each secret that is used as a password and is no hash.
pub(in crate::cli) fn wrong(
    model: &Model,
    values: &BTreeMap<SecretName, Secret>,
) -> Vec<Diagnostic> {
    let finding = |(name, places): (&SecretName, Vec<&Sourced<SecretName>>)| {
        let value = values.get(name)?;
        if is_hash(value.expose().trim()) {
            return None;
        }
        let message = format!(
            "the value of secret `{}` is not the hash of a password",
            name.0
        );
        let finding = Diagnostic::new(&HASH, message);
        Some(places.into_iter().fold(finding, |finding, place| {
            finding.label(place, "the password of this account")
        }))
    };
    places(model).into_iter().filter_map(finding).collect()
}

/// The value to keep for a secret: for a password its hash, unless it is one already.
///
/// # Errors
///
/// If the password cannot be hashed: it has a line break, or the system has no random numbers.
pub(in crate::cli) fn kept(
    model: &Model,
    name: &SecretName,
    value: Secret,
) -> Result<Secret, Failure> {
    if !places(model).contains_key(name) || is_hash(value.expose()) {
        return Ok(value);
    }
    let password = value.expose();
    if password.chars().any(char::is_control) {
        return Err(Failure::environment(
            "the password has a control character, which no login prompt accepts: nothing was changed",
        ));
    }
    let unhashed =
        |why: String| Failure::environment(format!("the password cannot be hashed: {why}"));
    let rounds = Params::new(ROUNDS).map_err(|why| unhashed(why.to_string()))?;
    // 16 characters once encoded, which is all that crypt(3) reads of a salt: with the library's own 22, no password would fit.
    let mut salt = [0; 12];
    getrandom::fill(&mut salt).map_err(|why| unhashed(why.to_string()))?;
    let hash = ShaCrypt::from(rounds)
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(|why| unhashed(why.to_string()))?;
    Ok(Secret::from(hash.as_str()))
}

/// Whether a text is a hash that `chpasswd` can pass on: SHA-256, SHA-512 or yescrypt in the form of crypt(5).
fn is_hash(text: &str) -> bool {
    let part = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"./".contains(&b))
    };
    let parts: Vec<&str> = text.split('$').collect();
    let of_length = |salt: &str, hash: &str, length: usize| {
        part(salt) && salt.len() <= 16 && part(hash) && hash.len() == length
    };
    let length = |kind: &str| if kind == "5" { 43 } else { 86 };
    match parts.as_slice() {
        ["", kind @ ("5" | "6"), salt, hash] => of_length(salt, hash, length(kind)),
        ["", kind @ ("5" | "6"), rounds, salt, hash] => {
            let rounds = rounds.strip_prefix("rounds=").unwrap_or("");
            (4..=9).contains(&rounds.len())
                && rounds.bytes().all(|b| b.is_ascii_digit())
                && of_length(salt, hash, length(kind))
        }
        ["", "y", parameters, salt, hash] => {
            part(parameters) && part(salt) && part(hash) && hash.len() == 43
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_hash() {
        let sha512 = "x".repeat(86);
        for good in [
            format!("$6$salt${sha512}"),
            format!("$6$rounds=100000$saltsaltsaltsalt${sha512}"),
            format!("$5$a./Z${}", "x".repeat(43)),
            format!("$y$j9T$F5Jx5fExrKuPp53xLKQ..1${}", "x".repeat(43)),
        ] {
            assert!(is_hash(&good), "{good}");
        }
        for bad in [
            String::new(),
            "correct horse".to_owned(),
            "!".to_owned(),
            format!("$1$salt${}", "x".repeat(22)),
            format!("$6$salt${}", "x".repeat(85)),
            format!("$6$${sha512}"),
            format!("$6$rounds=1$salt${sha512}"),
            format!("$6$sa:lt${sha512}"),
            format!("$6$salt${sha512}\nroot:x"),
            format!("root:$6$salt${sha512}"),
        ] {
            assert!(!is_hash(&bad), "{bad}");
        }
    }
}
