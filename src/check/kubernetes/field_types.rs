//! Whether a value is of the type that a field of a document has. Which lengths of time and amounts a program accepts is its own matter.

use crate::model::Data;
use crate::stdlib::Field;

/// What the field wants, where the value is something else.
pub(super) fn wanted(field: &Field, value: &Data) -> Option<String> {
    match (field, value) {
        (Field::Any, _)
        | (Field::Boolean, Data::Boolean(_))
        | (Field::Number { .. }, Data::Integer(_))
        | (Field::Number { whole: false }, Data::Fraction(_))
        | (Field::Text | Field::Duration, Data::Text(_))
        | (Field::Quantity, Data::Text(_) | Data::Integer(_) | Data::Fraction(_)) => None,
        (Field::Choice(words), Data::Text(text)) if text.is_empty() || words.contains(text) => None,
        (Field::List(inner), Data::List(items)) => items
            .iter()
            .find_map(|item| wanted(inner, &item.value))
            .map(|each| format!("a list whose items are each {each}")),
        (field, _) => Some(in_words(field)),
    }
}

fn in_words(field: &Field) -> String {
    match field {
        Field::Struct(fields) => {
            let first = fields.keys().next().map_or("name", String::as_str);
            format!("a map, whose fields are named one by one (`.{first}` and so on)")
        }
        Field::Map(_) => "a map, whose keys are named one by one".to_owned(),
        Field::List(_) => "a list".to_owned(),
        Field::Text => "a text".to_owned(),
        Field::Duration => "a length of time such as `30s` or `1h30m`".to_owned(),
        Field::Quantity => "an amount such as `200Mi`".to_owned(),
        Field::Choice(words) => format!("one of `{}`", words.join("`, `")),
        Field::Boolean => "`true` or `false`".to_owned(),
        Field::Number { whole: true } => "a whole number".to_owned(),
        Field::Number { whole: false } => "a number".to_owned(),
        Field::Any => "anything".to_owned(),
    }
}
