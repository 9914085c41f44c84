//! Blocks and settings that a schema does not have, or not here, with the nearest name that it has.

use super::{EntityReader, Options};
use crate::ast::{Block, Setting};
use crate::declare;
use crate::diagnostic::suggest;
use crate::schema::{BlockSchema, SettingSchema, TOP};

declare! {
    /// pikc knows a fixed set of block kinds and never ignores one that it does not know: a
    /// misspelt block would otherwise be a part of the cluster that is silently not built.
    ///
    /// ```pik fails
    /// nod spare { role = worker }
    /// ```
    ///
    /// ```pik
    /// node spare {
    ///   role    = worker
    ///   os      = raspios-trixie
    ///   board   = pi-4b-4g
    ///   address = 192.168.11.209
    /// }
    /// ```
    pub static UNKNOWN_BLOCK = {
        code: "spec/unknown-block",
        since: "0.1.0",
        severity: Error,
        title: "a kind of block that does not exist",
        help: "docs/reference.md lists every block",
        sources: ["docs/language.md"],
    }

    /// The block exists, but not here: each kind has its parents. `wifi` describes an interface,
    /// so it belongs in an `interface` block.
    ///
    /// ```pik fails
    /// time { wifi { ssid = "home" } }
    /// ```
    ///
    /// ```pik
    /// interface wlan0 { wifi { ssid = "home", passphrase = secret:wifi } }
    /// ```
    pub static MISPLACED_BLOCK = {
        code: "spec/misplaced-block",
        since: "0.1.0",
        severity: Error,
        title: "a block in the wrong place",
        help: "move the block into one of its parents",
        sources: ["docs/language.md"],
    }

    /// pikc never accepts a setting that it does not know: a misspelt setting would otherwise leave
    /// the default in force without any message.
    ///
    /// ```pik fails
    /// swapp = on
    /// ```
    ///
    /// ```pik
    /// swap = on
    /// ```
    pub static UNKNOWN_SETTING = {
        code: "spec/unknown-setting",
        since: "0.1.0",
        severity: Error,
        title: "a setting that does not exist",
        help: "docs/reference.md lists every setting",
        sources: ["docs/language.md"],
    }
}

impl EntityReader<'_, '_> {
    /// Reports the setting, and returns the one that was almost certainly meant, if there is one.
    pub(super) fn unknown_setting(
        &mut self,
        parent: &str,
        setting: &Setting,
        block: Option<&BlockSchema>,
        options: Option<&Options>,
    ) -> Option<String> {
        let key = &setting.key;
        let name = key.value.as_str();
        let place = if parent == TOP {
            "the top level".to_owned()
        } else {
            format!("`{parent}`")
        };
        let message = format!("{place} has no setting `{name}`");
        if self.schema.children(parent).any(|child| child.name == name) {
            self.out.report(&UNKNOWN_SETTING, message, |d| {
                d.label(key.span, format!("`{name}` is a block"))
                    .help(format!("write `{name} {{ ... }}`"))
            });
            return None;
        }
        let mut known: Vec<&str> = block
            .map(|block| block.settings.keys().map(String::as_str).collect())
            .unwrap_or_default();
        known.extend(options.iter().flat_map(|o| o.keys().map(String::as_str)));
        let elsewhere: Vec<String> = self
            .schema
            .blocks
            .values()
            .filter(|block| block.settings.contains_key(name))
            .map(|block| format!("`{}`", block.name))
            .collect();
        let meant = suggest::nearest(name, known.iter().copied());
        self.out.report(&UNKNOWN_SETTING, message, |d| {
            let d = d.label(key.span, "unknown here");
            if let Some(found) = meant {
                return d.help(format!("did you mean `{found}`?")).fix(
                    format!("write `{found}`"),
                    key.span,
                    found,
                );
            }
            if !elsewhere.is_empty() {
                return d.help(format!("`{name}` is a setting of {}", elsewhere.join(", ")));
            }
            match suggest::sentence(name, known.iter().copied()) {
                Some(sentence) => d.help(sentence),
                None => d,
            }
        });
        meant.map(str::to_owned)
    }

    pub(super) fn unknown_block(&mut self, parent: &str, block: &Block) {
        let kind = &block.kind;
        let here: Vec<&str> = self
            .schema
            .children(parent)
            .map(|child| child.name.as_str())
            .collect();
        let around = self.schema.blocks.get(parent);
        let setting = around.and_then(|parent| parent.settings.get(&kind.value));
        let everywhere: Vec<&str> = self.schema.blocks.keys().map(String::as_str).collect();
        self.out.report(
            &UNKNOWN_BLOCK,
            format!("unknown block `{}`", kind.value),
            |d| {
                if let Some(setting) = setting {
                    return d
                        .label(kind.span, format!("`{}` is a setting", kind.value))
                        .help(as_setting(setting));
                }
                let d = d.label(kind.span, "there is no block of this kind");
                let found = suggest::nearest(&kind.value, here.iter().copied())
                    .or_else(|| suggest::nearest(&kind.value, everywhere.iter().copied()));
                if let Some(found) = found {
                    return d.help(format!("did you mean `{found}`?")).fix(
                        format!("write `{found}`"),
                        kind.span,
                        found,
                    );
                }
                match suggest::sentence(&kind.value, here.iter().copied()) {
                    Some(sentence) => d.help(sentence),
                    None => d.help("no block is allowed here"),
                }
            },
        );
    }

    /// The kind of block that was meant, if it can be in this place.
    pub(super) fn meant_kind(&self, parent: &str, kind: &str) -> Option<String> {
        let around = self.schema.blocks.get(parent);
        let known = self.schema.blocks.contains_key(kind)
            || around.is_some_and(|parent| parent.settings.contains_key(kind));
        let here = self.schema.children(parent);
        let nearest = suggest::nearest(kind, here.map(|child| child.name.as_str()));
        nearest.filter(|_| !known).map(str::to_owned)
    }

    pub(super) fn misplaced(&mut self, parent: &str, block: &Block, schema: &BlockSchema) {
        let kind = &block.kind;
        let place = |name: &str| match name {
            TOP => "at the top level of a file".to_owned(),
            _ => format!("in a `{name}` block"),
        };
        let homes: Vec<String> = schema.parents.iter().map(|name| place(name)).collect();
        let here = self
            .schema
            .children(parent)
            .map(|child| child.name.as_str());
        let near = suggest::nearest(&kind.value, here);
        self.out.report(
            &MISPLACED_BLOCK,
            format!("`{}` does not belong {}", kind.value, place(parent)),
            |d| {
                let d = d.label(kind.span, "in the wrong place");
                let home = format!("`{}` belongs {}", kind.value, homes.join(" or "));
                match near {
                    // What this place has under nearly that name is more likely than another place.
                    Some(near) => d
                        .help(format!("did you mean `{near}`? {home}"))
                        .choice(|d| d.fix(format!("write `{near}`"), kind.span, near)),
                    None => d.help(home),
                }
            },
        );
    }
}

/// What to write for a setting that is written as a block: a value that it accepts, and what it is for.
fn as_setting(setting: &SettingSchema) -> String {
    let name = &setting.name;
    let about = setting.doc.split(". ").next().unwrap_or_default();
    let about = about.trim_end_matches('.');
    match setting.values.as_slice() {
        [] => format!("write `{name} = VALUE`. {about}"),
        [only] => format!("write `{name} = {only}`. {about}"),
        [first, rest @ ..] => {
            let rest: Vec<String> = rest.iter().map(|value| format!("`{value}`")).collect();
            format!("write `{name} = {first}` (or {}). {about}", rest.join(", "))
        }
    }
}
