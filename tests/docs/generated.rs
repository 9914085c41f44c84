//! Pages that are generated from the program: the reference of blocks and settings, the list of codes.

use std::fmt::Write as _;

use pikc::cli::all_codes;
use pikc::diagnostic::{Descriptor, Diagnostics};
use pikc::schema::{BlockSchema, LabelRule, Schema, SettingSchema, TOP};
use pikc::source::Sources;
use pikc::stdlib::{Consequence, Library, Word};
use pikc::value::Type;

use crate::support::bless::same;

const MADE: &str = "<!-- Made from the program by `PIKC_BLESS=1 cargo test --test all docs::`; edits here are lost. -->\n\n";

fn library() -> (Library, Sources) {
    let mut sources = Sources::default();
    let mut out = Diagnostics::default();
    let library = Library::open(Default::default(), &mut sources, &mut out);
    assert!(out.is_empty(), "{out:?}");
    (library, sources)
}

#[test]
fn the_reference_is_up_to_date() {
    let (mut library, mut sources) = library();
    let spec = library.spec_schema();
    let mut text = format!(
        "# Reference: blocks and settings\n\n{MADE}Every block and setting that a spec can have. \
         [language.md](language.md) describes how they are written; the types are at the end of this page.\n"
    );
    let top = spec.blocks.get(TOP).expect("the top level has a schema");
    write!(text, "\n## The top level of a file\n\n{}\n", top.doc).expect("a String");
    let all = library.consequences(&mut sources, &mut Diagnostics::default());
    settings(&mut text, &sources, top.settings.values());
    let mut done = Vec::new();
    blocks(&mut text, &sources, &spec, TOP, &mut done);
    for kind in ["runtime", "cni"] {
        for name in library.names(kind) {
            let options = library.options(kind, &name, &mut sources, &mut Diagnostics::default());
            if options.is_empty() {
                continue;
            }
            write!(
                text,
                "\n## `{kind} {name}`: its options\n\nFurther settings of `{kind} {name} {{ }}`, from the standard library.\n"
            )
            .expect("a String");
            settings(&mut text, &sources, options.values());
        }
    }
    consequences(&mut text, all);
    text.push_str("\n## Types\n\n| type | is |\n|---|---|\n");
    for (_, name, description) in pikc::value::TYPES {
        writeln!(text, "| {name} | {description} |").expect("a String");
    }
    same("docs/reference.md", &text);
}

/// The blocks that a parent can hold, each followed by the blocks that it can hold itself.
fn blocks(
    text: &mut String,
    sources: &Sources,
    spec: &Schema,
    parent: &str,
    done: &mut Vec<String>,
) {
    for block in spec.children(parent) {
        if done.contains(&block.name) {
            continue;
        }
        done.push(block.name.clone());
        self::block(text, sources, block);
        blocks(text, sources, spec, &block.name, done);
    }
}

fn block(text: &mut String, sources: &Sources, block: &BlockSchema) {
    let head = match &block.label {
        LabelRule::None => block.name.clone(),
        LabelRule::Typed(Type::Code) => format!("{} CODE", block.name),
        LabelRule::Typed(_) | LabelRule::Text | LabelRule::Reference(_) => {
            format!("{} NAME", block.name)
        }
        LabelRule::Range => format!("{} NAME[01-03]", block.name),
    };
    let places: Vec<String> = block
        .parents
        .iter()
        .map(|name| match name.as_str() {
            TOP => "the top level".to_owned(),
            name => format!("`{name}`"),
        })
        .collect();
    let often = if block.many {
        "any number of times"
    } else {
        "once"
    };
    write!(
        text,
        "\n## `{head} {{ }}`\n\n{}\n\nStands in {}, {often}.\n",
        block.doc,
        places.join(", ")
    )
    .expect("a String");
    if let Some(open) = block.open {
        let usual = block.applies.usual.as_deref().unwrap_or_default();
        let others: Vec<String> = block
            .applies
            .inside
            .iter()
            .map(|(kind, one)| format!(", in `{kind}` [{one}](#{one})"))
            .collect();
        write!(
            text,
            "\nAn open map: any key ({}), each with {}. If an entry changes: [{usual}](#{usual}){}.\n",
            block.keys.description(),
            open.description(),
            others.concat()
        )
        .expect("a String");
    }
    settings(text, sources, block.settings.values());
}

fn settings<'a>(
    text: &mut String,
    sources: &Sources,
    settings: impl Iterator<Item = &'a SettingSchema>,
) {
    let mut first = true;
    for setting in settings {
        if first {
            text.push_str("\n| setting | type | default | what it does | if it changes |\n|---|---|---|---|---|\n");
            first = false;
        }
        let mut doc = cell(&setting.doc);
        if let Some(example) = &setting.example {
            write!(doc, " Example: `{} = {}`", setting.name, cell(example)).expect("a String");
        }
        if !setting.applies_to.is_empty() {
            write!(doc, " (for {})", setting.applies_to.join(", ")).expect("a String");
        }
        if let Some(reason) = &setting.any_text {
            write!(doc, " Any text is accepted: {}", cell(reason)).expect("a String");
        }
        if let Some(other) = &setting.requires {
            write!(doc, " (with `{other}`)").expect("a String");
        }
        writeln!(
            text,
            "| `{}` | {} | {} | {doc} | {} |",
            setting.name,
            kind(setting),
            default(setting, sources),
            applies(setting)
        )
        .expect("a String");
    }
}

