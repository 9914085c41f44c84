//! Required settings that a block lacks. Checked separately from reading, because a node can get them from a profile.

use super::{Atom, BlockSchema, Content, Entity};
use crate::declare;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::value::{Type, Val};

declare! {
    /// Some settings have no default that would be right for everyone: the network of a cluster,
    /// the role of a machine. pikc does not guess them.
    ///
    /// For a node it is enough that one of its profiles sets it.
    ///
    /// ```pik fails
    /// network {
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1]
    /// }
    /// ```
    ///
    /// ```pik
    /// network {
    ///   lan     = 192.168.11.0/24
    ///   gateway = 192.168.11.1
    ///   dns     = [192.168.11.1]
    /// }
    /// ```
    pub static MISSING_SETTING = {
        code: "spec/missing-setting",
        since: "0.1.0",
        severity: Error,
        title: "a required setting is missing",
        help: "add the setting",
        sources: ["docs/language.md"],
    }
}

/// Reports the required settings that an entity lacks, in one finding per block. A damaged block is
/// skipped: the part that could not be read may contain them. `outer` is the block that it is in, if that can hold what replaces a
/// setting; `whole` is the outermost one, for proposals.
pub fn missing(
    entity: &Entity,
    outer: Option<&Entity>,
    whole: &Entity,
    schema: &BlockSchema,
    out: &mut Diagnostics,
) {
    if entity.damaged {
        return;
    }
    for setting in schema.settings.values() {
        empty(setting, entity, out);
    }
    let lacking: Vec<&super::SettingSchema> = schema
        .settings
        .values()
        .filter(|setting| setting.required && !entity.settings.contains_key(&setting.name))
        .filter(|setting| {
            !replaced(setting, entity) && !outer.is_some_and(|outer| replaced(setting, outer))
        })
        .collect();
    let Some(first) = lacking.first() else {
        return;
    };
    let names: Vec<&str> = lacking
        .iter()
        .map(|setting| setting.name.as_str())
        .collect();
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let what = match entity.name() {
        "" => format!("`{}`", entity.kind),
        name => format!("{} `{name}`", entity.kind),
    };
    let example = match line(first, entity, whole) {
        Some(line) => format!("add `{line}`"),
        None => format!("add `{} = ...` ({})", first.name, first.ty.description()),
    };
    let message = format!("{what} does not set {}", quoted.join(" or "));
    let finding = Diagnostic::new(&MISSING_SETTING, message)
        .label(
            entity.head,
            format!("{} must be set here", quoted.join(", ")),
        )
        .help(example)
        .note(format!("{}: {}", first.name, first.doc));
    let lines: Option<Vec<String>> = lacking
        .iter()
        .map(|setting| line(setting, entity, whole))
        .collect();
    out.push(match lines {
        Some(lines) => finding.choice(|it| {
            let title = format!("add {} with example values", quoted.join(" and "));
            it.add_inside(title, entity.head, &lines.join("\n"))
        }),
        None => finding,
    });
}

/// Reports a list of addresses that must be there and has none. (Keys are another matter: an account can have only a password.)
fn empty(setting: &super::SettingSchema, entity: &Entity, out: &mut Diagnostics) {
    let Some(given) = entity.settings.get(&setting.name) else {
        return;
    };
    let none = matches!(&given.content, Content::Many(all) if all.is_empty());
    if !(none && setting.required && setting.ty == Type::Address) {
        return;
    }
    let finding = Diagnostic::new(
        &MISSING_SETTING,
        format!("`{}` is an empty list", setting.name),
    )
    .label(&given.origin, "one address or more must be here")
    .note(format!("{}: {}", setting.name, setting.doc));
    out.push(match &setting.example {
        Some(example) => finding.help(format!("write `{} = {example}`", setting.name)),
        None => finding,
    });
}

/// Whether a block of this entity takes the place of a setting.
fn replaced(setting: &super::SettingSchema, entity: &Entity) -> bool {
    let kind = setting.replaced_by.as_deref();
    kind.is_some_and(|kind| entity.child(kind).is_some())
}

/// The setting with a value that fits what the spec says, else with one that shows how it is written; none without one.
fn line(setting: &super::SettingSchema, entity: &Entity, whole: &Entity) -> Option<String> {
    let fits = first_address(setting, entity).or_else(|| other_block(setting, entity, whole));
    let shown = || setting.example.as_ref().or(setting.values.first()).cloned();
    let value = fits.or_else(shown)?;
    Some(format!("{} = {value}", setting.name))
}

/// The first address of the network that the value lies in.
fn first_address(setting: &super::SettingSchema, entity: &Entity) -> Option<String> {
    let network = entity.settings.get(setting.lies_in.as_ref()?)?;
    match &network.content {
        Content::One(Atom::Val(Val::Cidr(network))) => {
            network.hosts().next().map(|first| first.to_string())
        }
        _ => None,
    }
}

/// The name of a block of the kind that the value refers to; not that of one around this entity.
fn other_block(setting: &super::SettingSchema, entity: &Entity, whole: &Entity) -> Option<String> {
    let kind = setting.of.as_deref()?;
    let around = |block: &Entity| {
        let (outer, inner) = (block.span, entity.span);
        outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
    };
    let is = |block: &&Entity| block.kind == kind && !block.name().is_empty() && !around(block);
    let mut rest: Vec<&Entity> = vec![whole];
    while let Some(block) = rest.pop() {
        if let Some(found) = block.blocks.iter().find(is) {
            return Some(found.name().to_owned());
        }
        rest.extend(&block.blocks);
    }
    None
}
