//! Inventories of Ansible, as kubespray reads them: hosts, groups and variables, from YAML, INI files and `group_vars`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::document::{Doc, Lines};
use super::report::{Place, Report};
use crate::model::existing::yaml::Yaml;

/// A variable: its name with the steps into it, and its text.
#[derive(Clone, Debug)]
pub(super) struct Var {
    /// `kube_version`, `loadbalancer_apiserver.address`
    pub name: String,
    /// Its text; none for an empty one.
    pub text: Option<String>,
    /// Where it is.
    pub place: Place,
}

/// A host.
#[derive(Clone, Debug)]
pub(super) struct Host {
    /// Its name.
    pub name: String,
    /// Where it is first named.
    pub place: Place,
    /// Its own variables.
    pub vars: Vec<Var>,
}

/// An inventory.
#[derive(Clone, Debug, Default)]
pub(super) struct Inventory {
    /// The hosts, in order.
    pub hosts: Vec<Host>,
    /// The hosts and groups in each group.
    members: BTreeMap<String, BTreeSet<String>>,
    /// Where each host is in the list.
    places: BTreeMap<String, usize>,
    /// The variables of groups.
    pub vars: Vec<Var>,
}

/// How deep groups are nested at most.
const DEEPEST: usize = 8;

impl Inventory {
    /// Whether nothing was read.
    pub(super) fn is_empty(&self) -> bool {
        self.hosts.is_empty() && self.vars.is_empty()
    }

    /// Whether a document is an inventory or a file of variables.
    pub(super) fn takes(&self, name: &str, root: &Yaml) -> bool {
        let whole = root.get("apiVersion").is_none() && !root.pairs().is_empty();
        let groups = ["hosts", "children", "vars"];
        let all = root
            .get("all")
            .is_some_and(|all| groups.iter().any(|key| all.get(key).is_some()));
        whole && (all || is_vars(name))
    }

    /// Reads such a document.
    pub(super) fn yaml(&mut self, file: &Arc<str>, root: &Yaml, lines: &Lines) {
        let doc = Doc::new(file, root, lines);
        let own_vars = root.get("all").is_none();
        let of_host = host_of(file).map(str::to_owned);
        for leaf in &doc.leaves {
            leaf.take();
            let steps: Vec<&str> = leaf.steps.iter().map(String::as_str).collect();
            let var = |name: &[String]| Var {
                name: super::document::shown(name),
                text: leaf.text().map(str::to_owned),
                place: doc.place(leaf),
            };
            if own_vars && let Some(host) = &of_host {
                let own = var(&leaf.steps);
                self.host(host, doc.place(leaf)).vars.push(own);
                continue;
            }
            if own_vars {
                self.vars.push(var(&leaf.steps));
                continue;
            }
            let mut group = "all";
            let mut rest = &steps[1..];
            loop {
                match rest {
                    ["children", child, more @ ..] => {
                        self.join(group, child);
                        group = child;
                        rest = more;
                    }
                    ["hosts", host, more @ ..] => {
                        self.join(group, host);
                        let at = steps.len() - more.len();
                        let own = (!more.is_empty()).then(|| var(&leaf.steps[at..]));
                        self.host(host, doc.place(leaf)).vars.extend(own);
                        break;
                    }
                    ["vars", more @ ..] => {
                        let at = steps.len() - more.len();
                        self.vars.push(var(&leaf.steps[at..]));
                        break;
                    }
                    _ => break,
                }
            }
        }
    }

    /// Reads an INI file; whether there was anything in it.
    pub(super) fn ini(&mut self, file: &Arc<str>, text: &str, report: &mut Report) -> bool {
        let mut section = "all".to_owned();
        let before = self.hosts.len() + self.vars.len();
        for (number, raw) in text.lines().enumerate() {
            let line = raw.trim();
            let place = |field: &str| Place::new(file, number + 1, field);
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            if let Some(name) = line
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'))
            {
                section = name.trim().to_owned();
                continue;
            }
            let (group, what) = section.split_once(':').unwrap_or((&section, ""));
            match what {
                "children" => {
                    let (group, child) = (group.to_owned(), line.to_owned());
                    self.join(&group, &child);
                }
                "vars" => match line.split_once('=') {
                    Some((name, value)) => {
                        let name = name.trim().to_owned();
                        let place = place(&name);
                        let text = Some(unquoted(value.trim()).to_owned());
                        self.vars.push(Var { name, text, place });
                    }
                    None => report.lost(place("(a line)"), "it is not a variable: `=` is missing"),
                },
                "" => {
                    let group = group.to_owned();
                    let line = line.split(" #").next().unwrap_or(line);
                    let mut words = line.split_whitespace();
                    let name = words.next().unwrap_or_default();
                    self.join(&group, name);
                    let (pairs, odd): (Vec<&str>, Vec<&str>) =
                        words.partition(|word| word.contains('='));
                    if !odd.is_empty() {
                        report.lost(place("(a word)"), "it is not a variable: `=` is missing");
                    }
                    let vars: Vec<Var> = pairs
                        .into_iter()
                        .filter_map(|word| word.split_once('='))
                        .map(|(name, value)| Var {
                            name: name.to_owned(),
                            text: Some(unquoted(value).to_owned()),
                            place: place(name),
                        })
                        .collect();
                    self.host(name, place(name)).vars.extend(vars);
                }
                _ => report.lost(
                    place("(a line)"),
                    "it is in a section of a kind that is not known",
                ),
            }
        }
        self.hosts.len() + self.vars.len() > before
    }

    fn join(&mut self, group: &str, member: &str) {
        let members = self.members.entry(group.to_owned()).or_default();
        members.insert(member.to_owned());
    }

    fn host(&mut self, name: &str, place: Place) -> &mut Host {
        let next = self.hosts.len();
        let at = *self.places.entry(name.to_owned()).or_insert(next);
        if at == next {
            self.hosts.push(Host {
                name: name.to_owned(),
                place,
                vars: Vec::new(),
            });
        }
        &mut self.hosts[at]
    }

    /// Whether a host is in one of these groups, itself or through groups in them.
    pub(super) fn is_in(&self, host: &str, groups: &[&str]) -> bool {
        groups.iter().any(|group| self.within(host, group, DEEPEST))
    }

    fn within(&self, host: &str, group: &str, depth: usize) -> bool {
        let Some(members) = self.members.get(group) else {
            return false;
        };
        // Only groups have members; a host is one of thousands in its group.
        let groups = self.members.keys().filter(|name| members.contains(*name));
        members.contains(host)
            || (depth > 0
                && groups
                    .filter(|name| *name != group)
                    .any(|name| self.within(host, name, depth - 1)))
    }
}

/// Whether a file holds variables of groups or hosts.
fn is_vars(name: &str) -> bool {
    let mut folders = name.split('/').rev().skip(1);
    folders.any(|folder| folder == "group_vars" || folder == "host_vars")
}

/// The host whose variables a file holds: `host_vars/node1.yml`.
fn host_of(name: &str) -> Option<&str> {
    let (folder, file) = name.rsplit_once('/')?;
    let own = folder.rsplit('/').next() == Some("host_vars");
    own.then(|| file.split('.').next().unwrap_or(file))
}

fn unquoted(text: &str) -> &str {
    let inner = |sign: char| {
        text.strip_prefix(sign)
            .and_then(|rest| rest.strip_suffix(sign))
    };
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}
