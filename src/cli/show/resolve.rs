//! The resolved blocks as rows to print: settings with their values and origins.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::Analysis;
use crate::cli::shared::words::{self, Places};
use crate::diagnostic::Diagnostics;
use crate::model::{Exemption, Model};
use crate::origin::Origin;
use crate::plan::order;
use crate::schema::{BlockSchema, Entity, Given, LabelRule, Schema, SettingSchema};
use crate::source::Sources;
use crate::stdlib::Library;

/// A block.
pub(super) struct Section {
    pub kind: String,
    pub name: String,
    /// For a node block: the machines that it describes.
    pub names: Vec<String>,
    pub settings: Vec<Setting>,
    pub sections: Vec<Section>,
}

/// A setting.
pub(super) struct Setting {
    pub name: String,
    pub text: String,
    pub values: Vec<String>,
    pub data: Value,
    pub origin: String,
    pub origin_data: Value,
}

/// How many machines a heading names at most.
const NAMED: usize = 8;

impl Section {
    /// The heading of the block's settings.
    pub(super) fn title(&self) -> String {
        let head = match self.name.as_str() {
            "" => self.kind.clone(),
            name => format!("{} {name}", self.kind),
        };
        match self.names.as_slice() {
            [] => head,
            [only] => format!("node {only}"),
            names if names.len() <= NAMED => format!("nodes {}", names.join(", ")),
            names => format!(
                "nodes {} and {} more",
                names[..NAMED].join(", "),
                names.len() - NAMED
            ),
        }
    }
}

/// A block whose defaults do not apply unless the spec has it: the machine keeps its own settings.
const NO_DEFAULTS: &str = "locale";

/// The cluster, then each node block.
pub(super) fn resolve(analysis: &mut Analysis) -> Vec<Section> {
    let Analysis {
        sources,
        library,
        model,
        ..
    } = analysis;
    let Some(model) = model else {
        return Vec::new();
    };
    let mut resolver = Resolver {
        spec: library.spec_schema(),
        places: Places::new(sources),
        library,
        sources,
    };
    let mut sections = Vec::new();
    for (entity, names) in &model.entities {
        let Some(schema) = resolver.spec.blocks.get(&entity.kind).cloned() else {
            continue;
        };
        let mut section = resolver.block(&schema, Some(entity));
        section.names.clone_from(names);
        sections.push(section);
    }
    if let (Some(cluster), Some(exact)) = (sections.first_mut(), &model.cluster.exact) {
        let written = cluster.settings.iter().position(|s| s.name == "kubernetes");
        let row = Setting {
            name: "(exact version)".to_owned(),
            text: exact.value.to_string(),
            values: vec![exact.value.to_string()],
            data: json!(exact.value.to_string()),
            origin: resolver.places.words(resolver.sources, &exact.origin),
            origin_data: resolver.places.data(resolver.sources, &exact.origin),
        };
        cluster.settings.insert(written.map_or(0, |at| at + 1), row);
    }
    sections.extend(waits(model, &resolver));
    sections.extend(exempt(model, &resolver));
    sections
}

/// The machines in the order in which they start and join, and what each waits for.
fn waits(model: &Model, resolver: &Resolver<'_>) -> Option<Section> {
    let order = order(model)?;
    let row = |name: &str, lines: Vec<String>, data: Value, origin: &Origin| Setting {
        name: name.to_owned(),
        text: lines.join(" "),
        values: lines,
        data,
        origin: resolver.places.words(resolver.sources, origin),
        origin_data: resolver.places.data(resolver.sources, origin),
    };
    // A line each: a value is cut where the column of origins begins.
    let joins = [
        "waits for the API server, without a limit;",
        "without a secrets file, for a join file",
    ];
    let joins = || joins.map(str::to_owned).to_vec();
    let (server, why) = &order.server;
    let mut rows = vec![
        row("(API server)", vec![server.clone()], json!(server), why),
        row(
            &order.first.value,
            vec!["starts the cluster, waits for no machine".to_owned()],
            json!({"after": null, "minutes": null}),
            &order.first.origin,
        ),
    ];
    rows.extend(order.planes.iter().map(|turn| {
        let after = turn.after.as_deref().unwrap_or(&order.first.value);
        let mut lines = joins();
        lines.push(format!("then up to {} minutes for {after}", turn.minutes));
        let data = json!({"after": after, "minutes": turn.minutes});
        row(&turn.name.value, lines, data, &turn.name.origin)
    }));
    // They are alike, and there can be a thousand.
    if let Some(one) = order.workers.first() {
        let name = match order.workers.len() {
            1 => one.value.clone(),
            many => format!("{many} workers"),
        };
        let names: Vec<&str> = order.workers.iter().map(|one| one.value.as_str()).collect();
        let data = json!({"after": null, "minutes": null, "machines": names});
        rows.push(row(&name, joins(), data, &one.origin));
    }
    Some(Section {
        kind: "order of the machines".to_owned(),
        name: String::new(),
        names: Vec::new(),
        settings: rows,
        sections: Vec::new(),
    })
}

