//! Pages of the specification: from Markdown to cases.

use std::collections::BTreeMap;
use std::fmt;

/// One spec of a page, with the files next to it.
pub struct Case {
    /// The line of the page where it begins.
    pub line: usize,
    /// The spec.
    pub text: String,
    /// Whether it is a fragment that needs the base around it.
    pub fragment: bool,
    /// Files that it can use.
    pub files: BTreeMap<String, String>,
    /// Files that overlay the standard library.
    pub library: BTreeMap<String, String>,
    /// The report below it.
    pub report: Option<String>,
    /// Whether its section says why it is in the pages of another family (`Stands here: `).
    pub stands_here: bool,
}

/// What a comment expects of its line.
pub struct Expected {
    /// The line in its file, from 1.
    pub line: usize,
    /// Whether a further label is expected, and not a finding.
    pub label: bool,
    /// The code of a finding.
    pub code: String,
    /// A part of the message, or of the label's text.
    pub part: String,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.label {
            write!(f, "the label `{}`", self.part)
        } else {
            write!(f, "{}: {}", self.code, self.part)
        }
    }
}

/// The comments `#! code`, `#! code: part of the message` and `#- part of a label` of a file.
pub fn expectations(text: &str) -> Vec<Expected> {
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let mut rest = line;
        while let Some(at) = [rest.find("#! "), rest.find("#- ")]
            .into_iter()
            .flatten()
            .min()
        {
            let label = rest[at..].starts_with("#- ");
            rest = &rest[at + 3..];
            let end = [rest.find("#! "), rest.find("#- ")]
                .into_iter()
                .flatten()
                .min();
            let said = rest[..end.unwrap_or(rest.len())].trim();
            let (code, part) = match said.split_once(": ") {
                Some((code, part)) if !label => (code, part),
                _ if label => ("", said),
                _ => (said, ""),
            };
            found.push(Expected {
                line: index + 1,
                label,
                code: code.to_owned(),
                part: part.to_owned(),
            });
        }
    }
    found
}

/// The text without those comments, line for line.
pub fn without_expectations(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let end = [line.find("#! "), line.find("#- ")]
            .into_iter()
            .flatten()
            .min();
        out.push_str(end.map_or(line, |end| line[..end].trim_end()));
        out.push('\n');
    }
    out
}

/// The cases of a page, or what is wrong with how it is written.
pub fn cases(page: &str) -> Result<Vec<Case>, String> {
    let mut cases: Vec<Case> = Vec::new();
    let (mut files, mut library) = (BTreeMap::new(), BTreeMap::new());
    let mut name: Option<String> = None;
    let mut stands_here = false;
    let mut lines = page.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        if line.starts_with('#') {
            // Files belong to their section.
            (files, library) = (BTreeMap::new(), BTreeMap::new());
            stands_here = false;
        }
        stands_here |= line.starts_with("Stands here: ");
        let Some(tag) = line.strip_prefix("```") else {
            let named = line
                .strip_prefix('`')
                .and_then(|rest| rest.strip_suffix("`:"));
            if !line.is_empty() {
                name = named.map(str::to_owned);
            }
            continue;
        };
        let mut text = String::new();
        loop {
            match lines.next() {
                Some((_, "```")) => break,
                Some((_, inside)) => {
                    text.push_str(inside);
                    text.push('\n');
                }
                None => return Err(format!("line {}: a fence is not closed", index + 1)),
            }
        }
        let unnamed = || format!("line {}: `{tag}` needs a file name above it", index + 1);
        match tag {
            "pik library" => {
                library.insert(name.take().ok_or_else(unnamed)?, text);
            }
            "report" => {
                let case = cases.last_mut().ok_or("a report without a spec")?;
                case.report = Some(text);
            }
            "pik" | "pik fragment" if name.is_none() => cases.push(Case {
                line: index + 1,
                text,
                fragment: tag == "pik fragment",
                files: files.clone(),
                library: library.clone(),
                report: None,
                stands_here,
            }),
            "pik" | "yaml" | "json" => {
                files.insert(name.take().ok_or_else(unnamed)?, text);
            }
            "text" => {}
            _ => return Err(format!("line {}: what is `{tag}`?", index + 1)),
        }
    }
    Ok(cases)
}
