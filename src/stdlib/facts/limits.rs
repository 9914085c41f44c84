//! What the kubelet and kube-proxy demand of their configuration when they start, beyond its fields and their types.

use std::sync::Arc;

use super::{Fact, values, whole};
use crate::schema::{Entity, Schema};
use crate::value::{self, Type, Val, Version, go_duration};

/// What a program demands of its configuration.
#[derive(Clone, Debug)]
pub struct Limits {
    /// `KubeletConfiguration`
    pub kind: String,
    /// "the kubelet"
    pub program: String,
    /// Which values a field accepts.
    pub values: Vec<Demand>,
    /// What fields demand of each other.
    pub relations: Vec<Relation>,
    /// The gates that fields need.
    pub gates: Vec<NeedsGate>,
    /// What a field that is left out is compared as, and when.
    pub defaults: Vec<(Place, When)>,
}

/// A field, or a field with a certain value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// `logging.vmodule[].filePattern`, `kubeReserved{cpu}`
    pub path: String,
    /// Its value; a range such as `2..` counts as one.
    pub value: Option<String>,
}

/// When a line of the table holds.
#[derive(Clone, Debug, Default)]
pub struct When {
    /// Only if a field has this value.
    pub field: Option<Place>,
    /// The first release.
    pub from: Option<Version>,
    /// The first release without it.
    pub gone: Option<Version>,
}

impl When {
    /// Whether it holds in a release. Of an unknown release only what holds in all is certain.
    pub fn is_in(&self, release: Option<Version>) -> bool {
        match release {
            Some(release) => {
                self.from.is_none_or(|from| from <= release)
                    && self.gone.is_none_or(|gone| gone > release)
            }
            None => self.from.is_none() && self.gone.is_none(),
        }
    }
}

/// Which values a field, or which keys a map accepts.
#[derive(Clone, Debug)]
pub struct Demand {
    /// The field.
    pub path: String,
    /// Whether this is about the keys of a map.
    pub keys: bool,
    /// One of these must fit.
    pub accepts: Vec<Accepts>,
    /// Only multiples of this.
    pub step: Option<u64>,
    /// When it holds.
    pub when: When,
}

/// What a field accepts.
#[derive(Clone, Debug, PartialEq)]
pub enum Accepts {
    /// This word, or anything that begins with it if it ends in `*`.
    Word(String),
    /// Numbers or lengths of time within these ends.
    Range {
        /// The lower end.
        low: Option<End>,
        /// Whether the lower end itself is left out.
        above: bool,
        /// The upper end.
        high: Option<End>,
    },
    /// A form that pikc knows by name.
    Form(Form),
}

/// An end of a range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum End {
    /// A number.
    Number(f64),
    /// A length of time, in nanoseconds.
    Time(i128),
}

