//! Templates: shell scripts, YAML that is not worth a struct, Markdown for people.
//!
//! In: template sources by name, and a [`Context`] of values with their origins. Out: [`Text`].
//!
//! How a value is written is decided by the *file name* of the template and by the *place* of the
//! value, never by the author of the template: in `*.sh.j2` a value is a shell word in code and
//! plain text in a comment, and inside quotes it is refused; in `*.yaml.j2` it is JSON, which is YAML;
//! in `*.md.j2` it is text without any markup. There is no way around it: no `safe`, no
//! raw output. To know the place, values are written between marks while minijinja runs (`marks.rs`),
//! and filled in afterwards (`place.rs`), together with the bookkeeping of which line has which origin.

mod context;
mod markdown;
mod marks;
mod place;
mod shell;
mod yaml;

use std::fmt;

use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior};

pub use context::Context;

use super::text::Text;
use crate::origin::Origin;

/// The templates of one library, compiled once.
#[derive(Debug)]
pub struct Engine<'t> {
    environment: Environment<'t>,
}

impl<'t> Engine<'t> {
    /// Compiles templates, given as (name, source). A name whose ending does not set a language is an error.
    pub fn new(
        templates: impl IntoIterator<Item = (&'t str, &'t str)>,
    ) -> Result<Self, RenderError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_keep_trailing_newline(true);
        environment.set_trim_blocks(true);
        environment.set_lstrip_blocks(true);
        // Not for escaping: it makes minijinja treat captured output (regions, macros) as finished.
        environment.set_auto_escape_callback(|_| AutoEscape::Custom("pikc"));
        marks::install(&mut environment);
        for (name, source) in templates {
            Language::of(name)?;
            if let Some(at) = super::first_forbidden(source, &['\t']) {
                let line = source[..at].matches('\n').count() + 1;
                let message = "a control character in the template".to_owned();
                return Err(RenderError::new(name, Some(line), message));
            }
            environment
                .add_template(name, source)
                .map_err(|error| RenderError::from_minijinja(name, &error))?;
        }
        Ok(Self { environment })
    }

    /// Whether there is such a template.
    pub fn has(&self, name: &str) -> bool {
        self.environment.get_template(name).is_ok()
    }

    /// The text that a template renders from these values. `default` is why the file is there, for lines
    /// outside of any region; `keep_lines` sets whether origins are kept.
    pub fn render(
        &self,
        name: &str,
        context: &Context,
        default: &[Origin],
        keep_lines: bool,
    ) -> Result<Text, RenderError> {
        let marked = self
            .environment
            .get_template(name)
            .and_then(|template| template.render(context.root()))
            .map_err(|error| RenderError::from_minijinja(name, &error))?;
        let sets = keep_lines.then(|| context.sets());
        match Language::of(name)? {
            Language::Shell => place::fill(&marked, shell::Shell::default(), sets, default),
            Language::Yaml => place::fill(&marked, yaml::Yaml::default(), sets, default),
            Language::Markdown => {
                place::fill(&marked, markdown::Markdown::default(), sets, default)
            }
        }
        .map_err(|message| RenderError::new(name, None, message))
    }
}

/// The language that a template renders.
#[derive(Clone, Copy, Debug)]
enum Language {
    Shell,
    Yaml,
    Markdown,
}

impl Language {
    fn of(name: &str) -> Result<Self, RenderError> {
        const ENDINGS: [(&str, Language); 3] = [
            (".sh.j2", Language::Shell),
            (".yaml.j2", Language::Yaml),
            (".md.j2", Language::Markdown),
        ];
        ENDINGS
            .into_iter()
            .find(|(ending, _)| name.ends_with(ending))
            .map(|(_, language)| language)
            .ok_or_else(|| {
                let message = "the file name does not determine how values are written: \
                               a template is called *.sh.j2, *.yaml.j2 or *.md.j2";
                RenderError::new(name, None, message.to_owned())
            })
    }
}

/// Why a template rendered no text. For the embedded library this is a bug of ours; for one given with
/// `--stdlib` it is its author's, who wants to know where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderError {
    /// The template, as it was named to [`Engine::new`].
    pub template: String,
    /// The line of the template, from 1, if it is known.
    pub line: Option<usize>,
    /// What is wrong, as a sentence without a full stop.
    pub message: String,
}

impl RenderError {
    fn new(template: &str, line: Option<usize>, message: String) -> Self {
        Self {
            template: template.to_owned(),
            line,
            message,
        }
    }

    fn from_minijinja(template: &str, error: &minijinja::Error) -> Self {
        // The innermost error has the most detail, and names the included template that it is in.
        let mut innermost = error;
        while let Some(source) = std::error::Error::source(innermost)
            .and_then(|source| source.downcast_ref::<minijinja::Error>())
        {
            innermost = source;
        }
        let detail = innermost.detail().unwrap_or_default();
        let message = match innermost.kind() {
            ErrorKind::InvalidOperation | ErrorKind::SyntaxError if !detail.is_empty() => {
                detail.to_owned()
            }
            kind if detail.is_empty() => kind.to_string(),
            kind => format!("{kind}: {detail}"),
        };
        Self {
            template: innermost
                .name()
                .or(error.name())
                .unwrap_or(template)
                .to_owned(),
            line: innermost.line().or(error.line()),
            message,
        }
    }
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.template)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for RenderError {}

#[cfg(test)]
mod flannel_tests;
#[cfg(test)]
mod markdown_tests;
#[cfg(test)]
mod tests;
