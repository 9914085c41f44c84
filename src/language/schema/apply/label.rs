//! The labels of blocks: a name, a range of names, or the name of something that exists.

use super::EntityReader;
use crate::ast::{Block, Label};
use crate::declare;
use crate::diagnostic::Diagnostic;
use crate::schema::typing::{shown, unknown_name};
use crate::schema::{BlockSchema, LabelRule};
use crate::value::{self, Type};

declare! {
    /// Some blocks have a name (`user pi { }`), some have none (`network { }`), and only nodes may
    /// have a list of numbers in brackets.
    ///
    /// ```pik fails
    /// locale home { country = JP }
    /// ```
    ///
    /// ```pik
    /// locale { country = JP }
    /// ```
    pub static LABEL = {
        code: "spec/label",
        since: "0.1.0",
        severity: Error,
        title: "a block whose label is missing, wrong, or not allowed",
        help: "write the label that blocks of this kind have",
        sources: ["docs/language.md"],
    }
}

impl EntityReader<'_, '_> {
    /// Whether the label is what the kind requires; reports it if not.
    pub(super) fn label(&mut self, block: &Block, schema: &BlockSchema) -> bool {
        let kind = &schema.name;
        let Some(label) = &block.label else {
            return self.no_label(block, schema);
        };
        if schema.label == LabelRule::None {
            self.out
                .report(&LABEL, format!("a `{kind}` block has no label"), |d| {
                    let head = block.kind.span.to(label.span);
                    d.label(label.span, "not allowed here")
                        .help(format!("write `{kind} {{ ... }}`"))
                        .fix("remove the label", head.after(block.kind.span), "")
                });
            return true;
        }
        if let Some(ranges) = &label.ranges
            && schema.label != LabelRule::Range
        {
            self.out.report(
                &LABEL,
                format!("one `{kind}` cannot declare several"),
                |d| {
                    d.label(ranges.span, "only a node can have numbers in brackets")
                        .help(format!("write `{kind} {} {{ ... }}`", label.name.value))
                },
            );
            return true;
        }
        let ty = match &schema.label {
            LabelRule::Typed(ty) => *ty,
            LabelRule::Reference(of) => {
                return self.reference_label(of, &schema.words, label);
            }
            // A node's name is checked after expansion, with its numbers filled in.
            LabelRule::Range | LabelRule::Text | LabelRule::None => return true,
        };
        if let Err(bad) = value::parse(ty, &label.name.value) {
            let place = if label.quoted {
                label.name.span
            } else {
                label.name.span.part(bad.from, bad.to)
            };
            let finding =
                Diagnostic::new(&LABEL, format!("{} {}", shown(&label.name.value), bad.why))
                    .label(
                        place,
                        format!("the label of `{kind}` is {}", ty.description()),
                    )
                    .help(
                        bad.help
                            .unwrap_or_else(|| format!("write {}", ty.description())),
                    );
            self.out.push(match bad.instead {
                Some(meant) => finding.fix(format!("write `{meant}`"), label.name.span, meant),
                None => finding,
            });
            return false;
        }
        true
    }

    /// Reports a block that needs a label and has none.
    fn no_label(&mut self, block: &Block, schema: &BlockSchema) -> bool {
        let kind = &schema.name;
        let wanted = match &schema.label {
            LabelRule::None => return true,
            LabelRule::Typed(Type::Code) => "a diagnostic code",
            LabelRule::Typed(_) | LabelRule::Range | LabelRule::Text => "a name",
            LabelRule::Reference(_) => "a name",
        };
        let example = match &schema.label {
            LabelRule::Reference(of) => self
                .typer
                .catalogue
                .names(of)
                .and_then(|names| names.into_iter().next()),
            LabelRule::Typed(Type::Code) => Some("network/pods-too-few".to_owned()),
            _ => None,
        }
        .unwrap_or_else(|| "NAME".to_owned());
        self.out.report(
            &LABEL,
            format!("`{kind}` needs {wanted} before its `{{`"),
            |d| {
                d.label(block.kind.span, "the label is missing")
                    .help(format!("write `{kind} {example} {{ ... }}`"))
            },
        );
        false
    }

    fn reference_label(&mut self, of: &str, words: &[String], label: &Label) -> bool {
        let name = &label.name;
        if words.contains(&name.value) || self.typer.catalogue.knows(of, &name.value) {
            return true;
        }
        let mut known = self.typer.catalogue.names(of).unwrap_or_default();
        known.extend(words.iter().cloned());
        let absent = self.typer.catalogue.absent(of, &name.value);
        unknown_name(of, name, label.span, (&known, absent), None, self.out);
        false
    }
}
