//! Templates of the standard library, filled in.
//!
//! How a value is written follows from the template's file name and from nothing else: shell words in
//! `*.sh.j2`, JSON (which is YAML) in `*.yaml.j2`, plain Markdown in `*.md.j2`; any other name is an
//! error. No author has to remember to quote, and none can forget to. Undefined values, control
//! characters, and values that have no written form are errors.
//!
//! A region `{% filter from(origin.x) %}...{% endfilter %}` gives its lines the origins of `x`. It is
//! marked with control characters while the template runs; they are taken out again here.

use std::sync::Arc;

use minijinja::value::{Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior};
use serde_json::Value as Json;

use super::text::{Text, TextBuilder, forbidden};
use crate::origin::Origin;
use crate::plan::Context;

const BEGIN: char = '\u{1}';
const NUMBER_END: char = '\u{2}';
const END: char = '\u{3}';
/// How a handle looks as a value: a map with this key, which nothing can print.
const HANDLE: &str = "$origin";

/// A template that could not be filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// Which one, by its path in the library.
    pub template: String,
    /// The line in it, from 1, where that is known.
    pub line: Option<usize>,
    /// What is wrong.
    pub why: String,
}

impl std::fmt::Display for TemplateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.template, self.why),
            None => write!(f, "{}: {}", self.template, self.why),
        }
    }
}

impl std::error::Error for TemplateError {}

/// All templates, compiled once.
pub struct Engine {
    environment: Environment<'static>,
}

impl Engine {
    /// Compiles templates, given by path and text.
    pub fn new(
        templates: impl IntoIterator<Item = (String, Arc<str>)>,
    ) -> Result<Self, TemplateError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_trim_blocks(true);
        environment.set_lstrip_blocks(true);
        environment.set_keep_trailing_newline(true);
        environment.set_auto_escape_callback(escape_of);
        environment.set_formatter(format);
        // Whoever could switch escaping off, would one day.
        environment.remove_filter("safe");
        environment.add_filter("comment", comment);
        environment.add_filter("cell", cell);
        environment.add_filter("from", from);
        for (name, text) in templates {
            environment
                .add_template_owned(name.clone(), text.to_string())
                .map_err(|error| explain(&name, &error))?;
        }
        Ok(Self { environment })
    }

    /// Fills in one template. `default` is why the file exists: the origin of every line that no
    /// region speaks for.
    pub fn render(
        &self,
        name: &str,
        context: &Context,
        default: &[Origin],
        keep_lines: bool,
    ) -> Result<Text, TemplateError> {
        let mut origins: Vec<&[Origin]> = Vec::new();
        let values = values(context, &mut origins);
        let text = self
            .environment
            .get_template(name)
            .and_then(|template| template.render(values))
            .map_err(|error| explain(name, &error))?;
        Ok(unmark(&text, &origins, default, keep_lines))
    }
}

fn explain(name: &str, error: &Error) -> TemplateError {
    TemplateError {
        template: error.name().unwrap_or(name).to_owned(),
        line: error.line(),
        why: match error.detail() {
            Some(detail) => format!("{}: {detail}", error.kind()),
            None => error.kind().to_string(),
        },
    }
}

fn escape_of(name: &str) -> AutoEscape {
    AutoEscape::Custom(if name.ends_with(".sh.j2") {
        "shell"
    } else if name.ends_with(".yaml.j2") {
        "json"
    } else if name.ends_with(".md.j2") {
        "markdown"
    } else {
        "unknown"
    })
}

fn wrong(why: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidOperation, why)
}

fn format(out: &mut Output<'_>, state: &State<'_, '_>, value: &Value) -> Result<(), Error> {
    if value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    if value.is_safe() {
        return out
            .write_str(value.as_str().unwrap_or_default())
            .map_err(|_| wrong("cannot write"));
    }
    let text = match state.auto_escape() {
        AutoEscape::Custom("shell") => shell(value)?,
        AutoEscape::Custom("json") => json(value)?,
        AutoEscape::Custom("markdown") => markdown(value)?,
        _ => {
            return Err(wrong(
                "nobody has said how values are written in a file of this name",
            ));
        }
    };
    out.write_str(&text).map_err(|_| wrong("cannot write"))
}

