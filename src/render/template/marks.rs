//! The marks that are in the text while minijinja runs: around each value, and around each region that is
//! there because of something.
//!
//! Marks are control characters. No template and no value can contain any (templates are checked when
//! they are compiled, values when they are written), so a mark is always ours.

use minijinja::value::{Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind, Output, State};
use serde_json::Value as Json;

use super::context::Handle;
use crate::render::text::forbidden;

/// A value follows, as JSON, up to [`VALUE_END`].
pub(super) const VALUE: char = '\u{e}';
/// The end of a value.
pub(super) const VALUE_END: char = '\u{f}';
/// A region follows: the number of its origins up to [`REGION_TEXT`], then text up to [`REGION_END`].
pub(super) const REGION: char = '\u{1}';
/// After the number of a region.
pub(super) const REGION_TEXT: char = '\u{2}';
/// The end of a region.
pub(super) const REGION_END: char = '\u{3}';

/// Adds what all templates share, and removes what could bypass the escaping.
pub(super) fn install(environment: &mut Environment<'_>) {
    for filter in ["safe", "escape", "e", "pprint", "format"] {
        environment.remove_filter(filter);
    }
    environment.remove_global("debug");
    environment.set_formatter(write);
    environment.add_filter("from", from);
    environment.add_filter("comment", comment);
    environment.add_test("at_least", at_least);
    environment.add_filter("multiline", |text: String| {
        Value::from_object(Multiline(text))
    });
}

/// `{% filter from(origin.swap) %}`: the lines inside are there because of that.
fn from(text: &Value, origin: &Value) -> Result<Value, Error> {
    let Some(handle) = origin.downcast_object_ref::<Handle>() else {
        return Err(refuse("`from` needs an origin, such as origin.swap"));
    };
    let Some(inner) = text.as_str().filter(|_| text.is_safe()) else {
        return Err(refuse("`from` goes around a region: {% filter from(x) %}"));
    };
    let number = handle.number;
    Ok(Value::from_safe_string(format!(
        "{REGION}{number}{REGION_TEXT}{inner}{REGION_END}"
    )))
}

/// Text reduced to one line: every character that does not print becomes a space.
fn comment(text: &Value) -> String {
    let text = text.to_string();
    text.chars()
        .map(|c| if forbidden(c) { ' ' } else { c })
        .collect()
}

/// `{% if version is at_least('0.28.9') %}`: compared number by number, as 0.28.10 is later than 0.28.9.
fn at_least(version: &str, other: &str) -> Result<bool, Error> {
    Ok(numbers(version)? >= numbers(other)?)
}

fn numbers(version: &str) -> Result<Vec<u64>, Error> {
    version
        .split('.')
        .map(|part| {
            part.parse()
                .map_err(|_| refuse("`at_least` compares versions such as 1.36.4"))
        })
        .collect()
}

/// Text that is meant to have several lines.
#[derive(Debug)]
struct Multiline(String);

impl minijinja::value::Object for Multiline {
    fn repr(self: &std::sync::Arc<Self>) -> minijinja::value::ObjectRepr {
        minijinja::value::ObjectRepr::Plain
    }
}

/// Writes a value between marks; output that was captured has its marks already.
fn write(out: &mut Output, _: &State, value: &Value) -> Result<(), Error> {
    if let Some(captured) = value.as_str().filter(|_| value.is_safe()) {
        return out.write_str(captured).map_err(Error::from);
    }
    let json = to_json(value)?;
    write!(out, "{VALUE}{json}{VALUE_END}").map_err(Error::from)
}

fn to_json(value: &Value) -> Result<Json, Error> {
    if let Some(Multiline(text)) = value.downcast_object_ref() {
        check(text, |c| c == '\n' || c == '\t')?;
        return Ok(Json::String(text.clone()));
    }
    match value.kind() {
        ValueKind::Bool => Ok(Json::Bool(value.is_true())),
        ValueKind::Number => i64::try_from(value.clone())
            .map(Json::from)
            .map_err(|_| refuse("a number that is not an integer")),
        ValueKind::String => {
            let text = value.as_str().unwrap_or_default();
            check(text, |_| false)?;
            Ok(Json::from(text))
        }
        ValueKind::Seq | ValueKind::Iterable => value
            .try_iter()?
            .map(|item| to_json(&item))
            .collect::<Result<_, _>>()
            .map(Json::Array),
        ValueKind::Map => value
            .try_iter()?
            .map(|key| {
                let name = key.to_string();
                check(&name, |_| false)?;
                Ok((name, to_json(&value.get_item(&key)?)?))
            })
            .collect::<Result<_, Error>>()
            .map(Json::Object),
        ValueKind::None => Err(refuse("nothing to write: the value is none")),
        ValueKind::Undefined => Err(Error::from(ErrorKind::UndefinedError)),
        _ => Err(refuse(
            "this cannot be written: it is not text, a number or a list",
        )),
    }
}

fn check(text: &str, allowed: impl Fn(char) -> bool) -> Result<(), Error> {
    match text.chars().find(|c| forbidden(*c) && !allowed(*c)) {
        None => Ok(()),
        Some('\n') => Err(refuse("a value of several lines where one is expected")),
        Some(c) => Err(refuse(&format!(
            "a control character (U+{:04X}) in a value",
            u32::from(c)
        ))),
    }
}

fn refuse(message: &str) -> Error {
    Error::new(ErrorKind::InvalidOperation, message.to_owned())
}
