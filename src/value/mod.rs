//! What bare words mean: addresses, ranges, sizes, versions, names, each a type of its own.
//!
//! In: a word and the type that the schema expects. Out: a typed value, or a [`Bad`] that knows
//! which bytes of the word are wrong and what to type instead. Parsed once, here; no floor above
//! holds a text that still has a grammar.

mod address;
mod date;
mod name;
mod port;
mod quantity;
mod space;
mod version;

pub use address::AddressRange;
pub use date::Date;
pub use name::{Country, Endpoint, Fingerprint, Mac, SecretName, SshKey, Timezone, is_label};
pub use port::{Protocol, TransportPort};
pub use quantity::{Duration, Size};
pub use space::nearest_free;
pub use version::Version;

use std::net::IpAddr;

use camino::Utf8PathBuf;
use ipnet::IpNet;

/// What is wrong with a word. Byte offsets count from the word's start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bad {
    /// The first wrong byte.
    pub from: usize,
    /// The byte after the last wrong one.
    pub to: usize,
    /// What is wrong, as the end of a sentence that begins with the word: "is no address: ...".
    pub why: String,
    /// What to type, if that is known.
    pub help: Option<String>,
    /// The whole word as it was certainly meant, if there is only one such word.
    pub instead: Option<String>,
}

impl Bad {
    /// All of the word is wrong.
    pub fn whole(word: &str, why: impl Into<String>) -> Self {
        Self::part(0, word.len(), why)
    }

    /// A part of the word is wrong.
    pub fn part(from: usize, to: usize, why: impl Into<String>) -> Self {
        Self {
            from,
            to,
            why: why.into(),
            help: None,
            instead: None,
        }
    }

    /// Says what to type.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Gives the word that was certainly meant.
    #[must_use]
    pub fn instead(mut self, word: impl Into<String>) -> Self {
        self.instead = Some(word.into());
        self
    }

    /// The same complaint about a word that stands `by` bytes further on in a longer one.
    #[must_use]
    pub fn shifted(mut self, by: usize) -> Self {
        self.from += by;
        self.to += by;
        self.instead = None;
        self
    }
}

/// The types that a setting may have. A closed list: the schema names one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    /// An IPv4 or IPv6 address.
    Address,
    /// A network: address/prefix, without host bits.
    Cidr,
    /// Two addresses: `a..b`.
    Range,
    /// A number of bytes: `2GiB`.
    Size,
    /// A length of time: `24h`.
    Duration,
    /// `1.36` or `1.36.1`.
    Version,
    /// 1 to 65535.
    Port,
    /// `443/tcp`.
    TransportPort,
    /// A DNS name or an address.
    Host,
    /// A host with an optional port.
    Endpoint,
    /// An RFC 1123 label: the name of a machine.
    Label,
    /// An RFC 1123 label: the name of a Kubernetes object.
    DnsLabel,
    /// A name of the user's choosing: letters, digits, `-`, `_`, `.`.
    Name,
    /// Any text.
    Text,
    /// A path.
    Path,
    /// An address of a web page or repository.
    Url,
    /// An Ethernet address.
    Mac,
    /// One of the words that the schema lists.
    Choice,
    /// `on` or `off`.
    Boolean,
    /// A whole number.
    Integer,
    /// `secret:NAME`.
    Secret,
    /// A diagnostic code: `family/name`.
    Code,
    /// The name of something in the standard library or in the spec.
    Reference,
    /// Two capital letters (ISO 3166-1).
    Country,
    /// `Area/City`.
    Timezone,
    /// A public SSH key, as in `authorized_keys`.
    SshKey,
    /// `2026-11-22`.
    Date,
    /// The fingerprint of an OpenPGP key: 40 hexadecimal digits.
    Fingerprint,
    /// The key of a Kubernetes label: `[prefix/]name`.
    LabelKey,
    /// The value of a Kubernetes label.
    LabelValue,
    /// Anything: for `let`.
    Any,
}

/// Every type with its name in schema files and what people call it.
pub const TYPES: &[(Type, &str, &str)] = &[
    (Type::Address, "address", "an IP address"),
    (Type::Cidr, "cidr", "a network (address/prefix)"),
    (Type::Range, "range", "a range of addresses (a..b)"),
    (Type::Size, "size", "a size such as 2GiB"),
    (Type::Duration, "duration", "a length of time such as 24h"),
    (Type::Version, "version", "a version such as 1.36 or 1.36.1"),
    (Type::Port, "port", "a port (1 to 65535)"),
    (
        Type::TransportPort,
        "transport-port",
        "a port with its protocol, such as 443/tcp",
    ),
    (Type::Host, "host", "a host name or an address"),
    (
        Type::Endpoint,
        "endpoint",
        "a host name or an address, with or without :port",
    ),
    (
        Type::Label,
        "label",
        "a machine name (small letters, digits, -)",
    ),
    (
        Type::DnsLabel,
        "dns-label",
        "a DNS label (small letters, digits, -)",
    ),
    (
        Type::Name,
        "name",
        "a name (letters, digits, `-`, `_`, `.`)",
    ),
    (Type::Text, "text", "a text"),
    (Type::Path, "path", "a path"),
    (Type::Url, "url", "an address that begins with https://"),
    (Type::Mac, "mac", "an Ethernet address"),
    (Type::Choice, "choice", "one of a list of words"),
    (Type::Boolean, "boolean", "`on` or `off`"),
    (Type::Integer, "integer", "a whole number"),
    (Type::Secret, "secret", "a secret's name (secret:NAME)"),
    (Type::Code, "code", "a diagnostic code (family/name)"),
    (Type::Reference, "reference", "a known name"),
    (Type::Country, "country", "a country code such as JP"),
    (Type::Timezone, "timezone", "a time zone such as Asia/Tokyo"),
    (Type::SshKey, "ssh-key", "a public SSH key"),
    (Type::Date, "date", "a date such as 2026-11-22"),
    (
        Type::Fingerprint,
        "fingerprint",
        "a key fingerprint (40 hexadecimal digits)",
    ),
    (
        Type::LabelKey,
        "label-key",
        "a label key such as example.org/rack",
    ),
    (
        Type::LabelValue,
        "label-value",
        "the value of a label (up to 63 letters, digits, `-`, `_`, `.`)",
    ),
    (Type::Any, "any", "a value"),
];

