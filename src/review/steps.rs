//! What the machines run: classes, and the steps in order with what each touches.

use super::files::Files;
use super::names;
use super::page::{Class, PlacedFile, Step};
use crate::Compiled;
use crate::plan::PlannedStep;
use crate::render::{Entry, File};

/// The classes, with the machines of each.
pub(super) fn classes(compiled: &Compiled, shown: &Files) -> Vec<Class> {
    let mut classes: Vec<(String, Vec<&str>)> = Vec::new();
    for step in &compiled.steps {
        if !classes.iter().any(|(name, _)| *name == step.class) {
            classes.push((step.class.clone(), Vec::new()));
        }
    }
    for (path, target) in &shown.links {
        let Some((node, "class.list")) = names::node(path) else {
            continue;
        };
        let class = target.rsplit('/').nth(1).unwrap_or_default();
        if let Some((_, nodes)) = classes.iter_mut().find(|(name, _)| name == class) {
            nodes.push(node);
        }
    }
    let classes = classes.into_iter().map(|(name, nodes)| {
        let folder = format!("classes/{name}/");
        let below = |folder: &str| {
            let paths = shown.by_path.keys();
            paths.filter(|path| path.starts_with(folder)).count()
        };
        let first = nodes.first().copied().unwrap_or_default();
        let has = |table: &&usize| {
            let table = &shown.tables[**table];
            table.nodes.iter().any(|node| node == first)
        };
        let numbers: Vec<usize> = (0..shown.tables.len()).collect();
        Class {
            nodes: names::runs(nodes.iter().copied()),
            count: nodes.len(),
            shared: below(&folder),
            own: below(&format!("nodes/{first}/")),
            tables: numbers.iter().filter(has).copied().collect(),
            name,
        }
    });
    classes.collect()
}

/// The steps in the order in which they run; one that several classes share is there once.
pub(super) fn steps(compiled: &Compiled, shown: &Files) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for planned in &compiled.steps {
        let Some(Entry::File(file)) = compiled.rendered.entries().get(planned.script.as_str())
        else {
            continue;
        };
        let Some(step) = step(planned, file, shown) else {
            continue;
        };
        let known = steps
            .iter_mut()
            .find(|known| known.script == step.script && known.files == step.files);
        match known {
            Some(known) => known.classes.extend(step.classes),
            None => steps.push(step),
        }
    }
    // Names begin with their numbers.
    steps.sort_by(|a, b| a.name.cmp(&b.name));
    steps
}

fn step(planned: &PlannedStep, file: &File, shown: &Files) -> Option<Step> {
    let text = file.content.text()?;
    let code = |line: &&str| !line.trim_start().starts_with('#');
    let files = planned.files.iter().map(|listed| PlacedFile {
        path: listed.bundle.clone(),
        owner: format!("{} {:04o}", listed.placed.owner, listed.placed.mode),
        file: shown.by_path.get(listed.output.as_str()).copied(),
    });
    Some(Step {
        name: planned.name.to_owned(),
        purpose: purpose(&text),
        classes: vec![planned.class.clone()],
        script: *shown.by_path.get(planned.script.as_str())?,
        asked: planned.asked.clone(),
        files: files.collect(),
        packages: planned.packages.clone(),
        services: planned.services.clone(),
        reboot: text
            .lines()
            .filter(code)
            .any(|line| line.contains("needs_reboot")),
    })
}

/// What a script is for: its first comment, after its own name.
fn purpose(text: &str) -> String {
    let lines = text.lines().skip(1);
    let words: Vec<&str> = lines.map_while(|line| line.strip_prefix("# ")).collect();
    let whole = words.join(" ");
    match whole.split_once(": ") {
        Some((_, purpose)) => purpose.to_owned(),
        None => whole,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_purpose_is_the_first_comment() {
        let text = "#!/bin/sh\n# 35-x: the programs\n# that: it uses.\n#\n# Asked for by y\n";
        assert_eq!(super::purpose(text), "the programs that: it uses.");
        assert_eq!(super::purpose(""), "");
    }
}
