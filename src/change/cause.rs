//! Which settings changed, and what that means.

use std::collections::{BTreeMap, BTreeSet};

use super::SettingChange;
use super::rules::{Applied, Rules, UNKNOWN};
use super::trees::Trees;
use crate::Analysis;
use crate::model::{BLOCK, INSIDE, Stated, stated, stated_text};
use crate::output::{self, Settings, expanded};

/// A setting that changed, with the name of its consequence.
pub(super) struct Cause {
    pub applies: String,
    pub change: SettingChange,
}

/// What differs from what the earlier spec had set. Of machines only those that were and are there.
pub(super) fn changed(
    analysis: &Analysis,
    old: &Settings,
    trees: &Trees<'_>,
    rules: &mut Rules,
) -> Vec<Cause> {
    let Some(model) = &analysis.model else {
        return Vec::new();
    };
    let stated = stated(model, rules.schema());
    let new = output::settings(analysis);
    let mut comparison = Comparison {
        analysis,
        rules,
        stated: by_key(&stated),
        out: Vec::new(),
    };
    comparison.cluster(&old.cluster, &new.cluster);
    comparison.machines(old, &new, trees);
    comparison.out
}

/// What is set now, by key.
fn by_key(stated: &[Stated]) -> BTreeMap<&str, Vec<&Stated>> {
    let mut found: BTreeMap<&str, Vec<&Stated>> = BTreeMap::new();
    for one in stated {
        found.entry(one.key.as_str()).or_default().push(one);
    }
    found
}

struct Comparison<'a> {
    analysis: &'a Analysis,
    rules: &'a mut Rules,
    stated: BTreeMap<&'a str, Vec<&'a Stated>>,
    out: Vec<Cause>,
}

/// A setting with its values before and after.
type Row = (String, Option<String>, Option<String>);

/// What one side has.
type Held = BTreeMap<String, String>;

impl Comparison<'_> {
    fn cluster(&mut self, old: &Held, new: &Held) {
        for (key, was, now) in rows(old, new) {
            if let Some((applied, was, now)) = self.judged(&key, was, now, (old, new), false) {
                self.put(applied.usual, key, was, now, None);
            }
        }
    }

    fn machines(&mut self, old: &Settings, new: &Settings, trees: &Trees<'_>) {
        // What is the same for all machines need not be looked at for each.
        let keys: BTreeSet<&String> = old.nodes.keys().chain(new.nodes.keys()).collect();
        let mut differ = keys
            .into_iter()
            .filter(|key| old.nodes.get(*key) != new.nodes.get(*key))
            .peekable();
        if differ.peek().is_none() {
            return;
        }
        let (before, after) = (by_machine(old), by_machine(new));
        let control_planes = control_planes(new);
        // Rows of settings, and which machines have each.
        let mut found: BTreeMap<Row, (Applied, Vec<String>)> = BTreeMap::new();
        let nothing = Held::new();
        for (name, now) in after.iter().filter(|(name, _)| trees.stays(name)) {
            let was = before.get(name).unwrap_or(&nothing);
            if was == now {
                continue;
            }
            for (key, one, other) in rows(was, now) {
                let row = self.judged(&key, one, other, (was, now), true);
                if let Some((applied, one, other)) = row {
                    let place = found.entry((key, one, other));
                    let (_, machines) = place.or_insert((applied, Vec::new()));
                    machines.push(name.clone());
                }
            }
        }
        for ((key, was, now), (applied, names)) in found {
            let special = applied.on_control_plane;
            let (masters, workers): (Vec<String>, Vec<String>) = names
                .into_iter()
                .partition(|name| special.is_some() && control_planes.contains(name));
            let sides = [(special, masters), (Some(applied.usual), workers)];
            for (applies, mut names) in sides {
                if let (Some(applies), false) = (applies, names.is_empty()) {
                    names.sort_by(|one, other| super::trees::by_number(one, other));
                    self.put(applies, key.clone(), was.clone(), now.clone(), Some(names));
                }
            }
        }
    }

    /// The consequence, and both values with defaults filled in; nothing if they are then the same.
    fn judged(
        &mut self,
        key: &str,
        mut was: Option<String>,
        mut now: Option<String>,
        (old, new): (&Held, &Held),
        of_nodes: bool,
    ) -> Option<(Applied, Option<String>, Option<String>)> {
        let block = key
            .rsplit_once(INSIDE)
            .map(|(path, _)| format!("{path}{BLOCK}"));
        let label = block
            .as_ref()
            .and_then(|block| new.get(block).or(old.get(block)));
        let label = label.cloned().unwrap_or_default();
        let found = self.rules.of_setting(key, of_nodes, &label);
        let (applied, setting) = found.unwrap_or_else(|| {
            let unknown = Applied {
                usual: UNKNOWN.to_owned(),
                on_control_plane: None,
            };
            (unknown, None)
        });
        if let Some(default) = setting.and_then(|setting| setting.default) {
            let default = stated_text(&default);
            let present = |side: &Held| block.as_ref().is_none_or(|block| side.contains_key(block));
            if was.is_none() && present(old) {
                was = Some(default.clone());
            }
            if now.is_none() && present(new) {
                now = Some(default);
            }
        }
        (was != now).then_some((applied, was, now))
    }

    fn put(
        &mut self,
        applies: String,
        setting: String,
        was: Option<String>,
        now: Option<String>,
        nodes: Option<Vec<String>>,
    ) {
        // Several blocks can set it: the place is that of the first machine.
        let first = nodes.as_ref().and_then(|nodes| nodes.first());
        let mut places = self.stated.get(setting.as_str()).into_iter().flatten();
        let place = places.find(|one| match (&one.nodes, first) {
            (Some(names), Some(first)) => names.contains(first),
            (names, first) => names.is_none() && first.is_none(),
        });
        let place = place.map(|one| {
            let file = self.analysis.sources.file(one.place.file);
            (
                file.name.clone(),
                file.position(one.place.start as usize).line,
            )
        });
        self.out.push(Cause {
            applies,
            change: SettingChange {
                setting,
                was,
                now,
                nodes,
                place,
            },
        });
    }
}