fn checked(text: &str) -> Result<&str, Error> {
    match text.chars().find(|c| forbidden(*c)) {
        Some(found) => Err(wrong(format!(
            "the value {text:?} holds {found:?}, which may stand in no generated file"
        ))),
        None => Ok(text),
    }
}

/// A shell word, or the words of a list.
fn shell(value: &Value) -> Result<String, Error> {
    match value.kind() {
        ValueKind::String => Ok(word(checked(value.as_str().unwrap_or_default())?)),
        ValueKind::Number | ValueKind::Bool => Ok(value.to_string()),
        ValueKind::Seq => {
            let words: Result<Vec<String>, Error> =
                value.try_iter()?.map(|item| shell(&item)).collect();
            Ok(words?.join(" "))
        }
        other => Err(wrong(format!("a {other} is no word of a shell"))),
    }
}

/// The text as one word that means itself, in any shell.
pub fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./:@%+=,-".contains(c);
    // A word that begins with `-` or holds `=` is safe where it stands, but reads like an option or
    // an assignment; quotes cost nothing there.
    if !text.is_empty() && text.chars().all(plain) && !text.starts_with(['-', '=']) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn json(value: &Value) -> Result<String, Error> {
    if let Some(text) = value.as_str() {
        checked(text)?;
    }
    if value.kind() == ValueKind::Map && value.get_attr(HANDLE).is_ok_and(|h| !h.is_undefined()) {
        return Err(wrong("an origin is no value"));
    }
    serde_json::to_string(value).map_err(|error| wrong(error.to_string()))
}

fn markdown(value: &Value) -> Result<String, Error> {
    match value.kind() {
        ValueKind::String => Ok(checked(value.as_str().unwrap_or_default())?.replace('<', "&lt;")),
        ValueKind::Number => Ok(value.to_string()),
        other => Err(wrong(format!("a {other} is no text"))),
    }
}

/// Text for a comment: one line without anything that could end it.
fn comment(value: &str) -> Value {
    let line: String = value
        .chars()
        .map(|c| if forbidden(c) { ' ' } else { c })
        .collect();
    Value::from_safe_string(line)
}

/// Text for a cell of a table, or between backticks.
fn cell(value: &Value) -> Result<Value, Error> {
    let text = value.to_string();
    let text = checked(&text)?
        .replace('|', "\\|")
        .replace('`', "'")
        .replace('<', "&lt;");
    Ok(Value::from_safe_string(text))
}

/// Marks a region with the number of an origin.
fn from(body: &Value, handle: &Value) -> Result<Value, Error> {
    let number = handle.get_attr(HANDLE)?;
    let number = usize::try_from(number).map_err(|_| wrong("`from` wants an `origin.NAME`"))?;
    let body = body.as_str().unwrap_or_default();
    Ok(Value::from_safe_string(format!(
        "{BEGIN}{number}{NUMBER_END}{body}{END}"
    )))
}

/// The context as values for a template: `origin.NAME` and `{"$origin": NAME}` become handles.
fn values<'a>(context: &'a Context, origins: &mut Vec<&'a [Origin]>) -> Value {
    let names: Vec<&str> = context.origins.keys().map(String::as_str).collect();
    origins.extend(context.origins.values().map(Vec::as_slice));
    let handle = |name: &str| {
        let number = names.binary_search(&name).ok()?;
        Some(Value::from_iter([(HANDLE, Value::from(number))]))
    };
    let all = names
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), handle(name)?)));
    let own = context
        .values
        .iter()
        .map(|(name, value)| (name.clone(), convert(value, &handle)));
    own.chain([("origin".to_owned(), all.collect::<Value>())])
        .collect()
}

fn convert(value: &Json, handle: &impl Fn(&str) -> Option<Value>) -> Value {
    match value {
        Json::Array(items) => items.iter().map(|item| convert(item, handle)).collect(),
        Json::Object(map) => match map.get(HANDLE).and_then(Json::as_str) {
            Some(name) => handle(name).unwrap_or(Value::UNDEFINED),
            None => map
                .iter()
                .map(|(name, value)| (name.clone(), convert(value, handle)))
                .collect(),
        },
        other => Value::from_serialize(other),
    }
}

