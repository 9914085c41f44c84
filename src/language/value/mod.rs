//! What bare words mean: addresses, ranges, sizes, versions, names, each with its own type.
//!
//! In: a word and the type that the schema expects. Out: a typed value, or a [`Bad`] that knows
//! which bytes of the word are wrong and what to type instead. Values are parsed once, here; no floor
//! above has a string that still needs parsing.

mod account;
mod address;
mod amount;
mod component;
mod date;
mod host;
mod kernel;
mod kind;
mod kube;
mod name;
mod overlay;
mod package;
mod place;
mod port;
mod proxy;
mod quantity;
mod registry;
mod space;
mod ssh;
mod text;
mod version;

pub use address::{AddressRange, further};
pub use amount::{go_duration, grouped, quantity as kubernetes_quantity};
pub use date::Date;
pub use host::{Endpoint, Mac};
pub use kind::{TYPES, Type};
pub use name::{Fingerprint, SecretName, is_label};
pub use place::{Country, Timezone, timezones};
pub use port::{Protocol, TransportPort};
pub use quantity::{Duration, Size};
pub use space::nearest_free;
pub use ssh::SshKey;
pub use version::Version;

use serde::{Deserialize, Serialize};

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
    /// What is wrong, as the end of a sentence that begins with the word: "is not an address: ...".
    pub why: String,
    /// What to type, if that is known.
    pub help: Option<String>,
    /// The whole word that was certainly meant, if there is only one candidate.
    pub instead: Option<String>,
}

impl Bad {
    /// The whole word is wrong.
    pub fn whole(word: &str, why: impl Into<String>) -> Self {
        Self::part(0, word.len(), why)
    }

    /// Part of the word is wrong.
    pub fn part(from: usize, to: usize, why: impl Into<String>) -> Self {
        Self {
            from,
            to,
            why: why.into(),
            help: None,
            instead: None,
        }
    }

    /// Sets what to type.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Sets the word that was certainly meant.
    #[must_use]
    pub fn instead(mut self, word: impl Into<String>) -> Self {
        self.instead = Some(word.into());
        self
    }

    /// The same, for a word that is `by` bytes further on in a longer one.
    #[must_use]
    pub fn shifted(mut self, by: usize) -> Self {
        self.from += by;
        self.to += by;
        self.instead = None;
        self
    }
}

/// A typed value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// A host name, name, text, choice, reference, code or key: all plain strings once checked.
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

/// Reads `word` as a value of type `ty`. The caller checks choices and references, because it
/// knows the list; here they can be any word.
pub fn parse(ty: Type, word: &str) -> Result<Val, Bad> {
    text::visible(word, ty == Type::Text)?;
    match ty {
        Type::Address => address::address(word).map(Val::Address),
        Type::Cidr => address::cidr(word).map(Val::Cidr),
        Type::Range => address::range(word).map(Val::Range),
        Type::Size => quantity::size(word).map(Val::Size),
        Type::Duration => quantity::duration(word).map(Val::Duration),
        Type::Version => version::version(word).map(Val::Version),
        Type::Port => quantity::port(word).map(Val::Port),
        Type::TransportPort => port::transport_port(word).map(Val::TransportPort),
        Type::Host => host::host(word).map(Val::Text),
        Type::Endpoint => host::endpoint(word).map(Val::Endpoint),
        Type::Label => name::machine(word).map(Val::Text),
        Type::DnsLabel => kube::dns_label(word).map(Val::Text),
        Type::Name => name::name(word).map(Val::Text),
        Type::Text | Type::Choice | Type::Reference | Type::Any => Ok(Val::Text(word.to_owned())),
        Type::Path => host::path(word).map(Val::Path),
        Type::Url => host::url(word).map(Val::Url),
        Type::Mac => host::mac(word).map(Val::Mac),
        Type::Boolean => quantity::boolean(word).map(Val::Boolean),
        Type::Integer => quantity::integer(word).map(Val::Integer),
        Type::Secret => name::secret(word).map(Val::Secret),
        Type::Code => name::code(word).map(Val::Text),
        Type::Country => place::country(word).map(Val::Country),
        Type::Timezone => place::timezone(word).map(Val::Timezone),
        Type::SshKey => ssh::ssh_key(word).map(Val::SshKey),
        Type::Date => date::date(word).map(Val::Date),
        Type::Fingerprint => name::fingerprint(word).map(Val::Fingerprint),
        Type::LabelKey => kube::label_key(word).map(Val::Text),
        Type::LabelValue => kube::label_value(word).map(Val::Text),
        Type::Line => text::line(word).map(Val::Text),
        Type::Taint => kube::taint(word).map(Val::Text),
        Type::FeatureGate => kube::feature_gate(word).map(Val::Text),
        Type::Argument => kube::argument(word).map(Val::Text),
        Type::ArgumentValue => kube::argument_value(word).map(Val::Text),
        Type::Cpu => component::cpu(word).map(Val::Text),
        Type::Threshold => component::threshold(word).map(Val::Text),
        Type::PortRange => component::port_range(word).map(Val::Text),
        Type::CertificateName => component::certificate_name(word).map(Val::Text),
        Type::Field => component::field(word).map(Val::Text),
        Type::Package => package::package(word).map(Val::Text),
        Type::Account => account::account(word).map(Val::Text),
        Type::Group => account::group(word).map(Val::Text),
        Type::Interface => kernel::interface(word).map(Val::Text),
        Type::Sysctl => kernel::sysctl(word).map(Val::Text),
        Type::SysctlValue => kernel::sysctl_value(word).map(Val::Text),
        Type::Keyboard => place::keyboard(word).map(Val::Text),
        Type::Locale => place::locale(word).map(Val::Text),
        Type::Registry => registry::registry(word).map(Val::Text),
        Type::RegistryUrl => registry::registry_url(word).map(Val::Text),
        Type::ProxyUrl => proxy::proxy_url(word).map(Val::Url),
        Type::ProxyExemption => proxy::exemption(word).map(Val::Text),
        Type::Ssid => text::ssid(word).map(Val::Text),
        Type::Sha256 => name::sha256(word).map(Val::Text),
        Type::Overlay => overlay::overlay(word).map(Val::Text),
    }
}