/// The keys whose values differ. What is in a block that has another label now is not compared, nor is a block that comes or goes
/// with settings in it.
fn rows(old: &Held, new: &Held) -> Vec<Row> {
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let differ: Vec<&String> = keys
        .into_iter()
        .filter(|key| old.get(*key) != new.get(*key))
        .collect();
    let renamed: Vec<String> = differ
        .iter()
        .filter(|key| old.contains_key(**key) && new.contains_key(**key))
        .filter_map(|key| Some(format!("{}{INSIDE}", key.strip_suffix(BLOCK)?)))
        .collect();
    let inside = |key: &str| renamed.iter().any(|block| key.starts_with(block.as_str()));
    let is_rest = |key: &str| {
        let Some(path) = key.strip_suffix(BLOCK) else {
            return false;
        };
        let one_sided = old.contains_key(key) != new.contains_key(key);
        let within = format!("{path}{INSIDE}");
        one_sided
            && differ
                .iter()
                .any(|other| other.starts_with(&within) && !other.ends_with(BLOCK))
    };
    differ
        .iter()
        .filter(|key| !inside(key) && !is_rest(key))
        .map(|key| {
            (
                (*key).clone(),
                old.get(*key).cloned(),
                new.get(*key).cloned(),
            )
        })
        .collect()
}

/// What each machine has.
fn by_machine(settings: &Settings) -> BTreeMap<String, Held> {
    let mut out: BTreeMap<String, Held> = BTreeMap::new();
    for (key, values) in &settings.nodes {
        for (value, names) in values {
            for name in expanded(names) {
                let held = out.entry(name).or_default();
                held.insert(key.clone(), value.clone());
            }
        }
    }
    out
}

fn control_planes(settings: &Settings) -> BTreeSet<String> {
    let roles = settings.nodes.get("role");
    let names = roles.and_then(|values| values.get("control-plane"));
    names
        .map(|names| expanded(names))
        .unwrap_or_default()
        .into_iter()
        .collect()
}
