//! Each distinct file once: files with the same content are one, and files that each node has of its own are one text with a table.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::columns::{Tables, around};
use super::names;
use super::page::{Counts, Hidden, Line, Run, Shown, Table};
use super::reasons::Reasons;
use crate::render::{Entry, File, LineOrigin, Rendered};
use crate::trace::Veil;

/// The files of a tree, as they are shown.
pub(super) struct Files {
    pub files: Vec<Shown>,
    pub tables: Vec<Table>,
    pub links: BTreeMap<String, String>,
    pub counts: Counts,
    /// Which of the files shows a path.
    pub by_path: HashMap<String, usize>,
}

/// A file of the tree.
struct Member<'a> {
    path: &'a str,
    node: &'a str,
    file: &'a File,
    /// What it shares with others, and its own.
    text: Option<[Cow<'a, str>; 2]>,
    hidden: Vec<Option<Hidden>>,
    secret: bool,
}

impl Member<'_> {
    fn lines(&self) -> impl Iterator<Item = &str> {
        let texts = self.text.iter().flatten();
        texts.flat_map(|text| text.split_terminator('\n'))
    }

    /// Whether its last line has no line break.
    fn is_unended(&self) -> bool {
        let mut texts = self.text.iter().flatten().rev();
        texts
            .find(|text| !text.is_empty())
            .is_some_and(|text| !text.ends_with('\n'))
    }
}

/// What files have in common that are shown as one text.
#[derive(PartialEq, Eq, Hash)]
enum Key<'a> {
    /// The same content.
    Same([u8; 32], u32),
    /// A file of the same name that the nodes of a class have: name, class, mode, which lines are hidden.
    Own(&'a str, &'a str, u32, Vec<Option<Hidden>>),
}

/// Every file of the tree, each distinct one once.
pub(super) fn shown<'a>(rendered: &'a Rendered, reasons: &mut Reasons<'a>) -> Files {
    let (members, links) = members(rendered);
    let mut counts = Counts {
        files: members.len(),
        links: links.len(),
        ..Counts::default()
    };
    for member in &members {
        counts.lines += member.hidden.len();
        let count = |what| member.hidden.iter().filter(|one| **one == what).count();
        counts.shown += count(None);
        counts.secret += count(Some(Hidden::Secret));
        counts.packed += count(Some(Hidden::Packed));
        counts.binary += usize::from(member.text.is_none());
    }
    let distinct: HashSet<[u8; 32]> = members
        .iter()
        .map(|one| one.file.content.sha256())
        .collect();
    counts.distinct = distinct.len();
    let mut out = Files {
        files: Vec::new(),
        tables: Vec::new(),
        links,
        counts,
        by_path: HashMap::new(),
    };
    let mut tables = Tables::default();
    for group in groups(&members, rendered) {
        let number = out.files.len();
        for member in &group {
            out.by_path.insert(member.path.to_owned(), number);
        }
        out.files.push(file(&group, number, &mut tables, reasons));
    }
    out.tables = tables.finish();
    out
}

fn members(rendered: &Rendered) -> (Vec<Member<'_>>, BTreeMap<String, String>) {
    let mut links = BTreeMap::new();
    let mut members = Vec::new();
    let veil = Veil::new(rendered);
    let mut beginnings = Beginnings::new();
    for (path, entry) in rendered.entries() {
        match entry {
            Entry::Link(target) => {
                links.insert(path.clone(), target.to_string());
            }
            Entry::File(file) => {
                let mut member = Member {
                    path,
                    node: names::node(path).map_or("", |(node, _)| node),
                    file,
                    text: file.content.texts(),
                    hidden: Vec::new(),
                    secret: veil.is_secret(file),
                };
                member.hidden = hidden(&member, &veil, &mut beginnings);
                members.push(member);
            }
        }
    }
    (members, links)
}

/// What is hidden in beginnings that several files share: a thousand files may begin with the same forty kilobytes. By mode, because a line
/// about which nothing is known is hidden in a file that only root may read.
type Beginnings = HashMap<(*const LineOrigin, u32), Vec<Option<Hidden>>>;

fn hidden(member: &Member<'_>, veil: &Veil, seen: &mut Beginnings) -> Vec<Option<Hidden>> {
    let Some([begin, own]) = &member.text else {
        return Vec::new();
    };
    let mode = member.file.mode;
    let shared = member.file.content.shared_lines();
    if begin.is_empty() {
        return veil.of_lines(mode, member.file.origins(), own.split_terminator('\n'));
    }
    let of_begin = || veil.of_lines(mode, shared.iter(), begin.split_terminator('\n'));
    let mut all = match shared.is_empty() {
        true => of_begin(),
        false => {
            let known = seen.entry((shared.as_ptr(), mode));
            known.or_insert_with(of_begin).clone()
        }
    };
    all.extend(veil.of_lines(mode, member.file.lines.iter(), own.split_terminator('\n')));
    all
}

