//! What a file or a folder of a tree is made from, who runs it, and which steps act on it.

use serde_json::{Value, json};

use super::foreseen;
use super::lists::{Fit, counted, names, on};
use crate::change::Foreseen;
use crate::cli::shared::console::{Look, Paint, hanging, paint, visible};
use crate::cli::shared::report::count;
use crate::source::{FileId, Sources};
use crate::trace::{Counted, StepUse, Summary};

/// What the summary is about.
pub(super) struct Title<'a> {
    /// The path as it was named.
    pub path: &'a str,
    /// The path below the tree's folder.
    pub below: &'a str,
    /// The spec.
    pub spec: &'a str,
    /// Whether it is the whole tree.
    pub root: bool,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// What a change of its files would mean.
    pub foreseen: Vec<Foreseen>,
}

/// At most so many steps are listed.
const STEPS: usize = 40;

pub(super) fn human(title: &Title<'_>, found: &Summary, sources: &Sources, look: Look) -> String {
    let mut out = format!("{}\n", paint(look, Paint::Heading, &visible(title.path)));
    let mut head = format!(
        "{} of {}, made from {}",
        count(found.kinds.all(), "line"),
        count(found.files.len(), "file"),
        visible(title.spec)
    );
    if found.secret > 0 {
        head.push_str(&format!(
            "; {} a secret",
            holds(found.secret, found.files.len())
        ));
    }
    out.push_str(&hanging(look, "  ", None, &head));
    who(title, found, look, &mut out);
    let kinds = &found.kinds;
    let rows: Vec<(String, usize)> = [
        ("with a setting of the spec", kinds.spec),
        ("from the library alone: defaults and facts", kinds.library),
        ("from a rule alone", kinds.rule),
        ("constant: every file of this kind has it", kinds.constant),
        ("packed from other files of the tree", kinds.packed),
    ]
    .into_iter()
    .filter(|(_, lines)| *lines > 0)
    .map(|(text, lines)| (text.to_owned(), lines))
    .collect();
    counted(look, "Lines", Fit::Wrap, &rows, &mut out);
    let settings = busiest(&found.settings);
    counted(
        look,
        "Lines by setting",
        Fit::Cut,
        &quoted(&settings, sources),
        &mut out,
    );
    counted(
        look,
        "Lines by default",
        Fit::Cut,
        &quoted(&found.defaults, sources),
        &mut out,
    );
    let library: Vec<(String, usize)> = found
        .library
        .iter()
        .map(|one| (sources.file(one.what).name.clone(), one.lines))
        .collect();
    counted(
        look,
        "Lines by file of the library with a fact",
        Fit::Cut,
        &library,
        &mut out,
    );
    let rules: Vec<(String, usize)> = found
        .rules
        .iter()
        .map(|one| (one.what.to_owned(), one.lines))
        .collect();
    counted(look, "Lines by rule", Fit::Wrap, &rules, &mut out);
    steps(found, look, &mut out);
    foreseen::human(&title.foreseen, title.is_folder, look, &mut out);
    out
}

fn holds(secret: usize, files: usize) -> String {
    match (secret, files) {
        (1, 1) => "it holds".to_owned(),
        (1, _) => "1 holds".to_owned(),
        (many, _) => format!("{many} hold"),
    }
}

/// Who has it, and who runs it.
fn who(title: &Title<'_>, found: &Summary, look: Look, out: &mut String) {
    let all: Vec<&str> = found.machines.iter().map(String::as_str).collect();
    let script = found.steps.iter().any(|step| step.script);
    let text = match (all.as_slice(), title.root) {
        (_, true) => format!("for {}", on(&all)),
        ([], false) => "for people, and for the cluster as a whole: it is not on a machine as a file of its own"
            .to_owned(),
        ([_], false) if script => format!("root runs it on {}", names(&all)),
        ([_], false) => format!("for {}", names(&all)),
        (_, false) if script => format!("root runs it on {}", on(&all)),
        (_, false) => format!("for {}", on(&all)),
    };
    out.push_str(&hanging(look, "  ", None, &text));
}

