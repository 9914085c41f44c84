//! A value with quotes or without, where both mean the same.

use super::edit::{Place, action};
use super::{Action, ActionKind};
use crate::ast::Value;
use crate::value::{self, Type};

/// To write the value in the range the other way.
pub fn offered(at: &Place<'_>) -> Option<Action> {
    let (_, setting, known) = at.setting()?;
    let ty = known?.ty;
    // Without a type, and for a path, which is read from the text, the two could differ.
    if ty == Type::Any || !ty.takes_text() {
        return None;
    }
    let elements: Vec<&Value> = match &setting.value {
        Value::List(items, _) => items.iter().collect(),
        single => vec![single],
    };
    let value = elements.into_iter().find(|value| at.is_in(value.span()))?;
    match value {
        Value::Word(word) if !word.value.starts_with('$') && !word.value.starts_with("secret:") => {
            let quoted = format!("\"{}\"", word.value.replace("${", "$${"));
            Some(action(
                "write it in quotes",
                ActionKind::Rewrite,
                vec![(word.span, quoted)],
            ))
        }
        Value::Text(text) => {
            let literal = text.literal()?;
            let fits = is_word(&literal) && value::parse(ty, &literal).is_ok();
            fits.then(|| {
                action(
                    "write it without quotes",
                    ActionKind::Rewrite,
                    vec![(text.span, literal)],
                )
            })
        }
        Value::Word(_) | Value::List(..) | Value::Poisoned(_) => None,
    }
}

/// Whether a text can be written without quotes, and then means itself (grammar/README.md).
fn is_word(text: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphanumeric() || "-./:_@%+*~!&()<>?^|".contains(c);
    !text.is_empty() && !text.starts_with("secret:") && text.chars().all(letter)
}
