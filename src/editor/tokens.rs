//! What each word of a file is, for its colour.
//!
//! The tree says what is a kind, a label, a key, a value; the schema says of which type a value is.

use super::names::{Mention, NameKind, Names};
use super::project::{Project, View};
use crate::ast::{Block, Item, Setting, Value};
use crate::diagnostic::Severity;
use crate::schema::{BlockSchema, LabelRule, SettingSchema, TOP};
use crate::source::Span;
use crate::syntax::SyntaxKind;
use crate::value::Type;

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// The kind of a block.
    Kind,
    /// The label of a block.
    Label,
    /// The numbers in a label's brackets, and other numbers: sizes, durations, versions.
    Number,
    /// The key of a setting.
    Key,
    /// An address or a network.
    Address,
    /// `on` and `off`.
    Boolean,
    /// One of a list of words.
    Choice,
    /// The name of something.
    Reference,
    /// `secret:NAME`
    Secret,
    /// A constant.
    Constant,
    /// A string, or a word of any other type.
    Text,
    /// `${name}` in a string.
    Variable,
    /// A comment.
    Comment,
}

/// What else is true of a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Modifiers {
    /// It defines a name.
    pub definition: bool,
    /// Its value never changes: a constant.
    pub readonly: bool,
    /// It is in the standard library.
    pub library: bool,
    /// What it names is not supported any more.
    pub deprecated: bool,
}

/// A word on one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its place; it does not cover a line end.
    pub span: Span,
    /// What it is.
    pub kind: TokenKind,
    /// What else is true of it.
    pub modifiers: Modifiers,
}

/// The words of a file, in order; none meets another.
pub fn tokens(view: &View<'_>) -> Vec<Token> {
    let names = Names::of(view.project);
    let mut reading = Reading {
        project: view.project,
        out: Vec::new(),
    };
    for leaf in view.page.tree.leaves() {
        if leaf.kind == SyntaxKind::Comment {
            let span = view.span(leaf.start as usize, leaf.end as usize);
            reading.add(span, TokenKind::Comment, Modifiers::default());
        }
    }
    let top = view.project.block_schema(TOP).map(|top| top.as_ref());
    reading.items(&view.page.document.items, top, None);
    reading.sort();
    let own = names
        .all
        .iter()
        .filter(|one| one.span.file == view.page.file);
    for one in own {
        reading.mention(one);
    }
    let old = outdated(view);
    let mut found: Vec<Token> = Vec::new();
    for token in split(reading.out) {
        found.extend(lines(view, token));
    }
    for token in &mut found {
        token.modifiers.deprecated |= old
            .iter()
            .any(|span| span.start <= token.span.start && token.span.end <= span.end);
    }
    found
}

/// The places of findings that say that something is not supported any more.
fn outdated(view: &View<'_>) -> Vec<Span> {
    let diagnostics = view.project.analysis.diagnostics.iter();
    diagnostics
        .filter(|one| one.severity != Severity::Error && is_about_age(one.descriptor.code))
        .filter_map(|one| one.span())
        .filter(|span| span.file == view.page.file)
        .collect()
}

/// Whether a code says that something is not supported any more.
fn is_about_age(code: &str) -> bool {
    ["deprecated", "unmaintained"]
        .iter()
        .any(|word| code.contains(word))
}

struct Reading<'a> {
    project: &'a Project,
    out: Vec<Token>,
}

