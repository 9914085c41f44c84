//! Everything that one kubelet, or kube-proxy, is told: fields and arguments, of the cluster and of a machine, in one view.
//!
//! An argument wins over a field, and a machine's own over the cluster's. A file for kubeadm and a spec look alike here, so that
//! one rule serves both.

use super::NodeSettings;
use super::carried::{Carried, Data, Target};
use super::facts::Facts;
use super::said::{Said, shown};
use super::types::{GateList, Kubelet, Model, Pairs};
use crate::origin::{Origin, Sourced};
use crate::stdlib::{Field, Limits, Place, Stage, When};
use crate::value::Version;

/// The kinds of document.
const KUBELET: &str = "KubeletConfiguration";
const PROXY: &str = "KubeProxyConfiguration";

/// Whether a feature gate is open.
#[derive(Clone, Debug)]
pub enum Open {
    /// It is, or nothing is known that speaks against it.
    Yes,
    /// It is not, because this closes it.
    Closed(Origin),
    /// It is not unless it is opened.
    ByDefault,
}

/// Everything that a program is told.
#[derive(Clone, Debug)]
pub struct Told<'a> {
    /// What the program demands, if its table was read.
    pub limits: Option<&'a Limits>,
    /// The release.
    pub release: Option<Version>,
    /// Whether everything is known, so that what is left out has its default.
    pub whole: bool,
    /// Whether a spec says it, and not files for kubeadm.
    pub is_spec: bool,
    /// Whether the kubelet can keep its own thresholds next to others; of an unknown release that is assumed.
    pub merges_evictions: bool,
    facts: &'a Facts,
    /// The arguments as they are written.
    given: Vec<&'a (Sourced<String>, Sourced<String>)>,
    said: Vec<Said>,
    /// Gates that are opened or closed; the first one of a name wins.
    gates: Vec<(String, Sourced<bool>)>,
}

impl<'a> Told<'a> {
    /// What a machine's kubelet is told; without a machine, what those of the cluster are told.
    pub fn kubelet(model: &'a Model, settings: Option<&'a NodeSettings>) -> Self {
        let cluster = &model.cluster.kubelet;
        let kubelets: Vec<&Kubelet> = settings
            .map(|settings| &settings.kubelet)
            .into_iter()
            .chain([cluster])
            .collect();
        let mut told = Self::bare(model, KUBELET);
        for kubelet in &kubelets {
            told.arguments(&kubelet.extra_args);
        }
        for kubelet in &kubelets {
            told.fields(&kubelet.carried, KUBELET);
            let gates = kubelet.gates.iter();
            told.gates
                .extend(gates.map(|(name, open)| (name.value.clone(), open.clone())));
        }
        // Of a file for a join alone, the cluster's settings are elsewhere.
        told.whole =
            model.is_spec() || model.facts.release.is_some() || !cluster.carried.is_empty();
        told
    }

    /// What kube-proxy is told.
    pub fn proxy(model: &'a Model) -> Self {
        let cluster = &model.cluster;
        let mut told = Self::bare(model, PROXY);
        told.fields(&cluster.carried, PROXY);
        if let Some(mode) = &cluster.proxy_mode {
            told.push(Said {
                path: "mode".to_owned(),
                value: mode.clone().map(Data::Text),
                key: mode.origin.span(),
                name: "`mode`".to_owned(),
                argument: false,
            });
        }
        let gates: Vec<(String, Sourced<bool>)> = told
            .within("featureGates")
            .filter_map(|said| match said.value.value {
                Data::Boolean(open) => {
                    let open = Sourced::new(open, said.value.origin.clone());
                    Some((said.map_key()?.to_owned(), open))
                }
                _ => None,
            })
            .collect();
        told.gates = gates;
        told.whole = true;
        told
    }

    /// The feature gates that a document of kube-proxy's names.
    pub fn own_gates(&self) -> GateList {
        let gate = |said: &Said| {
            let name = said.map_key()?.to_owned();
            let (_, open) = self.gates.iter().find(|(own, _)| *own == name)?;
            let place = said
                .key
                .map_or_else(|| open.origin.clone(), Origin::Written);
            Some((Sourced::new(name, place), open.clone()))
        };
        self.within("featureGates").filter_map(gate).collect()
    }

