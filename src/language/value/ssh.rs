//! Public SSH keys: decoded, and checked against what OpenSSH expects in them.
//!
//! A key that was cut off while it was copied looks like a key, but lets no one in. The contents of the
//! second word are described in RFC 4253 (6.6), RFC 5656 (3.1), RFC 8709 (4) and OpenSSH's PROTOCOL.u2f.

use serde::{Deserialize, Serialize};

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Bad;

/// A public SSH key as in `authorized_keys`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SshKey {
    /// `ssh-ed25519`, ...
    pub algorithm: String,
    /// The key itself in base64.
    pub key: String,
    /// What follows the key, often `user@host`.
    pub comment: String,
}

impl SshKey {
    /// The key in templates and imported specs, to be replaced. It is a point of the curve that was chosen by its text ("replace this key
    /// with your own!!"), so no one has the private key.
    pub const PLACEHOLDER: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHJlcGxhY2UgdGhpcyBrZXkgd2l0aCB5b3VyIG93biEh replace@me";

    /// Whether this is still the key of a template.
    pub fn is_placeholder(&self) -> bool {
        Self::PLACEHOLDER.split(' ').nth(1) == Some(&self.key) || self.comment == "replace@me"
    }
}

impl fmt::Display for SshKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.algorithm, self.key)?;
        if !self.comment.is_empty() {
            write!(f, " {}", self.comment)?;
        }
        Ok(())
    }
}

/// The kinds of key, and what each contains after its own name.
const ALGORITHMS: &[(&str, &[Piece])] = &[
    ("ssh-ed25519", &[Piece::Ed25519]),
    ("ssh-rsa", &[Piece::Exponent, Piece::Modulus]),
    (
        "ecdsa-sha2-nistp256",
        &[Piece::Word("nistp256"), Piece::Bytes(65)],
    ),
    (
        "ecdsa-sha2-nistp384",
        &[Piece::Word("nistp384"), Piece::Bytes(97)],
    ),
    (
        "ecdsa-sha2-nistp521",
        &[Piece::Word("nistp521"), Piece::Bytes(133)],
    ),
    (
        "sk-ssh-ed25519@openssh.com",
        &[Piece::Ed25519, Piece::Application],
    ),
    (
        "sk-ecdsa-sha2-nistp256@openssh.com",
        &[
            Piece::Word("nistp256"),
            Piece::Bytes(65),
            Piece::Application,
        ],
    ),
];