/// What is reached without the HTTP proxy, in the order in which every list has it.
fn exempt(model: &Model, resolver: &Resolver<'_>) -> Option<Section> {
    let all = model.exemptions();
    let setting = |one: &Exemption| Setting {
        name: one.text.clone(),
        text: one.what.clone(),
        values: vec![one.what.clone()],
        data: json!(one.what),
        origin: resolver.places.words(resolver.sources, &one.origin),
        origin_data: resolver.places.data(resolver.sources, &one.origin),
    };
    (!all.is_empty()).then(|| Section {
        kind: "reached without the proxy".to_owned(),
        name: String::new(),
        names: Vec::new(),
        settings: all.iter().map(setting).collect(),
        sections: Vec::new(),
    })
}

struct Resolver<'a> {
    spec: Arc<Schema>,
    places: Places,
    library: &'a mut Library,
    sources: &'a mut Sources,
}

impl Resolver<'_> {
    fn block(&mut self, schema: &BlockSchema, entity: Option<&Entity>) -> Section {
        let name = entity.map_or("", Entity::name);
        let options = self.options(schema, name);
        let declared: BTreeMap<&String, &SettingSchema> =
            schema.settings.iter().chain(options.iter()).collect();
        let mut settings = Vec::new();
        for (name, setting) in declared {
            let written = entity.and_then(|entity| entity.settings.get(name));
            if written.is_none() && !setting.applies_to.is_empty() {
                // An option of another backend: its default has no effect.
                let backend = entity.and_then(|entity| entity.settings.get("backend"));
                let backend = backend.or(options.get("backend").and_then(|o| o.default.as_ref()));
                if backend.is_none_or(|given| !setting.applies_to.contains(&words::value(given))) {
                    continue;
                }
            }
            if let Some(given) = written.or(setting.default.as_ref()) {
                settings.push(self.setting(name, given));
            }
        }
        // The keys of an open map are declared nowhere.
        if schema.open.is_some() {
            let entries = entity.iter().flat_map(|entity| &entity.settings);
            settings.extend(entries.map(|(name, given)| self.setting(name, given)));
        }
        Section {
            kind: schema.name.clone(),
            name: name.to_owned(),
            names: Vec::new(),
            settings,
            sections: self.children(schema, entity),
        }
    }

    fn children(&mut self, schema: &BlockSchema, entity: Option<&Entity>) -> Vec<Section> {
        let spec = Arc::clone(&self.spec);
        let mut sections = Vec::new();
        for child in spec.children(&schema.name) {
            let written: Vec<&Entity> = entity
                .iter()
                .flat_map(|entity| entity.children(&child.name))
                .collect();
            if written.is_empty() && default(child) {
                let section = self.block(child, None);
                if !section.settings.is_empty() || !section.sections.is_empty() {
                    sections.push(section);
                }
            }
            for entity in written {
                sections.push(self.block(child, Some(entity)));
            }
        }
        sections
    }

    fn setting(&self, name: &str, given: &Given) -> Setting {
        Setting {
            name: name.to_owned(),
            text: words::value(given),
            values: words::values(given),
            data: words::data(given),
            origin: self.places.words(self.sources, &given.origin),
            origin_data: self.places.data(self.sources, &given.origin),
        }
    }

    fn options(
        &mut self,
        schema: &BlockSchema,
        name: &str,
    ) -> Arc<BTreeMap<String, SettingSchema>> {
        match &schema.label {
            // Mistakes in the library were reported when it was first read.
            LabelRule::Reference(kind) => {
                let mut known = Diagnostics::default();
                self.library.options(kind, name, self.sources, &mut known)
            }
            LabelRule::None | LabelRule::Typed(_) | LabelRule::Text | LabelRule::Range => {
                Arc::default()
            }
        }
    }
}

/// Whether a block's defaults apply although the spec leaves it out.
fn default(schema: &BlockSchema) -> bool {
    schema.label == LabelRule::None
        && !schema.many
        && schema.open.is_none()
        && schema.name != NO_DEFAULTS
        && schema.settings.values().all(|setting| !setting.required)
}