/// Takes the marks out of a text and turns them into origins of its lines.
fn unmark(text: &str, origins: &[&[Origin]], default: &[Origin], keep_lines: bool) -> Text {
    let mut out = TextBuilder::new(keep_lines);
    let mut open: Vec<usize> = Vec::new();
    let mut seen: Vec<usize> = Vec::new();
    let mut chars = text.chars();
    let mut pending = false;
    while let Some(c) = chars.next() {
        match c {
            BEGIN => {
                let digits: String = chars.by_ref().take_while(|c| *c != NUMBER_END).collect();
                open.extend(digits.parse::<usize>());
            }
            END => {
                open.pop();
            }
            '\n' => {
                out.end_line(&of_line(&seen, origins, default));
                seen.clear();
                pending = false;
            }
            other => {
                if let Some(current) = open.last()
                    && !seen.contains(current)
                {
                    seen.push(*current);
                }
                out.buffer().push(other);
                pending = true;
            }
        }
    }
    if pending {
        out.end_line(&of_line(&seen, origins, default));
    }
    out.finish()
}

fn of_line(seen: &[usize], origins: &[&[Origin]], default: &[Origin]) -> Vec<Origin> {
    let own: Vec<Origin> = seen
        .iter()
        .filter_map(|number| origins.get(*number))
        .flat_map(|list| list.iter().cloned())
        .collect();
    if own.is_empty() { default.to_vec() } else { own }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Span};

    fn render(name: &str, text: &str, context: &Context) -> Result<Text, TemplateError> {
        Engine::new([(name.to_owned(), Arc::from(text))])?.render(name, context, &[], true)
    }

    fn one(value: impl Into<Json>) -> Context {
        let origin = Origin::Written(Span::new(FileId(0), 1, 2));
        let mut context = Context::default();
        context.set("x", value, [origin]);
        context
    }

    #[test]
    fn the_file_name_decides_how_a_value_is_written() {
        let hostile = one("it's; $(reboot)");
        let text = |name: &str| render(name, "{{ x }}\n", &hostile).map(|text| text.text);
        assert_eq!(text("a.sh.j2"), Ok("'it'\\''s; $(reboot)'\n".to_owned()));
        assert_eq!(text("a.yaml.j2"), Ok("\"it's; $(reboot)\"\n".to_owned()));
        assert!(text("a.conf.j2").is_err());
    }

    #[test]
    fn what_has_no_written_form_is_an_error() {
        let render = |text: &str, context: &Context| render("a.sh.j2", text, context);
        assert!(render("{{ y }}\n", &one("a")).is_err(), "undefined");
        assert!(render("{{ x }}\n", &one(Json::Null)).is_err(), "none");
        assert!(render("{{ x }}\n", &one("a\u{7}b")).is_err(), "control");
        assert!(render("{{ x }}\n", &one("a\u{1}0\u{2}b")).is_err(), "marks");
        assert!(render("{{ origin.x }}\n", &one("a")).is_err(), "a handle");
        assert!(render("{{ x|safe }}\n", &one("a")).is_err(), "safe");
    }

    #[test]
    fn a_region_speaks_for_its_lines_and_no_others() {
        let context = one("a");
        let text = "first\n{% filter from(origin.x) %}\nsecond {{ x }}\n{% endfilter %}\nthird\n";
        let text = render("a.sh.j2", text, &context).expect("renders");
        assert_eq!(text.text, "first\nsecond a\nthird\n");
        let counts: Vec<usize> = text.lines.iter().map(Vec::len).collect();
        assert_eq!(counts, [0, 1, 0]);
    }

    #[test]
    fn a_comment_stays_one_line() {
        let text = render("a.sh.j2", "# {{ x | comment }}\n", &one("a\nreboot")).expect("renders");
        assert_eq!(text.text, "# a reboot\n");
    }
}