impl Reading<'_> {
    fn add(&mut self, span: Span, kind: TokenKind, modifiers: Modifiers) {
        if !span.is_empty() {
            self.out.push(Token {
                span,
                kind,
                modifiers,
            });
        }
    }

    fn sort(&mut self) {
        self.out
            .sort_by_key(|token| (token.span.start, std::cmp::Reverse(token.span.end)));
    }

    fn items(&mut self, items: &[Item], schema: Option<&BlockSchema>, parent: Option<&Block>) {
        let options = parent
            .map(|block| self.project.options(block))
            .unwrap_or_default();
        for item in items {
            match item {
                Item::Block(block) => self.block(block),
                Item::Setting(setting) => {
                    let name = &setting.key.value;
                    let known = schema.and_then(|schema| schema.settings.get(name));
                    let known = known.or_else(|| options.get(name));
                    self.setting(setting, known, schema);
                }
            }
        }
    }

    fn block(&mut self, block: &Block) {
        let schema = self.project.block_schema(&block.kind.value).cloned();
        self.add(block.kind.span, TokenKind::Kind, Modifiers::default());
        if let Some(label) = &block.label {
            let code = schema
                .as_ref()
                .is_some_and(|schema| schema.label == LabelRule::Typed(Type::Code));
            let kind = match code {
                true => TokenKind::Reference,
                false => TokenKind::Label,
            };
            self.add(label.name.span, kind, Modifiers::default());
            for range in label.ranges.iter().flat_map(|ranges| &ranges.value) {
                self.add(range.span, TokenKind::Number, Modifiers::default());
            }
        }
        self.items(&block.items, schema.as_deref(), Some(block));
    }

    fn setting(
        &mut self,
        setting: &Setting,
        known: Option<&SettingSchema>,
        block: Option<&BlockSchema>,
    ) {
        self.add(setting.key.span, TokenKind::Key, Modifiers::default());
        let ty = known.map_or_else(
            || block.and_then(|block| block.open).unwrap_or(Type::Any),
            |known| known.ty,
        );
        self.value(&setting.value, ty);
    }

    fn value(&mut self, value: &Value, ty: Type) {
        match value {
            Value::List(items, _) => items.iter().for_each(|item| self.value(item, ty)),
            Value::Word(word) if word.value.starts_with('$') => self.add(
                word.span,
                TokenKind::Constant,
                Modifiers {
                    readonly: true,
                    ..Modifiers::default()
                },
            ),
            Value::Word(word) if word.value.starts_with("secret:") => {
                self.add(word.span, TokenKind::Secret, Modifiers::default());
            }
            Value::Word(word) => {
                self.add(word.span, of_type(ty, &word.value), Modifiers::default())
            }
            Value::Text(text) => {
                self.add(text.span, TokenKind::Text, Modifiers::default());
                for part in &text.parts {
                    if let crate::ast::Part::Variable(name) = part {
                        self.add(name.span, TokenKind::Variable, Modifiers::default());
                    }
                }
            }
            Value::Poisoned(_) => {}
        }
    }

    /// A name changes what is known of its word.
    fn mention(&mut self, one: &Mention<'_>) {
        let kind = match &one.kind {
            NameKind::Block(_) | NameKind::Library(_) => TokenKind::Reference,
            NameKind::Constant if one.defines.is_some() => TokenKind::Constant,
            NameKind::Constant | NameKind::Secret | NameKind::File => return,
        };
        // The innermost token that covers it is the last one that begins before it and does not end before it does.
        let before = self
            .out
            .partition_point(|token| token.span.start <= one.span.start);
        let covering = self.out[..before].iter_mut().rev().take(NEAR);
        let Some(token) = covering
            .into_iter()
            .find(|token| one.span.end <= token.span.end)
        else {
            return;
        };
        let definition = one.defines.is_some();
        if token.kind != TokenKind::Label || one.kind == NameKind::Constant {
            token.kind = match (token.kind, &one.kind) {
                (TokenKind::Number, NameKind::Library(_)) => TokenKind::Number,
                _ => kind,
            };
        }
        token.modifiers.definition |= definition;
        token.modifiers.readonly |= one.kind == NameKind::Constant;
        token.modifiers.library |= matches!(one.kind, NameKind::Library(_));
    }
}

/// The token of a name is among the so many that begin before it.
const NEAR: usize = 64;

/// What a word of a type is.
fn of_type(ty: Type, word: &str) -> TokenKind {
    match ty {
        Type::Address | Type::Cidr | Type::Range | Type::Mac | Type::Host | Type::Endpoint => {
            TokenKind::Address
        }
        Type::Boolean => TokenKind::Boolean,
        Type::Choice => TokenKind::Choice,
        Type::Reference | Type::Code => TokenKind::Reference,
        Type::Secret => TokenKind::Secret,
        Type::Size
        | Type::Duration
        | Type::Version
        | Type::Port
        | Type::TransportPort
        | Type::PortRange
        | Type::Integer
        | Type::Cpu
        | Type::Threshold
        | Type::Date => TokenKind::Number,
        Type::Any => of_unknown(word),
        _ => TokenKind::Text,
    }
}

/// What a word looks like, if no type is known.
fn of_unknown(word: &str) -> TokenKind {
    let is = |ty| crate::value::parse(ty, word).is_ok();
    if is(Type::Boolean) {
        TokenKind::Boolean
    } else if is(Type::Address) || is(Type::Cidr) || is(Type::Range) {
        TokenKind::Address
    } else if word.starts_with(|c: char| c.is_ascii_digit()) {
        TokenKind::Number
    } else {
        TokenKind::Text
    }
}

/// Tokens that do not meet: what lies in another one cuts it in pieces.
fn split(mut all: Vec<Token>) -> Vec<Token> {
    all.sort_by_key(|token| (token.span.start, std::cmp::Reverse(token.span.end)));
    let mut out: Vec<Token> = Vec::with_capacity(all.len());
    // What is left of the tokens that began before, outermost first.
    let mut open: Vec<Token> = Vec::new();
    for token in all {
        close(&mut open, token.span.start, &mut out);
        if let Some(outer) = open.last_mut() {
            if token.span.start > outer.span.start {
                let mut before = *outer;
                before.span.end = token.span.start.min(outer.span.end);
                out.push(before);
            }
            outer.span.start = token.span.end.min(outer.span.end);
        }
        open.push(token);
    }
    close(&mut open, u32::MAX, &mut out);
    out.retain(|token| !token.span.is_empty());
    out.sort_by_key(|token| token.span.start);
    out
}

/// Ends the open tokens that end before a place.
fn close(open: &mut Vec<Token>, at: u32, out: &mut Vec<Token>) {
    while let Some(last) = open.pop_if(|last| last.span.end <= at) {
        out.push(last);
    }
}

/// The pieces of a token on each line, without indentation.
fn lines(view: &View<'_>, token: Token) -> Vec<Token> {
    let mut at = token.span.start as usize;
    let text = view.project.text(token.span);
    let mut out = Vec::new();
    for line in text.split_inclusive('\n') {
        let shown = line.trim_end_matches(['\n', '\r']);
        let indent = match out.is_empty() && at == token.span.start as usize {
            true => 0,
            false => shown.len() - shown.trim_start_matches([' ', '\t']).len(),
        };
        let span = view.span(at + indent, at + shown.len());
        if indent < shown.len() {
            out.push(Token { span, ..token });
        }
        at += line.len();
    }
    out
}
