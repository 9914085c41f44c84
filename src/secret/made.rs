//! The cluster's own secrets, newly made: certificate authorities and keys by rcgen, the rest from the system's random numbers.
//!
//! What kubeadm finds below `/etc/kubernetes/pki` it uses instead of making its own. The names, usages and lifetimes are those that
//! kubeadm gives its own (kubernetes/kubernetes: cmd/kubeadm/app/phases/certs/certlist.go, util/pkiutil/pki_helpers.go). The keys are
//! ECDSA on P-256, which every supported release reads (`encryptionAlgorithm: ECDSA-P256` makes the same).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, KeyPair, KeyUsagePurpose,
};
use time::{Duration, OffsetDateTime};

use super::Secret;
use super::vault::{Held, Own};
use crate::value::Date;

/// How long an authority is valid if the spec does not say: kubeadm's `caCertificateValidityPeriod`, ten years.
pub const AUTHORITY_LASTS: Duration = Duration::hours(87_600);

/// A machine without a battery for its clock may be a little behind.
const BACKDATED: Duration = Duration::hours(1);

/// Why a secret could not be made: the library or the system's random numbers refused, which is nothing that the user did.
#[derive(Clone, Debug)]
pub struct NotMade(String);

impl fmt::Display for NotMade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a secret could not be made: {}", self.0)
    }
}

impl std::error::Error for NotMade {}

impl From<rcgen::Error> for NotMade {
    fn from(error: rcgen::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<getrandom::Error> for NotMade {
    fn from(error: getrandom::Error) -> Self {
        Self(error.to_string())
    }
}

/// A certificate authority with its key. `name` is its common name.
pub fn authority(name: &str, now: OffsetDateTime, lasts: Duration) -> Result<Held, NotMade> {
    let key = KeyPair::generate()?;
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, name);
    // No certificate has a later year (RFC 5280, 4.1.2.5).
    let ends = now
        .checked_add(lasts)
        .filter(|ends| ends.year() <= 9999)
        .ok_or_else(|| NotMade("an authority would end after the year 9999".to_owned()))?;
    let mut wanted = CertificateParams::new([name.to_owned()])?;
    wanted.distinguished_name = subject;
    wanted.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    wanted.key_usages = vec![
        KeyUsagePurpose::DigitalSignature,
        KeyUsagePurpose::KeyEncipherment,
        KeyUsagePurpose::KeyCertSign,
    ];
    wanted.not_before = now - BACKDATED;
    wanted.not_after = ends;
    let certificate = wanted.self_signed(&key)?;
    Ok(Held {
        value: Secret::new(key.serialize_pem()),
        made: day_of(now),
        ends: Some(day_of(ends)),
        public: Some(certificate.pem()),
    })
}

/// The key pair that signs the tokens of service accounts.
pub fn service_account(now: OffsetDateTime) -> Result<Held, NotMade> {
    let key = KeyPair::generate()?;
    Ok(Held {
        value: Secret::new(key.serialize_pem()),
        made: day_of(now),
        ends: None,
        public: Some(key.public_key_pem()),
    })
}

/// A bootstrap token as kubeadm wants it: `[a-z0-9]{6}.[a-z0-9]{16}`. The part before the dot is a name, not a secret.
pub fn token(now: OffsetDateTime) -> Result<Held, NotMade> {
    let mut text = String::with_capacity(23);
    for place in 0..22 {
        if place == 6 {
            text.push('.');
        }
        text.push(letter()?);
    }
    Ok(plain(text, now))
}

/// A key of 32 bytes in base64: what every cipher of the API server accepts for what it stores.
pub fn encryption_key(now: OffsetDateTime) -> Result<Held, NotMade> {
    let mut bytes = zeroize::Zeroizing::new([0_u8; 32]);
    getrandom::fill(bytes.as_mut_slice())?;
    Ok(plain(STANDARD.encode(bytes.as_slice()), now))
}

impl Own {
    /// A fresh one; an authority lasts for so long.
    pub fn make(self, now: OffsetDateTime, lasts: Duration) -> Result<Held, NotMade> {
        match (self.common_name(), self) {
            (Some(name), _) => authority(name, now, lasts),
            (None, Self::Token) => token(now),
            (None, _) => service_account(now),
        }
    }
}

fn plain(text: String, now: OffsetDateTime) -> Held {
    Held {
        value: Secret::new(text),
        made: day_of(now),
        ends: None,
        public: None,
    }
}

/// One of 36 letters and digits, each as likely as the others: 252 is the largest multiple of 36 that a byte can count to.
fn letter() -> Result<char, NotMade> {
    const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    loop {
        let mut byte = [0_u8; 1];
        getrandom::fill(&mut byte)?;
        if byte[0] < 252 {
            return Ok(char::from(LETTERS[usize::from(byte[0] % 36)]));
        }
    }
}

/// The day of a moment, in UTC.
pub fn day_of(moment: OffsetDateTime) -> Date {
    Date {
        year: u16::try_from(moment.year()).unwrap_or(u16::MAX),
        month: u8::from(moment.month()),
        day: moment.day(),
    }
}
