//! The declaration of a code: everything that all its findings have in common.
//!
//! [`declare!`](crate::declare) makes a `static` from a doc comment (the long explanation that
//! `pikc explain` prints; its ```` ```pik ```` fences run as tests) and a few fields.

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// It cannot work: nothing is written.
    Error,
    /// It works, but can hurt later; an `allow` that states the reason silences it.
    Warning,
    /// Worth knowing; never counted against the spec.
    Note,
}

impl Severity {
    /// The word for it in reports and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// What a code means. Created by [`declare!`](crate::declare) only.
#[derive(Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// `family/name`, kebab-case, stable forever.
    pub code: &'static str,
    /// The release of pikc that reported it first.
    pub since: &'static str,
    /// Names that it had in earlier releases. An `allow` of one still works, and `pikc explain` finds it.
    pub formerly: &'static [&'static str],
    /// Why it is no longer reported, or soon will not be, and which code replaces it.
    pub deprecated: Option<&'static str>,
    /// Its usual severity.
    pub severity: Severity,
    /// A few words without a full stop, for lists.
    pub title: &'static str,
    /// What to type in general, when a finding has nothing more specific to say.
    pub help: &'static str,
    /// The long explanation, in Markdown. Contains a failing example (```` ```pik fails ````) and a
    /// fixed one (```` ```pik ````), both run by the tests.
    pub explanation: &'static str,
    /// Why none of its findings carries an edit; for a code whose findings never have one. A test compares both.
    pub no_edit: Option<&'static str>,
    /// Where the fact comes from: upstream issues, documentation pages, lines of source.
    pub sources: &'static [&'static str],
    /// The file that declares it.
    pub file: &'static str,
    /// The line of the declaration.
    pub line: u32,
}

impl Descriptor {
    /// Whether this is its name or was one.
    pub fn is_called(&self, name: &str) -> bool {
        self.code == name || self.formerly.contains(&name)
    }

    /// The first of its sources that can be opened in a browser: a web address, or an issue written as `owner/repository#number`.
    pub fn url(&self) -> Option<String> {
        self.sources.iter().find_map(|source| {
            let source = source.split_whitespace().next()?;
            if source.starts_with("https://") {
                return Some(source.to_owned());
            }
            let (repository, number) = source.split_once('#')?;
            let (owner, name) = repository.split_once('/')?;
            let plain = |text: &str| {
                !text.is_empty()
                    && text
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
            };
            let known =
                plain(owner) && plain(name) && number.bytes().all(|byte| byte.is_ascii_digit());
            known.then(|| format!("https://github.com/{owner}/{name}/issues/{number}"))
        })
    }
}

/// Declares one diagnostic code, next to the check that reports it.
///
/// A code that gets a better name keeps the old one in `formerly`. One that is no longer reported stays declared, with `deprecated`,
/// for as long as specs may hold an `allow` of it.
///
/// ```ignore
/// declare! {
///     /// Why it matters, at length, with a failing and a fixed example.
///     pub static RANGES_OVERLAP = {
///         code: "network/ranges-overlap",
///         since: "0.1.0",
///         formerly: ["network/overlap"], // only where it had another name
///         deprecated: "the model refuses it", // only where it is
///         severity: Error,
///         title: "address ranges overlap",
///         help: "choose ranges that share no address",
///         no_edit: "which of the two is wrong is not in the spec", // only where no finding has an edit
///         sources: ["kubernetes/kubeadm#3312"],
///     }
/// }
/// ```
#[macro_export]
macro_rules! declare {
    ($(
        $(#[doc = $doc:literal])+
        $vis:vis static $name:ident = {
            code: $code:literal,
            since: $since:literal,
            $(formerly: [$($former:literal),+ $(,)?],)?
            $(deprecated: $deprecated:literal,)?
            severity: $severity:ident,
            title: $title:literal,
            help: $help:literal,
            $(no_edit: $no_edit:literal,)?
            sources: [$($source:literal),+ $(,)?] $(,)?
        }
    )+) => {$(
        $(#[doc = $doc])+
        $vis static $name: $crate::diagnostic::Descriptor = $crate::diagnostic::Descriptor {
            code: $code,
            since: $since,
            formerly: &[$($($former),+)?],
            deprecated: $crate::declare!(@text $($deprecated)?),
            severity: $crate::diagnostic::Severity::$severity,
            title: $title,
            help: $help,
            no_edit: $crate::declare!(@text $($no_edit)?),
            explanation: concat!($($doc, "\n"),+),
            sources: &[$($source),+],
            file: file!(),
            line: line!(),
        };
    )+};
    (@text) => { None };
    (@text $text:literal) => { Some($text) };
}