/// The files in groups that are shown as one, in the order of their first paths.
fn groups<'m, 'a>(members: &'m [Member<'a>], rendered: &'a Rendered) -> Vec<Vec<&'m Member<'a>>> {
    let class = |node: &str| match rendered
        .entries()
        .get(format!("nodes/{node}/class.list").as_str())
    {
        Some(Entry::Link(target)) => target.as_str(),
        _ => "",
    };
    let mut paths: HashMap<([u8; 32], u32), usize> = HashMap::new();
    for member in members {
        *paths
            .entry((member.file.content.sha256(), member.file.mode))
            .or_default() += 1;
    }
    let mut places: HashMap<Key<'a>, usize> = HashMap::new();
    let mut groups: Vec<Vec<&Member<'a>>> = Vec::new();
    for member in members {
        let same = (member.file.content.sha256(), member.file.mode);
        let key = match names::node(member.path) {
            Some((node, rest)) if member.text.is_some() && paths.get(&same) == Some(&1) => {
                Key::Own(rest, class(node), member.file.mode, member.hidden.clone())
            }
            _ => Key::Same(same.0, same.1),
        };
        let next = groups.len();
        let place = *places.entry(key).or_insert(next);
        match groups.get_mut(place) {
            Some(group) => group.push(member),
            None => groups.push(vec![member]),
        }
    }
    groups
}

/// One group as it is shown: the first file's text, and what differs in the others.
fn file<'a>(
    group: &[&Member<'a>],
    number: usize,
    tables: &mut Tables,
    reasons: &mut Reasons<'a>,
) -> Shown {
    let first = group[0];
    let sum = hex(first.file.content.sha256());
    let differ = group
        .iter()
        .any(|one| one.file.content.sha256() != first.file.content.sha256());
    let secret = group.iter().any(|one| one.secret);
    let table = differ.then(|| tables.table(group.iter().map(|one| one.node.to_owned()).collect()));
    let rest = names::node(first.path).map_or(first.path, |(_, rest)| rest);
    let all: Vec<Vec<&str>> = group.iter().map(|one| one.lines().collect()).collect();
    let line = |index: usize, tables: &mut Tables| -> Line {
        // What is hidden at one path is hidden at all.
        let mut hidden = group.iter().filter_map(|one| *one.hidden.get(index)?);
        if let Some(hidden) = hidden.next() {
            return Line::Hidden { hidden };
        }
        let text = all[0][index];
        let Some(table) = table.filter(|_| all.iter().any(|lines| lines[index] != text)) else {
            return Line::Text(text.to_owned());
        };
        let versions: Vec<&str> = all.iter().map(|lines| lines[index]).collect();
        let (before, after) = around(&versions);
        let middle = |text: &&str| text[before..text.len() - after].to_owned();
        let values = versions.iter().map(middle).collect();
        Line::Varies {
            before: text[..before].to_owned(),
            column: tables.column(table, values, format!("{rest}:{}", index + 1)),
            after: text[text.len() - after..].to_owned(),
        }
    };
    let mut all_lines = Vec::with_capacity(first.hidden.len());
    for index in 0..first.hidden.len() {
        all_lines.push(line(index, tables));
    }
    let runs = runs(all_lines, first.file, reasons);
    let starts: Vec<usize> = runs
        .iter()
        .flat_map(|run| run.lines.iter().map(|_| run.first))
        .collect();
    for (row, member) in group.iter().enumerate().skip(1) {
        match table {
            Some(table) => reasons.in_row(member.file, table, row),
            None => reasons.in_file(member.file, number, &starts),
        }
    }
    let sums = table.filter(|_| !secret).map(|table| {
        let values = group
            .iter()
            .map(|one| hex(one.file.content.sha256()))
            .collect();
        tables.column(table, values, format!("SHA-256 of {rest}"))
    });
    Shown {
        title: match differ {
            true => format!("nodes/*/{rest}"),
            false => first.path.to_owned(),
        },
        paths: group.iter().map(|one| one.path.to_owned()).collect(),
        mode: format!("{:04o}", first.file.mode),
        size: first.file.content.len(),
        sha256: if secret || differ { String::new() } else { sum },
        secret,
        unended: first.is_unended(),
        table,
        sums,
        runs,
    }
}

/// Lines in runs that are there for the same reason.
fn runs<'a>(lines: Vec<Line>, file: &'a File, reasons: &mut Reasons<'a>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut origins = file.origins();
    for (index, line) in lines.into_iter().enumerate() {
        let why = origins.next().and_then(|origins| reasons.number(origins));
        match runs.last_mut() {
            Some(run) if run.why == why => run.lines.push(line),
            _ => runs.push(Run {
                first: index + 1,
                why,
                lines: vec![line],
            }),
        }
    }
    runs
}

fn hex(sum: [u8; 32]) -> String {
    sum.iter().map(|byte| format!("{byte:02x}")).collect()
}