/// The consequence of a change in a cluster that runs, by the names in the table at the end of the page.
fn applies(setting: &SettingSchema) -> String {
    let name = |name: &str| format!("[{name}](#{name})");
    let mut all: Vec<String> = setting.applies.usual.iter().map(|one| name(one)).collect();
    for (kind, one) in &setting.applies.inside {
        all.push(format!("in `{kind}`: {}", name(one)));
    }
    all.join("; ")
}

/// Everything that `applies` can name, the worst last.
fn consequences(text: &mut String, mut all: Vec<Consequence>) {
    text.push_str(
        "\n## What a change means\n\nFor a cluster that runs already; `pikc diff` shows it with each change \
         ([diff.md](diff.md)). The least is first.\n",
    );
    all.sort_by_key(|one| one.weight);
    for one in all {
        let by_hand = match &one.by_hand {
            Some(by_hand) => format!("\n\nBy hand: {by_hand}."),
            None => String::new(),
        };
        let mut others = String::new();
        for (where_, other) in [
            ("In the `cluster` block", &one.in_cluster),
            ("On a control plane", &one.on_control_plane),
        ] {
            if let Some(other) = other {
                write!(others, "\n\n{where_}: [{other}](#{other}).").expect("a String");
            }
        }
        write!(
            text,
            "\n### {}\n\n`{}`: {}. Why: {}.{by_hand}{others}\n",
            one.name,
            one.weight.word(),
            one.title,
            one.why
        )
        .expect("a String");
    }
}

fn kind(setting: &SettingSchema) -> String {
    let one = match setting.ty {
        Type::Choice => setting
            .values
            .iter()
            .map(|word| format!("`{word}`"))
            .collect::<Vec<_>>()
            .join(", "),
        Type::Reference => format!("name of a {}", setting.of.as_deref().unwrap_or("thing")),
        ty => ty.name().to_owned(),
    };
    let bounds = match (setting.min, setting.max) {
        (Some(min), Some(max)) => format!(", {min} to {max}"),
        (Some(min), None) => format!(", from {min}"),
        (None, Some(max)) => format!(", up to {max}"),
        (None, None) => String::new(),
    };
    let list = if setting.list { "list of " } else { "" };
    let deals = if setting.deals {
        ", or a range with one for each node"
    } else {
        ""
    };
    format!("{list}{one}{bounds}{deals}")
}

fn default(setting: &SettingSchema, sources: &Sources) -> String {
    // As it is written in the schema: `24h`, not as a duration is printed elsewhere.
    let written = setting
        .default
        .as_ref()
        .and_then(|given| given.origin.span());
    match written {
        Some(span) => format!("`{}`", cell(sources.text(span))),
        None if setting.required => "**required**".to_owned(),
        None => String::new(),
    }
}

/// Text for a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

#[test]
fn the_list_of_codes_is_up_to_date() {
    let mut codes = all_codes();
    codes.sort_by_key(|code| code.code);
    let mut text = format!(
        "# Diagnostics\n\n{MADE}Everything that pikc reports: {} codes. `pikc explain CODE` prints the same in the terminal. \
         An error stops `compile`. A warning does not; `allow CODE {{ reason = \"...\" }}` silences it in its scope.\n",
        codes.len()
    );
    let mut family = "";
    for code in &codes {
        let here = code.code.split('/').next().unwrap_or_default();
        if here != family {
            write!(text, "\n| {here} | | |\n|---|---|---|\n").expect("a String");
            family = here;
        }
        writeln!(
            text,
            "| [`{}`](#{}) | {} | {} |",
            code.code,
            anchor(code.code),
            code.severity.word(),
            cell(&match code.deprecated {
                Some(_) => format!("{} (deprecated)", code.title),
                None => code.title.to_owned(),
            })
        )
        .expect("a String");
    }
    for code in &codes {
        page(&mut text, code);
    }
    same("docs/diagnostics.md", &text);
}

fn anchor(code: &str) -> String {
    code.replace('/', "")
}

fn page(text: &mut String, code: &Descriptor) {
    let explanation: Vec<&str> = code
        .explanation
        .lines()
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect();
    // Fences keep their `pik`, but these are parts of specs, run by the tests of the explanations
    // and not by those of the manual.
    let mut fence = false;
    let mut lines = String::new();
    for line in explanation {
        if let Some(tag) = line.strip_prefix("```pik") {
            let word = if tag.contains("fails") {
                "Reported:"
            } else {
                "Accepted:"
            };
            write!(lines, "{word}\n\n```\n").expect("a String");
            fence = true;
        } else {
            if line == "```" && fence {
                fence = false;
            }
            lines.push_str(line);
            lines.push('\n');
        }
    }
    write!(
        text,
        "\n## {}\n\n**{}: {}.** {}\n\n{}\nFrom: {}. Since {}{}.\n",
        code.code,
        code.severity.word(),
        code.title,
        capital(code.help),
        lines.trim_start(),
        code.sources.join("; "),
        code.since,
        match code.formerly {
            [] => String::new(),
            names => format!("; formerly `{}`", names.join("`, `")),
        }
    )
    .expect("a String");
    if let Some(why) = code.no_edit {
        write!(text, "\nNo edit is offered: {why}.\n").expect("a String");
    }
    if let Some(why) = code.deprecated {
        write!(text, "\nDeprecated: {why}.\n").expect("a String");
    }
}

fn capital(text: &str) -> String {
    // A path or an option stays as it is written.
    let word = text.split_whitespace().next().unwrap_or_default();
    if word.contains(['/', '.', '`', '-']) {
        return format!("{text}.");
    }
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}
