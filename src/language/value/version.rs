//! Versions as Kubernetes and related projects write them: a minor line, or one exact release.

use serde::{Deserialize, Serialize};

use std::fmt;

use super::Bad;

/// `1.36` (a floating version: any patch release of that line) or `1.36.1` (exactly that one).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Version {
    /// The first number.
    pub major: u16,
    /// The second number.
    pub minor: u16,
    /// The third number; none for a floating version.
    pub patch: Option<u16>,
}

impl Version {
    /// A floating version.
    pub const fn line(major: u16, minor: u16) -> Self {
        Self {
            major,
            minor,
            patch: None,
        }
    }

    /// The same version without its patch release.
    pub fn without_patch(self) -> Self {
        Self::line(self.major, self.minor)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        match self.patch {
            Some(patch) => write!(f, ".{patch}"),
            None => Ok(()),
        }
    }
}

pub(super) fn version(word: &str) -> Result<Version, Bad> {
    let (digits, shift) = match word.strip_prefix('v') {
        Some(rest) => (rest, 1),
        None => (word, 0),
    };
    let mut numbers = Vec::new();
    let mut at = shift;
    for part in digits.split('.') {
        match part.parse::<u16>() {
            Ok(number) if !part.starts_with('+') => numbers.push(number),
            _ if part.is_empty() => return Err(Bad::whole(word, "is not a version")),
            _ => return Err(Bad::part(at, at + part.len(), "is not a version")),
        }
        at += part.len() + 1;
    }
    let found = match numbers.as_slice() {
        [major, minor] => Version::line(*major, *minor),
        [major, minor, patch] => Version {
            patch: Some(*patch),
            ..Version::line(*major, *minor)
        },
        _ => {
            return Err(Bad::whole(
                word,
                "is not a version: it must be two or three numbers with dots between them",
            )
            .help("write `1.36` for the newest patch release of that line, or `1.36.1`"));
        }
    };
    if shift == 1 {
        return Err(Bad::part(0, 1, "begins with a `v`")
            .help(format!("write `{found}`"))
            .instead(found.to_string()));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        let parse = |word| version(word).expect(word);
        assert!(parse("1.9") < parse("1.10"));
        assert!(parse("1.36.4") > parse("1.36.1"));
        assert_eq!(parse("1.36.4").to_string(), "1.36.4");
        assert_eq!(
            version("v1.36").expect_err("v").instead.as_deref(),
            Some("1.36")
        );
        assert!(version("1").is_err());
        assert!(version("1.x").is_err());
    }
}