    /// What one block or document alone says, whatever wins over it.
    pub fn alone(model: &'a Model, kubelet: &'a Kubelet) -> Self {
        let mut told = Self::bare(model, KUBELET);
        told.arguments(&kubelet.extra_args);
        let arguments = std::mem::take(&mut told.said);
        told.fields(&kubelet.carried, KUBELET);
        told.said.splice(0..0, arguments);
        told
    }

    fn bare(model: &'a Model, kind: &str) -> Self {
        let facts = &model.facts;
        Self {
            limits: facts
                .limits
                .iter()
                .map(AsRef::as_ref)
                .find(|limits| limits.kind == kind),
            release: facts.release.as_ref().map(|release| release.version),
            whole: false,
            is_spec: model.is_spec(),
            merges_evictions: facts
                .release
                .as_ref()
                .is_none_or(|release| release.merges_evictions),
            facts,
            given: Vec::new(),
            said: Vec::new(),
            gates: Vec::new(),
        }
    }

    fn push(&mut self, said: Said) {
        let map = |path: &str| path.split_once('{').map(|(map, _)| map.to_owned());
        let own = map(&said.path);
        let hidden = self.said.iter().any(|other| {
            other.path == said.path
                // An argument replaces a map as a whole.
                || (other.argument && !said.argument && own.is_some() && map(&other.path) == own)
        });
        if !hidden {
            self.said.push(said);
        }
    }

    fn fields(&mut self, carried: &[Carried], document: &str) {
        for one in carried {
            if let Target::Field { kind, path } = &one.target
                && kind == document
            {
                let held = |value| self.facts.as_held(kind, path, value);
                self.push(Said {
                    path: path.clone(),
                    value: one.value.clone().map(held),
                    key: Some(one.key),
                    name: shown(one),
                    argument: false,
                });
            }
        }
    }

    fn arguments(&mut self, arguments: &'a Pairs) {
        self.given.extend(arguments);
        let flags = self.facts.flags.get("kubelet");
        // A machine's argument takes the place of the cluster's, with all that is in it.
        let before: Vec<String> = self.said.iter().map(|said| said.name.clone()).collect();
        for (name, value) in arguments {
            if name.value == "feature-gates" {
                self.gate_argument(value);
                continue;
            }
            let sentence = format!("`{}`", name.value);
            if before.contains(&sentence) {
                continue;
            }
            let flag = flags.and_then(|flags| flags.find(&name.value));
            let (path, parts) = match flag.and_then(|flag| flag.field()) {
                Some(field) => (field.to_owned(), self.parts(field, &value.value)),
                None => (
                    format!("--{}", name.value),
                    vec![(String::new(), Data::Text(value.value.clone()))],
                ),
            };
            for (key, data) in parts {
                self.push(Said {
                    path: format!("{path}{key}"),
                    value: Sourced::new(data, value.origin.clone()),
                    key: name.origin.span(),
                    name: sentence.clone(),
                    argument: true,
                });
            }
        }
    }

    /// An argument's value as the field holds it: the keys of a map with their values, the items of a list.
    fn parts(&self, field: &str, text: &str) -> Vec<(String, Data)> {
        let words = || {
            text.split(',')
                .map(str::trim)
                .filter(|word| !word.is_empty())
        };
        match self.facts.field(KUBELET, field).map(|known| &known.field) {
            Some(Field::Map(_)) => words()
                .map(|word| match word.split_once(['=', '<']) {
                    Some((key, value)) => {
                        let (key, value) = (key.trim(), value.trim());
                        (format!("{{{key}}}"), Data::Text(value.to_owned()))
                    }
                    None => (format!("{{{word}}}"), Data::Text(String::new())),
                })
                .collect(),
            Some(Field::List(inner)) if !matches!(**inner, Field::Struct(_)) => {
                let item = |word: &str| {
                    let text = Data::Text(word.to_owned());
                    Sourced::new(text, Origin::derived("one of several", []))
                };
                vec![(String::new(), Data::List(words().map(item).collect()))]
            }
            _ => vec![(String::new(), Data::Text(text.to_owned()))],
        }
    }