impl Type {
    /// The type of that name in a schema file.
    pub fn named(name: &str) -> Option<Self> {
        TYPES
            .iter()
            .find(|(_, known, _)| *known == name)
            .map(|(ty, _, _)| *ty)
    }

    /// Its name in schema files.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// What people call it, with an article.
    pub fn description(self) -> &'static str {
        self.row().2
    }

    fn row(self) -> &'static (Type, &'static str, &'static str) {
        TYPES
            .iter()
            .find(|(ty, _, _)| *ty == self)
            .expect("TYPES lists every type")
    }

    /// Whether a quoted string may stand where this type is expected.
    pub fn takes_text(self) -> bool {
        !matches!(self, Self::Boolean | Self::Integer | Self::Secret)
    }
}

/// A typed value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant is the type of the same name")]
pub enum Val {
    Address(IpAddr),
    Cidr(IpNet),
    Range(AddressRange),
    Size(Size),
    Duration(Duration),
    Version(Version),
    Port(u16),
    TransportPort(TransportPort),
    Endpoint(Endpoint),
    /// A host name, name, text, choice, reference, code or key: all plain texts once checked.
    Text(String),
    Path(Utf8PathBuf),
    Url(String),
    Mac(Mac),
    Boolean(bool),
    Integer(i64),
    Secret(SecretName),
    Country(Country),
    Timezone(Timezone),
    SshKey(SshKey),
    Date(Date),
    Fingerprint(Fingerprint),
}

impl std::fmt::Display for Val {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Address(value) => value.fmt(f),
            Self::Cidr(value) => value.fmt(f),
            Self::Range(value) => value.fmt(f),
            Self::Size(value) => value.fmt(f),
            Self::Duration(value) => value.fmt(f),
            Self::Version(value) => value.fmt(f),
            Self::Port(value) => value.fmt(f),
            Self::TransportPort(value) => value.fmt(f),
            Self::Endpoint(value) => value.fmt(f),
            Self::Text(value) | Self::Url(value) => f.write_str(value),
            Self::Path(value) => f.write_str(value.as_str()),
            Self::Mac(value) => value.fmt(f),
            Self::Boolean(value) => f.write_str(if *value { "on" } else { "off" }),
            Self::Integer(value) => value.fmt(f),
            Self::Secret(value) => write!(f, "secret:{}", value.0),
            Self::Country(value) => f.write_str(&value.0),
            Self::Timezone(value) => f.write_str(&value.0),
            Self::SshKey(value) => value.fmt(f),
            Self::Date(value) => value.fmt(f),
            Self::Fingerprint(value) => f.write_str(&value.0),
        }
    }
}

/// Reads `word` as a value of type `ty`. Choices and references are checked by the caller, who
/// knows the list; here they are any word.
pub fn parse(ty: Type, word: &str) -> Result<Val, Bad> {
    if let Some(at) = word.find(|c: char| c.is_control() && !(ty == Type::Text && c == '\n')) {
        return Err(Bad::part(
            at,
            at + 1,
            "holds a control character, which no generated file may carry",
        ));
    }
    match ty {
        Type::Address => address::address(word).map(Val::Address),
        Type::Cidr => address::cidr(word).map(Val::Cidr),
        Type::Range => address::range(word).map(Val::Range),
        Type::Size => quantity::size(word).map(Val::Size),
        Type::Duration => quantity::duration(word).map(Val::Duration),
        Type::Version => version::version(word).map(Val::Version),
        Type::Port => quantity::port(word).map(Val::Port),
        Type::TransportPort => port::transport_port(word).map(Val::TransportPort),
        Type::Host => name::host(word).map(Val::Text),
        Type::Endpoint => name::endpoint(word).map(Val::Endpoint),
        Type::Label => name::label(word).map(Val::Text),
        Type::DnsLabel => name::dns_label(word).map(Val::Text),
        Type::Name => name::name(word).map(Val::Text),
        Type::Text | Type::Choice | Type::Reference | Type::Any => Ok(Val::Text(word.to_owned())),
        Type::Path => name::path(word).map(Val::Path),
        Type::Url => name::url(word).map(Val::Url),
        Type::Mac => name::mac(word).map(Val::Mac),
        Type::Boolean => quantity::boolean(word).map(Val::Boolean),
        Type::Integer => quantity::integer(word).map(Val::Integer),
        Type::Secret => name::secret(word).map(Val::Secret),
        Type::Code => name::code(word).map(Val::Text),
        Type::Country => name::country(word).map(Val::Country),
        Type::Timezone => name::timezone(word).map(Val::Timezone),
        Type::SshKey => name::ssh_key(word).map(Val::SshKey),
        Type::Date => date::date(word).map(Val::Date),
        Type::Fingerprint => name::fingerprint(word).map(Val::Fingerprint),
        Type::LabelKey => name::label_key(word).map(Val::Text),
        Type::LabelValue => name::label_value(word).map(Val::Text),
    }
}