/// The steps: what each does with the files.
fn steps(found: &Summary, look: Look, out: &mut String) {
    if found.steps.is_empty() {
        return;
    }
    let head = "What running it does, in order";
    out.push_str(&format!("\n{}\n", paint(look, Paint::Heading, head)));
    let wide = found
        .steps
        .iter()
        .map(|step| step.name.len())
        .max()
        .unwrap_or(0);
    for step in found.steps.iter().take(STEPS) {
        let lead = format!("  {:wide$}  ", step.name);
        out.push_str(&hanging(look, &lead, None, &visible(&does(step))));
    }
    if let Some(more) = found
        .steps
        .len()
        .checked_sub(STEPS)
        .filter(|more| *more > 0)
    {
        out.push_str(&format!("  and {more} more\n"));
    }
}

fn does(step: &StepUse) -> String {
    let mut parts = Vec::new();
    match step.places.as_slice() {
        [] => {}
        [(path, owner)] => parts.push(format!("places {} ({owner})", placed(path))),
        many => parts.push(format!("places {} files", many.len())),
    }
    let list = |what: &str, names: &[String]| match names.len() {
        0 => None,
        1..=4 => Some(format!("{what} {}", names.join(", "))),
        many => Some(format!(
            "{what} {} and {} more",
            names[..3].join(", "),
            many - 3
        )),
    };
    parts.extend(list("installs", &step.packages));
    parts.extend(list("configures", &step.services));
    if parts.is_empty() {
        parts.push("runs its script".to_owned());
    }
    parts.join("; ")
}

/// Where a file of the bundle is on the machine, if the bundle's path says it.
fn placed(path: &str) -> String {
    match path.strip_prefix("common/") {
        Some(below) => format!("/{below}"),
        None => path.to_owned(),
    }
}

fn busiest<T: Copy>(found: &[Counted<T>]) -> Vec<Counted<T>> {
    let mut all = found.to_vec();
    all.sort_by_key(|one| std::cmp::Reverse(one.lines));
    all
}

/// Lines of files with their texts.
fn quoted(found: &[Counted<(FileId, usize)>], sources: &Sources) -> Vec<(String, usize)> {
    let one = |one: &Counted<(FileId, usize)>| {
        let (file, line) = one.what;
        let file = sources.file(file);
        let text = file.shown(line).unwrap_or_default();
        (format!("{}:{line}  {}", file.name, text.trim()), one.lines)
    };
    found.iter().map(one).collect()
}

pub(super) fn document(title: &Title<'_>, found: &Summary, sources: &Sources) -> String {
    let places = |all: &[Counted<(FileId, usize)>]| -> Vec<Value> {
        let one = |one: &Counted<(FileId, usize)>| {
            let (file, line) = one.what;
            let file = sources.file(file);
            let text = file.shown(line).unwrap_or_default();
            json!({"file": file.name, "line": line, "text": text.trim(), "lines": one.lines})
        };
        all.iter().map(one).collect()
    };
    let steps = found.steps.iter().map(|step| {
        let places = step.places.iter();
        let places = places.map(|(path, owner)| json!({"path": path, "owner": owner}));
        json!({
            "name": step.name,
            "classes": step.classes,
            "script": step.script,
            "places": places.collect::<Vec<Value>>(),
            "packages": step.packages,
            "services": step.services,
        })
    });
    let library = found.library.iter();
    let library = library
        .map(|one| json!({"file": sources.file(one.what).name, "lines": one.lines}))
        .collect::<Vec<Value>>();
    let rules = found.rules.iter();
    let rules = rules.map(|one| json!({"rule": one.what, "lines": one.lines}));
    let kinds = &found.kinds;
    let document = json!({
        "format": 1,
        "path": title.below,
        "spec": title.spec,
        "files": found.files,
        "secret": found.secret,
        "machines": found.machines,
        "lines": {
            "all": kinds.all(),
            "spec": kinds.spec,
            "library": kinds.library,
            "rule": kinds.rule,
            "constant": kinds.constant,
            "packed": kinds.packed,
        },
        "settings": places(&found.settings),
        "defaults": places(&found.defaults),
        "library": library,
        "rules": rules.collect::<Vec<Value>>(),
        "steps": steps.collect::<Vec<Value>>(),
        "if-changed": foreseen::data(&title.foreseen),
    });
    format!("{document:#}\n")
}