/// Declares the forms with the words that the library has for them.
macro_rules! forms {
    ($($(#[$doc:meta])* $form:ident = $word:literal,)*) => {
        /// A form of values, by the name that the library has for it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Form {
            $($(#[$doc])* $form,)*
        }

        impl Form {
            /// Every form.
            pub const ALL: &[Self] = &[$(Self::$form,)*];

            /// Its name in the library.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$form => $word,)*
                }
            }
        }
    };
}

forms! {
    /// An IP address.
    Address = "address",
    /// An IP address, with a port or without.
    AddressAndPort = "address-and-port",
    /// A range of addresses.
    Cidr = "cidr",
    /// One range, or two of different families, separated by a comma.
    CidrOfEachFamily = "cidr-of-each-family",
    /// A cipher suite by the name that Go has for it.
    CipherSuite = "cipher-suite",
    /// An absolute path in ASCII without `//`, `.`, `..` and a `/` at its end.
    CleanPath = "clean-path",
    /// Numbers of cores: `0-3,8`.
    CpuList = "cpu-list",
    /// Part of the name of a source file, without `=` and `,`.
    FilePattern = "file-pattern",
    /// `true`, `false` and what else Go reads as one of them.
    GoBoolean = "go-boolean",
    /// An image without tag and digest, or a prefix of images that ends in `/*`.
    ImagePattern = "image-pattern",
    /// The key of a label.
    LabelKey = "label-key",
    /// The value of a label.
    LabelValue = "label-value",
    /// Nothing at all.
    Never = "never",
    /// `10%`
    Percentage = "percentage",
    /// `300-2000`
    PortRange = "port-range",
    /// An amount.
    Quantity = "quantity",
    /// An amount above 0.
    QuantityAbove0 = "quantity-above-0",
    /// An amount that is not negative.
    QuantityFrom0 = "quantity-from-0",
    /// What an eviction takes back: an amount that is not negative, or a percentage above 0.
    Reclaim = "reclaim",
    /// The minor release before this one.
    ReleaseBefore = "release-before",
    /// What is left when pods are evicted: an amount above 0, or a percentage.
    Threshold = "threshold",
    /// HOST:PORT of a collector of traces.
    TraceEndpoint = "trace-endpoint",
    /// A kernel setting that each pod can have for itself, or a prefix of such settings that ends in `*`.
    UnsafeSysctl = "unsafe-sysctl",
}

/// What a field demands of another one.
#[derive(Clone, Debug)]
pub struct Relation {
    /// The field that demands.
    pub this: Place,
    /// What it demands.
    pub verb: Verb,
    /// The other field, or several if one of them is enough.
    pub others: Vec<Place>,
    /// What to write.
    pub help: String,
    /// When it holds.
    pub when: When,
}

/// What a field demands of another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// The other one must be there.
    Needs,
    /// The other one must not be there.
    Excludes,
    /// It must be less than the other one.
    Below,
    /// It must not be more than the other one.
    AtMost,
    /// A word must be the only one of its list.
    Alone,
    /// No item of a list may be there twice.
    Unique,
}

impl Verb {
    fn named(word: &str) -> Option<Self> {
        Some(match word {
            "needs" => Self::Needs,
            "excludes" => Self::Excludes,
            "below" => Self::Below,
            "at-most" => Self::AtMost,
            "alone" => Self::Alone,
            "unique" => Self::Unique,
            _ => return None,
        })
    }

    fn is_about_one(self) -> bool {
        matches!(self, Self::Alone | Self::Unique)
    }
}

/// The gate that a field needs.
#[derive(Clone, Debug)]
pub struct NeedsGate {
    /// The field, or an argument with its dashes.
    pub path: String,
    /// The value that needs no gate.
    pub unless: Option<String>,
    /// The gate.
    pub gate: String,
    /// When it holds.
    pub when: When,
}

impl Fact for Limits {
    const KIND: &'static str = "limits";
    fn read(_: String, entity: Arc<Entity>, schema: &Schema) -> Option<Self> {
        let view = whole(&entity, schema)?;
        let lines = |setting: &str| values(view.texts(setting)).into_iter();
        Some(Self {
            kind: view.text("kind")?.value,
            program: view.text("program")?.value,
            values: lines("values")
                .map(|line| demand(&line))
                .collect::<Option<_>>()?,
            relations: lines("relations")
                .map(|line| relation(&line))
                .collect::<Option<_>>()?,
            gates: lines("gates")
                .map(|line| needs_gate(&line))
                .collect::<Option<_>>()?,
            defaults: lines("defaults")
                .map(|line| default(&line))
                .collect::<Option<_>>()?,
        })
    }
}

/// `oomScoreAdj: -1000..1000 from 1.25`
fn demand(line: &str) -> Option<Demand> {
    let (path, rest) = line.split_once(": ")?;
    let (rest, when) = when(rest)?;
    let mut words = rest.split(' ');
    let mut word = words.next()?;
    let keys = word == "keys";
    if keys {
        word = words.next()?;
    }
    let step = match (words.next(), words.next()) {
        (None, _) => None,
        (Some("step"), Some(step)) => Some(step.parse().ok()?),
        _ => return None,
    };
    Some(Demand {
        path: path.to_owned(),
        keys,
        accepts: word.split('|').map(accepts).collect::<Option<_>>()?,
        step,
        when,
    })
}

