//! Reads an entity through its schema: each value as written, else its default, with its origin.

use std::collections::BTreeMap;
use std::net::IpAddr;

use camino::Utf8PathBuf;
use ipnet::IpNet;

use super::{Atom, BlockSchema, Content, Entity, SettingSchema};
use crate::origin::{Origin, Sourced};
use crate::value::{
    Country, Date, Duration, Endpoint, Fingerprint, Mac, SecretName, Size, SshKey, Timezone, Val,
    Version,
};

/// An entity (or the lack of one) seen through its schema.
#[derive(Clone, Copy)]
pub struct View<'a> {
    entity: Option<&'a Entity>,
    schema: &'a BlockSchema,
    options: Option<&'a BTreeMap<String, SettingSchema>>,
}

impl<'a> View<'a> {
    /// A view of a block; without an entity, only defaults are visible.
    pub fn new(entity: Option<&'a Entity>, schema: &'a BlockSchema) -> Self {
        Self {
            entity,
            schema,
            options: None,
        }
    }

    /// Adds the options that the library defines for this block.
    #[must_use]
    pub fn with_options(mut self, options: &'a BTreeMap<String, SettingSchema>) -> Self {
        self.options = Some(options);
        self
    }

    /// The entity, if the block is written at all.
    pub fn entity(&self) -> Option<&'a Entity> {
        self.entity
    }

    /// The value of a setting and its origin: as written, else the default. None if there is
    /// neither, or if the value was wrong (which has been reported).
    pub fn one(&self, name: &str) -> Option<Sourced<&'a Val>> {
        let given = self.given(name)?;
        match &given.content {
            Content::One(Atom::Val(value)) => Some(Sourced::new(value, given.origin.clone())),
            Content::One(Atom::Template(..) | Atom::Poisoned) | Content::Many(_) => None,
        }
    }

    /// The values of a list setting, each with its origin; empty if there is none.
    pub fn many(&self, name: &str) -> Vec<Sourced<&'a Val>> {
        let Some(given) = self.given(name) else {
            return Vec::new();
        };
        match &given.content {
            Content::One(Atom::Val(value)) => vec![Sourced::new(value, given.origin.clone())],
            Content::One(Atom::Template(..) | Atom::Poisoned) => Vec::new(),
            Content::Many(items) => items
                .iter()
                .filter_map(|item| match &item.value {
                    Atom::Val(value) => Some(Sourced::new(value, item.origin.clone())),
                    Atom::Template(..) | Atom::Poisoned => None,
                })
                .collect(),
        }
    }

    /// Whether the user wrote the setting.
    pub fn is_written(&self, name: &str) -> bool {
        self.entity
            .is_some_and(|entity| entity.settings.contains_key(name))
    }

    /// The setting as written, else its default.
    pub fn given(&self, name: &str) -> Option<&'a super::Given> {
        let written = self.entity.and_then(|entity| entity.settings.get(name));
        written.or_else(|| self.setting(name)?.default.as_ref())
    }

    fn setting(&self, name: &str) -> Option<&'a SettingSchema> {
        self.schema
            .settings
            .get(name)
            .or_else(|| self.options?.get(name))
    }
}

/// One accessor for each type: the value of a setting, if it is there and of that type.
macro_rules! typed {
    ($($(#[doc = $doc:literal])+ $name:ident: $variant:ident -> $ty:ty;)+) => {
        impl View<'_> {
            $(
                $(#[doc = $doc])+
                pub fn $name(&self, setting: &str) -> Option<Sourced<$ty>> {
                    let found = self.one(setting)?;
                    match found.value {
                        Val::$variant(value) => Some(Sourced::new(value.clone(), found.origin)),
                        _ => None,
                    }
                }
            )+
        }
    };
}

typed! {
    /// An address.
    address: Address -> IpAddr;
    /// A network.
    cidr: Cidr -> IpNet;
    /// A range of addresses.
    range: Range -> crate::value::AddressRange;
    /// A size.
    size: Size -> Size;
    /// A length of time.
    duration: Duration -> Duration;
    /// A version.
    version: Version -> Version;
    /// A port.
    port: Port -> u16;
    /// A port of a protocol.
    transport_port: TransportPort -> crate::value::TransportPort;
    /// A host with an optional port.
    endpoint: Endpoint -> Endpoint;
    /// A string of any kind: host, name, choice, reference.
    text: Text -> String;
    /// A path.
    path: Path -> Utf8PathBuf;
    /// A web address.
    url: Url -> String;
    /// An Ethernet address.
    mac: Mac -> Mac;
    /// A switch.
    boolean: Boolean -> bool;
    /// A whole number.
    integer: Integer -> i64;
    /// The name of a secret.
    secret: Secret -> SecretName;
    /// A country.
    country: Country -> Country;
    /// A time zone.
    timezone: Timezone -> Timezone;
    /// A public key.
    ssh_key: SshKey -> SshKey;
    /// A date.
    date: Date -> Date;
    /// A fingerprint.
    fingerprint: Fingerprint -> Fingerprint;
}

impl View<'_> {
    /// The strings of a list (hosts, names, words), each with its origin.
    pub fn texts(&self, setting: &str) -> Vec<Sourced<String>> {
        let of = |found: Sourced<&Val>| match found.value {
            Val::Text(text) => Some(Sourced::new(text.clone(), found.origin)),
            _ => None,
        };
        self.many(setting).into_iter().filter_map(of).collect()
    }

    /// The entries of an open map, in alphabetical order, each value as a string.
    pub fn entries(&self) -> Vec<(Sourced<String>, Sourced<String>)> {
        let Some(entity) = self.entity else {
            return Vec::new();
        };
        let of = |(key, given): (&String, &super::Given)| match &given.content {
            Content::One(Atom::Val(value)) => Some((
                Sourced::new(key.clone(), Origin::Written(given.key)),
                Sourced::new(value.to_string(), given.origin.clone()),
            )),
            _ => None,
        };
        entity.settings.iter().filter_map(of).collect()
    }
}
