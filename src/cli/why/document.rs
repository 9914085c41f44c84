//! What a line of a spec makes, for programs.

use serde_json::{Value, json};

use super::found::Found;
use crate::trace::{MadeLine, Part};

impl Found<'_> {
    /// All of it.
    pub(super) fn document(&self) -> String {
        let sources = self.sources();
        let made = &self.made;
        let groups = made.groups.iter().map(|group| {
            json!({
                "title": group.title,
                "paths": group.paths,
                "machines": self.on(group),
                "lines": group.lines.iter().map(data).collect::<Vec<_>>(),
                "of": group.of,
            })
        });
        let others = made.others.iter().map(|other| {
            let line = sources.start(other.span).line;
            let file = sources.file(other.span.file);
            json!({
                "part": word(other.part),
                "file": file.name,
                "line": line,
                "text": file.shown(line).unwrap_or_default().trim(),
                "lines": other.lines,
            })
        });
        let rules = made.rules.iter();
        let rules = rules.map(|(rule, lines)| json!({"rule": rule, "lines": lines}));
        let start = sources.start(self.span);
        let document = json!({
            "format": 1,
            "place": {
                "file": sources.file(self.span.file).name,
                "line": start.line,
                "column": self.column.map(|_| start.column),
                "text": self.text(),
            },
            "lines": made.lines,
            "files": made.files,
            "groups": groups.collect::<Vec<Value>>(),
            "packed": made.packed,
            "rules": rules.collect::<Vec<Value>>(),
            "others": others.collect::<Vec<Value>>(),
        });
        format!("{document:#}\n")
    }
}

fn word(part: Part) -> &'static str {
    match part {
        Part::Setting => "setting",
        Part::Default => "default",
        Part::Fact => "fact",
    }
}

fn data(line: &MadeLine) -> Value {
    match &line.text {
        Ok(text) => json!({"line": line.number, "text": text, "differs": line.differs}),
        Err(why) => json!({"line": line.number, "hidden": why, "differs": line.differs}),
    }
}