/// One string of a decoded key.
#[derive(Clone, Copy)]
enum Piece {
    /// A key of exactly this many bytes.
    Bytes(usize),
    /// This word.
    Word(&'static str),
    /// A point of Curve25519, of 32 bytes, that is safe.
    Ed25519,
    /// An odd number of 3 or more: with an exponent of 1, anyone can sign.
    Exponent,
    /// A number of 1024 bits or more: sshd accepts no shorter RSA key.
    Modulus,
    /// The application name of a security key.
    Application,
}

/// The longest comment that is accepted.
const COMMENT: usize = 255;

pub(super) fn ssh_key(word: &str) -> Result<SshKey, Bad> {
    if word.contains("PRIVATE KEY") {
        return Err(Bad::whole(
            word,
            "is a private key, which must never leave its owner's machine",
        )
        .help("use the one line of the file that ends in .pub"));
    }
    let mut pieces = word.splitn(3, ' ');
    let algorithm = pieces.next().unwrap_or_default();
    let key = pieces.next().unwrap_or_default();
    let comment = pieces.next().unwrap_or_default();
    let Some((_, inside)) = ALGORITHMS.iter().find(|(known, _)| *known == algorithm) else {
        return Err(other_start(word, algorithm));
    };
    let at = algorithm.len() + 1;
    let copied = "copy the complete line of a .pub file";
    let wrong = |why: String| {
        let (from, to) = match key {
            "" => (0, word.len()),
            _ => (at, at + key.len()),
        };
        Err(Bad::part(from, to, format!("is not a public SSH key: {why}")).help(copied))
    };
    if key.len() < 16 || !key.starts_with("AAAA") {
        return wrong("the second word is not base64 that begins with AAAA".to_owned());
    }
    let Ok(blob) = STANDARD.decode(key) else {
        let foreign = |b: u8| !(b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='));
        return wrong(if key.bytes().any(foreign) {
            "the second word contains characters that are not base64".to_owned()
        } else {
            "the second word is cut off, or part of it is missing".to_owned()
        });
    };
    if let Err(why) = look_inside(&blob, algorithm, inside) {
        return wrong(why);
    }
    if comment.len() > COMMENT {
        let from = at + key.len() + 1;
        return Err(Bad::part(
            from,
            word.len(),
            format!("has a comment of more than {COMMENT} bytes after the key"),
        )
        .help("shorten the text after the key"));
    }
    Ok(SshKey {
        algorithm: algorithm.to_owned(),
        key: key.to_owned(),
        comment: comment.trim().to_owned(),
    })
}

/// A line that does not begin with a kind of key: perhaps with options, perhaps with a certificate.
fn other_start(word: &str, algorithm: &str) -> Bad {
    let copy = "copy the one line of a .pub file: `ssh-ed25519 AAAA... you@laptop`";
    let begins = ALGORITHMS
        .iter()
        .filter_map(|(known, _)| word.find(&format!("{known} AAAA")))
        .min();
    match begins {
        // Options decide what a key may do (`command=`, `from=`): they are not what this setting is for, and
        // easy to miss in a review.
        Some(at) if at > 0 => Bad::part(
            0,
            at,
            "has something before the key, and key options are not accepted here",
        )
        .help(format!(
            "begin with `{}`",
            word[at..].split(' ').next().unwrap_or_default()
        )),
        _ if algorithm.contains("-cert-v01@") => Bad::part(
            0,
            algorithm.len(),
            "is a certificate, but must be a user's key",
        )
        .help(copy),
        _ => Bad::part(
            0,
            algorithm.len(),
            "is not a public SSH key: it does not begin with a known kind of key",
        )
        .help(copy),
    }
}

fn look_inside(blob: &[u8], algorithm: &str, inside: &[Piece]) -> Result<(), String> {
    let cut = || "the key is cut off".to_owned();
    let (name, mut rest) = string(blob).ok_or_else(cut)?;
    if name != algorithm.as_bytes() {
        return Err(format!(
            "it says {algorithm}, but its content says {}",
            String::from_utf8_lossy(name).escape_debug()
        ));
    }
    for piece in inside {
        let (found, after) = string(rest).ok_or_else(cut)?;
        rest = after;
        let wrong = match piece {
            Piece::Bytes(wanted) => (found.len() != *wanted)
                .then(|| format!("expected {wanted} bytes of key, found {}", found.len())),
            Piece::Word(wanted) => (found != wanted.as_bytes())
                .then(|| format!("it is for a curve other than {wanted}")),
            Piece::Ed25519 if found.len() != 32 => {
                Some(format!("expected 32 bytes of key, found {}", found.len()))
            }
            Piece::Ed25519 => {
                is_weak(found).then(|| "anyone can sign for it, without a private key".to_owned())
            }
            Piece::Exponent => (bits(found) < 2 || found.last().is_some_and(|last| last % 2 == 0))
                .then(|| "its exponent is not an odd number of 3 or more".to_owned()),
            Piece::Modulus => (!(1024..=16384).contains(&bits(found))).then(|| {
                format!(
                    "it has {} bits, and sshd accepts 1024 to 16384",
                    bits(found)
                )
            }),
            Piece::Application => found
                .is_empty()
                .then(|| "it does not name an application".to_owned()),
        };
        if let Some(why) = wrong {
            return Err(why);
        }
    }
    if rest.is_empty() {
        Ok(())
    } else {
        Err(format!("{} bytes too many follow the key", rest.len()))
    }
}

/// The points whose order divides 8, by the number that encodes them (least significant byte first), without its sign: for such a key
/// signatures can be made without a private key, and OpenSSH accepts them (RFC 8032, 5.1; "Taming the many EdDSAs", 2020, table 1).
const WEAK: &[[u8; 32]] = &[
    least(0),
    least(1),
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
];

const fn least(first: u8) -> [u8; 32] {
    let mut number = [0; 32];
    number[0] = first;
    number
}

/// Whether these 32 bytes encode a weak point, or a number of p - 1 or more (p = 2^255 - 19): p - 1 is weak, and p and more are second
/// encodings of small numbers, two of which are weak.
fn is_weak(point: &[u8]) -> bool {
    let mut number = point.to_vec();
    let Some(last) = number.last_mut() else {
        return true;
    };
    *last &= 0x7f;
    let (first, rest) = number.split_at(1);
    let high = rest.split_last().is_some_and(|(last, middle)| {
        *last == 0x7f && middle.iter().all(|byte| *byte == 0xff) && first >= &[0xec][..]
    });
    high || WEAK.iter().any(|weak| number == weak)
}

/// A string (its length in four bytes, then its bytes) and the rest.
fn string(blob: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = blob.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

/// How many bits a number has; 0 for a negative one.
fn bits(number: &[u8]) -> usize {
    if number.first().is_some_and(|first| first & 0x80 != 0) {
        return 0;
    }
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros).map_or(0, |first| {
        (number.len() - zeros) * 8 - usize::try_from(first.leading_zeros()).unwrap_or(0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleE you@laptop";

    /// A key of this kind, built from these strings.
    fn made(algorithm: &str, strings: &[&[u8]]) -> String {
        let mut blob = Vec::new();
        for string in std::iter::once(&algorithm.as_bytes()).chain(strings) {
            let length = u32::try_from(string.len()).expect("short");
            blob.extend_from_slice(&length.to_be_bytes());
            blob.extend_from_slice(string);
        }
        format!("{algorithm} {}", STANDARD.encode(blob))
    }

    #[test]
    fn every_kind_of_key_is_read() {
        assert!(ssh_key(SOUND).is_ok());
        let mut modulus = vec![0];
        modulus.extend([0xff; 256]);
        for key in [
            made("ssh-rsa", &[&[1, 0, 1], &modulus]),
            made("ecdsa-sha2-nistp256", &[b"nistp256", &[4; 65]]),
            made("ecdsa-sha2-nistp384", &[b"nistp384", &[4; 97]]),
            made("ecdsa-sha2-nistp521", &[b"nistp521", &[4; 133]]),
            made("sk-ssh-ed25519@openssh.com", &[&[7; 32], b"ssh:"]),
            made(
                "sk-ecdsa-sha2-nistp256@openssh.com",
                &[b"nistp256", &[4; 65], b"ssh:"],
            ),
        ] {
            assert!(ssh_key(&key).is_ok(), "{key}: {:?}", ssh_key(&key));
        }
    }

    /// 0 was the placeholder of templates once.
    #[test]
    fn a_key_for_which_anyone_can_sign_is_refused() {
        let number = |first: u8, middle: u8, last: u8| {
            let mut all = [middle; 32];
            (all[0], all[31]) = (first, last);
            all
        };
        let mut all: Vec<[u8; 32]> = WEAK.to_vec();
        // p - 1 to p + 18, the largest number of 255 bits
        all.extend((0xec..=0xff).map(|first| number(first, 0xff, 0x7f)));
        for mut point in all {
            for sign in [0, 0x80] {
                point[31] = point[31] & 0x7f | sign;
                for key in [
                    made("ssh-ed25519", &[&point]),
                    made("sk-ssh-ed25519@openssh.com", &[&point, b"ssh:"]),
                ] {
                    let bad = ssh_key(&key).expect_err(&key);
                    assert!(bad.why.contains("anyone can sign"), "{}", bad.why);
                }
            }
        }
        for good in [number(0xeb, 0xff, 0x7f), number(2, 0, 0)] {
            assert!(ssh_key(&made("ssh-ed25519", &[&good])).is_ok());
        }
    }

    #[test]
    fn the_placeholder_is_a_key_and_known() {
        let key = ssh_key(SshKey::PLACEHOLDER).expect("a key");
        assert!(key.is_placeholder());
        assert!(!ssh_key(SOUND).expect("a key").is_placeholder());
    }

    #[test]
    fn a_key_that_lets_no_one_in_is_refused() {
        let whole = SOUND.split(' ').nth(1).expect("the key");
        for (key, why) in [
            (
                made("ssh-ed25519", &[&[7; 31]]),
                "expected 32 bytes of key, found 31",
            ),
            (made("ssh-ed25519", &[]), "cut off"),
            (made("ssh-ed25519", &[&[7; 32], b"x"]), "5 bytes too many"),
            (
                made("ssh-rsa", &[&[1, 0, 1], &[0x7f; 64]]),
                "it has 511 bits",
            ),
            (made("ssh-rsa", &[&[], &[0x7f; 256]]), "exponent"),
            (made("ssh-rsa", &[&[1], &[0x7f; 256]]), "exponent"),
            (made("ssh-rsa", &[&[1, 0, 0], &[0x7f; 256]]), "exponent"),
            (
                made("ecdsa-sha2-nistp256", &[b"nistp384", &[4; 65]]),
                "a curve other than",
            ),
            (
                format!("ssh-rsa {whole}"),
                "it says ssh-rsa, but its content says ssh-ed25519",
            ),
            (SOUND.replace("ExampleE ", " "), "cut off"),
            (
                "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample you".to_owned(),
                "cut off",
            ),
            ("ssh-ed25519".to_owned(), "second word"),
            ("ssh-ed25519 $(reboot)xxxxxxxxxxx".to_owned(), "base64"),
            (
                "-----BEGIN OPENSSH PRIVATE KEY-----".to_owned(),
                "private key",
            ),
            (
                format!("command=\"id\" {SOUND}"),
                "key options are not accepted",
            ),
            (format!("{SOUND}{}", "x".repeat(300)), "comment"),
        ] {
            let bad = ssh_key(&key).expect_err(&key);
            assert!(bad.why.contains(why), "{key}: {}", bad.why);
            assert!(bad.from <= bad.to && bad.to <= key.len(), "{key}");
        }
    }
}