    fn gate_argument(&mut self, value: &Sourced<String>) {
        for pair in value.value.split(',') {
            if let Some((name, open)) = pair.split_once('=') {
                let open = matches!(open.trim(), "true" | "True" | "TRUE" | "T" | "t" | "1");
                let open = Sourced::new(open, value.origin.clone());
                self.gates.push((name.trim().to_owned(), open));
            }
        }
    }

    /// All that it is told.
    pub fn all(&self) -> impl Iterator<Item = &Said> {
        self.said.iter()
    }

    /// The whole text of the argument that says something.
    pub fn argument(&self, said: &Said) -> Option<&'a str> {
        let found = self
            .given
            .iter()
            .find(|(name, _)| name.origin.span() == said.key)?;
        said.argument.then_some(found.1.value.as_str())
    }

    /// A field.
    pub fn get(&self, path: &str) -> Option<&Said> {
        self.said.iter().find(|said| said.path == path)
    }

    /// What is said about one entry of a map: `evictionHard{memory.available}`.
    pub fn entry(&self, map: &str, key: &str) -> Option<&Said> {
        self.said.iter().find(|said| {
            let inside = said.path.strip_prefix(map);
            let inside = inside.and_then(|rest| rest.strip_prefix('{')?.strip_suffix('}'));
            inside == Some(key)
        })
    }

    /// A field, or what is in it.
    pub fn within<'s>(&'s self, path: &str) -> impl Iterator<Item = &'s Said> + use<'s, 'a> {
        let path = path.to_owned();
        self.said.iter().filter(move |said| said.is_at(&path))
    }

    /// What the table of documents says of a field.
    pub fn field(&self, said: &Said) -> Option<&'a Field> {
        let known = self.facts.field(&self.limits?.kind, &said.path)?;
        Some(&known.field)
    }

    /// What a field that is left out is compared as.
    pub fn default(&self, path: &str) -> Option<&'a str> {
        let defaults = &self.limits?.defaults;
        let (found, _) = defaults
            .iter()
            .find(|(place, when)| place.path == path && when.is_in(self.release))?;
        found.value.as_deref()
    }

    /// Whether a line of the table holds here.
    pub fn holds(&self, when: &When) -> bool {
        let field = |place: &Place| {
            let said = self.get(&place.path).map(Said::text);
            let value = said.as_deref().or_else(|| self.default(&place.path));
            value == place.value.as_deref()
        };
        when.is_in(self.release) && when.field.as_ref().is_none_or(field)
    }

    /// Whether a feature gate is open, as far as the library knows.
    pub fn gate(&self, name: &str) -> Open {
        let (Some(release), Some(gates)) = (self.release, &self.facts.kubelet_gates) else {
            return Open::Yes;
        };
        let stage = gates.find(name).and_then(|gate| gate.at(release));
        let given = |name: &str| {
            let found = self.gates.iter().find(|(own, _)| own == name);
            found.map(|(_, open)| open)
        };
        match (stage, given(name)) {
            // A gate that has gone is one that no longer closes anything; a locked one has been reported.
            (None | Some((_, Stage::Gone | Stage::LockedOn)), _) => Open::Yes,
            (_, Some(open)) if open.value => Open::Yes,
            (_, Some(closed)) => Open::Closed(closed.origin.clone()),
            (Some((_, Stage::On)), None) => Open::Yes,
            // Whether it is an alpha or a beta gate is not known.
            (Some((_, Stage::Off)), None)
                if ["AllAlpha", "AllBeta"]
                    .into_iter()
                    .any(|all| given(all).is_some_and(|open| open.value)) =>
            {
                Open::Yes
            }
            (Some((_, Stage::Off | Stage::LockedOff)), None) => Open::ByDefault,
        }
    }
}

impl Model {
    /// Whether it comes from a spec, and not from files for kubeadm.
    pub fn is_spec(&self) -> bool {
        !self.entities.is_empty()
    }
}
