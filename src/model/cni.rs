//! The choice of a CNI: as the spec sets it, or with another one.

use std::collections::BTreeMap;
use std::sync::Arc;

use ipnet::IpNet;

use super::types::{CniChoice, Model};
use crate::diagnostic::Diagnostics;
use crate::origin::{Origin, Sourced};
use crate::schema::{Atom, Content, SettingSchema};
use crate::source::Sources;
use crate::stdlib::{Backend, Library};
use crate::value::{self, Type, Val};

/// A choice with these options, and without anything else that a spec can set.
pub(super) fn choice(
    name: Sourced<String>,
    declared: &BTreeMap<String, SettingSchema>,
    options: &BTreeMap<String, Sourced<Val>>,
) -> CniChoice {
    CniChoice {
        name,
        needs: Vec::new(),
        upstream: None,
        copies: BTreeMap::new(),
        manifest: None,
        brought: None,
        brought_network: None,
        applies_to: declared
            .iter()
            .filter(|(_, schema)| !schema.applies_to.is_empty())
            .map(|(option, schema)| (option.clone(), schema.applies_to.clone()))
            .collect(),
        requires: declared
            .iter()
            .filter_map(|(option, schema)| Some((option.clone(), schema.requires.clone()?)))
            .collect(),
        options: declared
            .keys()
            .map(|name| (name.clone(), options.get(name).cloned()))
            .collect(),
        written: Vec::new(),
        fixed: declared
            .iter()
            .filter(|(_, schema)| schema.fixed)
            .map(|(option, _)| option.clone())
            .collect(),
    }
}

impl Model {
    /// The names of the links that a backend creates in this cluster, as the library writes them.
    pub fn devices_of<'a>(
        &self,
        backend: &'a Backend,
    ) -> impl Iterator<Item = &'a Sourced<String>> {
        let pods = self.cluster.network.all_pods();
        let six = pods.iter().any(|pods| matches!(pods.value, IpNet::V6(_)));
        let of_six = if six {
            backend.devices_ipv6.as_slice()
        } else {
            &[]
        };
        backend.devices.iter().chain(of_six)
    }

    /// The same cluster with another CNI: these options as given, all others as the library's defaults.
    /// None if the library does not know the CNI, or the CNI does not have one of the options.
    pub fn with_cni(
        &self,
        name: &str,
        settings: &BTreeMap<String, String>,
        because: &Origin,
        library: &mut Library,
        sources: &mut Sources,
    ) -> Option<Self> {
        let mut problems = Diagnostics::default();
        let facts = library.cni(name, sources, &mut problems)?;
        let declared = library.options("cni", name, sources, &mut problems);
        let mut options: BTreeMap<String, Sourced<Val>> = BTreeMap::new();
        for (option, schema) in declared.iter() {
            let Some(given) = &schema.default else {
                continue;
            };
            if let Content::One(Atom::Val(value)) = &given.content {
                options.insert(
                    option.clone(),
                    Sourced::new(value.clone(), given.origin.clone()),
                );
            }
        }
        for (option, text) in settings {
            let value = match declared.get(option)?.ty {
                Type::Choice => Val::Text(text.clone()),
                ty => value::parse(ty, text).ok()?,
            };
            options.insert(option.clone(), Sourced::new(value, because.clone()));
        }
        let name = Sourced::new(name.to_owned(), because.clone());
        let mut choice = choice(name, &declared, &options);
        choice.needs = self
            .cluster
            .cni
            .as_ref()
            .map(|own| own.needs.clone())
            .unwrap_or_default();
        let mut other = self.clone();
        let facts = facts.for_options(|option| choice.option_text(option));
        other.cluster.cni = Some(choice);
        other.facts.cni = Some(Arc::new(facts));
        Some(other)
    }

    /// The same cluster without a CNI.
    pub fn without_cni(&self) -> Self {
        let mut other = self.clone();
        other.cluster.cni = None;
        other.facts.cni = None;
        other
    }
}
