//! What a value means: what it resolves to, and what is known of the thing that it names.

use super::{Asked, amount, entry, network, table};
use crate::editor::topic::{self, Topic, about};
use crate::model::{Model, normal};
use crate::schema::SettingSchema;
use crate::value::{self, Type, Val, Version};

impl Asked<'_> {
    /// About a value of a setting.
    pub(super) fn value(&mut self, key: &str) -> Option<String> {
        let declared = self.shelf.declared(&self.standing.around)?;
        let own = self.constant();
        let Some(schema) = declared.setting(key).cloned() else {
            let kind = self.parent().kind;
            let around = &self.standing.around;
            let field = table::named_field(&mut self.shelf, around, key);
            let amount = field.and_then(|field| amount::of_field(&field, self.word));
            let entry = entry(&mut self.shelf, around, key);
            let known = match (amount, entry) {
                (Some(amount), Some(entry)) => Some(format!("{amount}\n\n{entry}")),
                (amount, entry) => amount.or(entry),
            };
            return own.or(known).or_else(|| self.block(&kind));
        };
        let word = own.as_ref().map_or_else(
            || Some(self.word.to_owned()),
            |_| {
                let (_, value) = topic::constant(self.view.project, &self.word[1..])?;
                Some(self.shelf.text(value).trim_matches('"').to_owned())
            },
        );
        let meaning = word.and_then(|word| self.meaning(&word, &schema));
        match (own, meaning) {
            (Some(own), Some(meaning)) => Some(format!("{own}\n\n{meaning}")),
            (own, meaning) => own.or(meaning).or_else(|| self.setting(key)),
        }
    }

    /// About the constant, if the word is `$name`.
    fn constant(&mut self) -> Option<String> {
        let name = self.word.strip_prefix('$')?.to_owned();
        about(&mut self.shelf, &Topic::Constant { name })
    }

    /// What a word means as a value of a setting.
    fn meaning(&mut self, word: &str, schema: &SettingSchema) -> Option<String> {
        let parent = self.parent().kind;
        // Settings of other types name things of the spec, or a version of something.
        if schema.ty == Type::Reference
            && let Some(of) = schema.of.clone()
        {
            let topic = Topic::Fact {
                kind: of,
                name: word.to_owned(),
            };
            return about(&mut self.shelf, &topic);
        }
        if schema.ty == Type::Choice {
            let topic = Topic::Choice {
                kind: parent,
                label: self.parent().label,
                name: schema.name.clone(),
                word: word.to_owned(),
            };
            return about(&mut self.shelf, &topic);
        }
        match (parent.as_str(), schema.name.as_str()) {
            ("" | "top", "use") => return self.used_file(word),
            ("node" | "profile", "profile") => {
                let name = word.to_owned();
                return about(&mut self.shelf, &Topic::Profile { name });
            }
            ("admission", "enable" | "disable") => return self.plugin(word),
            _ => {}
        }
        let ty = match schema.deals && word.contains("..") {
            true => Type::Range,
            false => schema.ty,
        };
        let model = self.view.project.analysis.model.as_deref();
        match value::parse(ty, word).ok()? {
            Val::Cidr(net) => Some(network::network(net, &schema.name, &parent, model)),
            Val::Range(range) => Some(network::range(&range, model)),
            Val::Address(address) => Some(network::address(address, model)),
            Val::Version(_) if schema.name == "kubernetes" => self.release(model?),
            Val::Secret(name) => Some(secret(&name.0)),
            _ => amount::meaning(ty, word),
        }
    }

    /// What the version of the spec resolves to, and what is known of that release.
    fn release(&mut self, model: &Model) -> Option<String> {
        let written = model.cluster.kubernetes.as_ref()?.value;
        let mut text = format!("Kubernetes `{written}`");
        if let Some(exact) = &model.cluster.exact {
            text.push_str(&format!(": exactly {}", exact.value));
            if let crate::origin::Origin::Derived { rule, .. } = &exact.origin {
                text.push_str(&format!(" ({rule})"));
            }
        }
        let kind = "release".to_owned();
        let name = line(written);
        if let Some(facts) = about(&mut self.shelf, &Topic::Fact { kind, name }) {
            text.push_str(&format!("\n\n{facts}"));
        }
        Some(text)
    }

    /// Where a file of `use` is, and what it defines.
    fn used_file(&self, path: &str) -> Option<String> {
        let project = self.view.project;
        let sources = &project.analysis.sources;
        let here = camino::Utf8Path::new(&sources.file(self.span.file).name);
        let folder = here.parent().unwrap_or(camino::Utf8Path::new(""));
        let target = normal(&folder.join(path));
        let page = project.pages().iter().find(|page| {
            let name = camino::Utf8Path::new(&sources.file(page.file).name);
            normal(name) == target
        });
        let Some(page) = page else {
            return Some(format!("`{target}`: this file has not been read"));
        };
        let mut text = format!("`{target}` defines\n");
        for item in &page.document.items {
            if let crate::ast::Item::Block(block) = item {
                if block.kind.value == "let" {
                    for inner in &block.items {
                        if let crate::ast::Item::Setting(setting) = inner {
                            text.push_str(&format!("\n- `${}`", setting.key.value));
                        }
                    }
                    continue;
                }
                text.push_str(&format!("\n- `{}`", sources.text(block.head())));
            }
        }
        Some(text)
    }

    /// What the table has about an admission plugin.
    fn plugin(&mut self, name: &str) -> Option<String> {
        let plugins = self.shelf.plugins()?;
        let mut text = format!("admission plugin `{name}`\n");
        for (since, stage) in plugins.history(name)? {
            text.push_str(&format!(
                "\n- from {since}: {}",
                super::table::stage(*stage)
            ));
        }
        if let Some((_, instead)) = plugins.instead.iter().find(|(own, _)| own == name) {
            text.push_str(&format!("\n- instead: {instead}"));
        }
        if plugins.doubtful.iter().any(|own| own == name) {
            text.push_str("\n- unverified");
        }
        Some(text)
    }
}

/// The minor release of a version.
fn line(version: Version) -> String {
    version.without_patch().to_string()
}

/// Where the value of a secret comes from; the value itself is never known here.
fn secret(name: &str) -> String {
    format!(
        "secret `{name}`: the value is not in the spec. `pikc compile` gets it from the environment variable `{}` or from a file (`--secrets FILE`).",
        value::SecretName(name.to_owned()).variable()
    )
}