fn accepts(word: &str) -> Option<Accepts> {
    if let Some((low, high)) = word.split_once("..") {
        let (above, low) = match low.strip_prefix('>') {
            Some(low) => (true, low),
            None => (false, low),
        };
        let end = |text: &str| match text {
            "" => Some(None),
            text => Some(Some(end(text)?)),
        };
        return Some(Accepts::Range {
            low: end(low)?,
            above,
            high: end(high)?,
        });
    }
    // A single number or length of time, however it is written: `0s`.
    if let Some(only) = end(word) {
        return Some(Accepts::Range {
            low: Some(only),
            above: false,
            high: Some(only),
        });
    }
    let form = Form::ALL.iter().find(|form| form.word() == word);
    Some(match form {
        Some(form) => Accepts::Form(*form),
        None => Accepts::Word(word.to_owned()),
    })
}

fn end(text: &str) -> Option<End> {
    match text.parse() {
        Ok(number) => Some(End::Number(number)),
        Err(_) => go_duration(text).map(End::Time),
    }
}

/// `systemCgroups needs cgroupRoot -- write it`
fn relation(line: &str) -> Option<Relation> {
    let (line, help) = line.split_once(" -- ")?;
    let (rest, when) = when(line)?;
    let mut words = rest.split(' ');
    let (this, verb) = (place(words.next()?), Verb::named(words.next()?)?);
    let others: Vec<Place> = words
        .next()
        .map_or_else(Vec::new, |others| others.split('|').map(place).collect());
    (others.is_empty() == verb.is_about_one() && words.next().is_none()).then(|| Relation {
        this,
        verb,
        others,
        help: help.to_owned(),
        when,
    })
}

/// `topologyManagerPolicy unless none: TopologyManager gone 1.27`
fn needs_gate(line: &str) -> Option<NeedsGate> {
    let (field, rest) = line.split_once(": ")?;
    let (gate, when) = when(rest)?;
    let (path, unless) = match field.split_once(" unless ") {
        Some((path, value)) => (path, Some(value.to_owned())),
        None => (field, None),
    };
    Some(NeedsGate {
        path: path.to_owned(),
        unless,
        gate: gate.to_owned(),
        when,
    })
}

/// `imageGCHighThresholdPercent = 85`
fn default(line: &str) -> Option<(Place, When)> {
    let (path, rest) = line.split_once(" = ")?;
    let (value, when) = when(rest)?;
    let place = Place {
        path: path.to_owned(),
        value: Some(value.to_owned()),
    };
    Some((place, when))
}

/// `cpuManagerPolicy=static`
fn place(word: &str) -> Place {
    match word.split_once('=') {
        Some((path, value)) => Place {
            path: path.to_owned(),
            value: Some(value.to_owned()),
        },
        None => Place {
            path: word.to_owned(),
            value: None,
        },
    }
}

/// What stands before `when mode=ipvs from 1.31 gone 1.36`, and what that means.
fn when(text: &str) -> Option<(&str, When)> {
    let mut found = When::default();
    let mut rest = text;
    for (word, is_release) in [(" gone ", true), (" from ", true), (" when ", false)] {
        let Some((before, after)) = rest.rsplit_once(word) else {
            continue;
        };
        if !is_release {
            found.field = Some(place(after));
        } else {
            let release = match value::parse(Type::Version, after) {
                Ok(Val::Version(version)) => Some(version),
                _ => return None,
            };
            match word {
                " gone " => found.gone = release,
                _ => found.from = release,
            }
        }
        rest = before;
    }
    Some((rest, found))
}
