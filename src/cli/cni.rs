//! `pikc cni`: tries every CNI of the library on this cluster.

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::shared::args::Reading;
use super::shared::console::{Console, Look, Paint, hanging, paint, parts, visible};
use super::shared::exit::{Exit, Outcome};
use super::shared::files::{self, shown};
use super::shared::paths;
use super::shared::report::{self, count};
use crate::Analysis;
use crate::check;
use crate::diagnostic::{Diagnostic, Severity};
use crate::model::{Candidate, candidates};
use crate::source::Sources;

/// What a cluster can need, and the table's words for it.
const NEEDS: &[(&str, &str)] = &[
    ("network-policy", "network policies"),
    ("layer7-policy", "layer 7 policies"),
    ("encryption", "encryption"),
    ("bgp", "BGP"),
    ("plain-routes", "plain routes"),
    ("without-kube-proxy", "kube-proxy replacement"),
    ("maintained", "maintained"),
    ("commercial-support", "commercial support"),
];

/// `pikc cni`
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  pikc cni cluster.pik --needs network-policy   which CNIs fit, and what rules out the others"
)]
pub(super) struct CniArgs {
    /// The spec; `-` is standard input
    #[arg(value_name = "SPEC", value_parser = paths::path)]
    pub spec: Utf8PathBuf,
    /// What is needed in addition to what the spec names, separated by commas
    #[arg(long, value_name = "NEEDS", value_delimiter = ',', value_parser = needs())]
    pub needs: Vec<String>,
    /// The output format
    #[arg(long, value_enum, default_value_t = TableFormat::Human, value_name = "FORMAT")]
    pub format: TableFormat,
    #[command(flatten)]
    pub reading: Reading,
}

/// How a table is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TableFormat {
    /// For people
    Human,
    /// For programs
    Json,
    /// For a page or an issue
    Markdown,
}

pub(super) fn run(args: &CniArgs, console: &Console) -> Outcome {
    let mut analysis = files::judge(&args.spec, &args.reading, None)?;
    console.report(&report::render(&analysis, shown(&args.spec), console.err));
    let Some(model) = analysis.model.clone() else {
        return Ok(Exit::Mistakes);
    };
    let said = model.cluster.cni.iter().flat_map(|own| &own.needs);
    let mut needs: Vec<String> = said.map(|need| need.value.clone()).collect();
    for need in &args.needs {
        if !needs.contains(need) {
            needs.push(need.clone());
        }
    }
    let tried = candidates(
        &model,
        &needs,
        &check::verdict,
        &mut analysis.library,
        &mut analysis.sources,
    );
    let table = Table {
        analysis: &analysis,
        nodes: model.nodes.len(),
        needs: &needs,
        tried: &tried,
    };
    console.result(&match args.format {
        TableFormat::Human => table.human(console.out),
        TableFormat::Json => table.json(),
        TableFormat::Markdown => table.markdown(),
    })?;
    Ok(if analysis.diagnostics.has_errors() {
        Exit::Mistakes
    } else {
        Exit::Done
    })
}

/// The words that `--needs` accepts.
fn needs() -> Vec<&'static str> {
    NEEDS.iter().map(|(word, _)| *word).collect()
}

struct Table<'a> {
    analysis: &'a Analysis,
    nodes: usize,
    needs: &'a [String],
    tried: &'a [Candidate],
}

impl Table<'_> {
    fn taken(&self) -> Option<&Candidate> {
        self.tried.first().filter(|first| first.fits())
    }

    fn sources(&self) -> &Sources {
        &self.analysis.sources
    }

    fn title(&self) -> String {
        let needed = match self.needs {
            [] => "no needs named".to_owned(),
            needs => format!("needed: {}", needs.join(", ")),
        };
        format!("{}, {needed}", count(self.nodes, "node"))
    }

    fn last_line(&self) -> String {
        match self.taken() {
            Some(best) => format!("`cni auto` chooses {}: {}", best.facts.title, best.block()),
            None => "`cni auto` chooses none of them".to_owned(),
        }
    }

    fn human(&self, look: Look) -> String {
        let width = |text: &str| text.chars().count();
        let names = self.tried.iter().map(|one| width(&one.facts.title));
        let name_width = names.max().unwrap_or(0);
        let verdicts = self.tried.iter().map(|one| width(&verdict(one)));
        let verdict_width = verdicts.max().unwrap_or(0);
        let mut out = format!("{}\n\n", paint(look, Paint::Heading, &self.title()));
        for one in self.tried {
            let (words, colour) = (verdict(one), colour(one));
            let lead = format!("{:name_width$}  {words:verdict_width$}  ", one.facts.title);
            let indent = " ".repeat(width(&lead));
            let why = self.why(one);
            if why.is_empty() {
                let advice = one.facts.advice.clone().unwrap_or_default();
                out.push_str(&hanging(look, &lead, colour, &advice));
            }
            for (index, reason) in why.iter().enumerate() {
                let lead = if index == 0 { &lead } else { &indent };
                let colour = colour.filter(|_| index == 0);
                out.push_str(&hanging(look, lead, colour, &visible(reason)));
            }
        }
        out.push('\n');
        let heads: Vec<String> = self
            .tried
            .iter()
            .map(|one| one.facts.title.clone())
            .collect();
        let mut rows = vec![heads];
        let mut firsts = vec![String::new()];
        for (first, row) in self.facts() {
            firsts.push(first);
            rows.push(row);
        }
        let first_width = firsts.iter().map(|first| width(first)).max().unwrap_or(0);
        let columns: Vec<usize> = (0..self.tried.len())
            .map(|column| {
                rows.iter()
                    .map(|row| width(&row[column]))
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        for (number, part) in parts(&columns, look.width.saturating_sub(first_width))
            .into_iter()
            .enumerate()
        {
            if number > 0 {
                out.push('\n');
            }
            for (index, (first, row)) in firsts.iter().zip(&rows).enumerate() {
                let cells: Vec<String> = part
                    .clone()
                    .map(|column| format!("{:wide$}", row[column], wide = columns[column]))
                    .collect();
                let line = format!("{first:first_width$}  {}", cells.join("  "));
                let line = line.trim_end();
                out.push_str(&match index {
                    0 => paint(look, Paint::Heading, line),
                    _ => line.to_owned(),
                });
                out.push('\n');
            }
        }
        out.push_str(&format!("\n{}\n", self.last_line()));
        out
    }

    /// The rows for what each one can do and what it requires.
    fn facts(&self) -> Vec<(String, Vec<String>)> {
        let row = |cell: &dyn Fn(&Candidate) -> String| self.tried.iter().map(cell).collect();
        let mut rows: Vec<(String, Vec<String>)> = NEEDS
            .iter()
            .map(|(need, words)| ((*words).to_owned(), row(&|one| offer(one, need))))
            .collect();
        rows.push((
            "memory a node should have".to_owned(),
            row(&|one| {
                let wanted = one.facts.node_memory.as_ref();
                wanted.map_or("any".to_owned(), |wanted| wanted.value.to_string())
            }),
        ));
        rows.push((
            "Kubernetes".to_owned(),
            row(
                &|one| match (&one.facts.kubernetes_min, &one.facts.kubernetes_max) {
                    (Some(first), Some(last)) => format!("{} to {}", first.value, last.value),
                    (Some(first), None) => format!("{} and later", first.value),
                    (None, _) => "not stated".to_owned(),
                },
            ),
        ));
        rows.push((
            "architectures".to_owned(),
            row(&|one| {
                let known = one.facts.architectures.iter();
                known
                    .map(|one| one.value.as_str())
                    .collect::<Vec<_>>()
                    .join(", ")
            }),
        ));
        rows
    }

    /// What speaks against it, with the place of the setting that causes it.
    fn why(&self, one: &Candidate) -> Vec<String> {
        let lacks = one
            .lacks
            .iter()
            .map(|need| format!("cannot do what is needed: {need}"));
        let findings = counted(one).map(|finding| match self.place(finding) {
            Some((file, line)) => format!("{} ({file}:{line})", finding.message),
            None => finding.message.clone(),
        });
        lacks.chain(findings).collect()
    }

    /// The setting that causes a finding: the first that is not the choice of the CNI itself.
    fn place(&self, finding: &Diagnostic) -> Option<(String, usize)> {
        let own = self.analysis.model.as_ref()?.cluster.cni.as_ref();
        let choice = own.and_then(|own| own.name.origin.span());
        let spans = || finding.labels.iter().map(|label| label.span);
        let span = spans()
            .find(|span| Some(*span) != choice)
            .or_else(|| spans().next())?;
        let file = self.sources().file(span.file);
        Some((file.name.clone(), self.sources().start(span).line))
    }

    fn json(&self) -> String {
        let all: Vec<Value> = self
            .tried
            .iter()
            .map(|one| {
                let findings: Vec<Value> = counted(one)
                    .map(|finding| {
                        let place = self.place(finding);
                        json!({
                            "code": finding.descriptor.code,
                            "severity": finding.severity.word(),
                            "message": finding.message,
                            "file": place.as_ref().map(|(file, _)| file),
                            "line": place.as_ref().map(|(_, line)| line),
                        })
                    })
                    .collect();
                let offers: Vec<Value> = one
                    .facts
                    .offers
                    .iter()
                    .map(|offer| {
                        let with = offer.option.as_ref();
                        json!({"need": offer.name, "option": with.map(|(option, _)| option), "value": with.map(|(_, value)| value)})
                    })
                    .collect();
                let list = |texts: &[crate::origin::Sourced<String>]| -> Vec<String> {
                    texts.iter().map(|text| text.value.clone()).collect()
                };
                json!({
                    "name": one.facts.name,
                    "title": one.facts.title,
                    "version": one.facts.version.as_ref().map(|version| version.value.to_string()),
                    "status": one.facts.status.as_ref().map(|status| &status.value),
                    "fits": one.fits(),
                    "settings": one.settings,
                    "lacks": one.lacks,
                    "findings": findings,
                    "offers": offers,
                    "node-memory": one.facts.node_memory.as_ref().map(|size| size.value.to_string()),
                    "architectures": list(&one.facts.architectures),
                    "kubernetes": {
                        "min": one.facts.kubernetes_min.as_ref().map(|first| first.value.to_string()),
                        "max": one.facts.kubernetes_max.as_ref().map(|last| last.value.to_string()),
                    },
                    "advice": one.facts.advice,
                })
            })
            .collect();
        let document = json!({
            "nodes": self.nodes,
            "needs": self.needs,
            "taken": self.taken().map(|best| &best.facts.name),
            "candidates": all,
        });
        format!("{document:#}\n")
    }

    fn markdown(&self) -> String {
        let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ");
        let mut out = format!("{}\n\n| CNI | here | why |\n|---|---|---|\n", self.title());
        for one in self.tried {
            let why = match self.why(one) {
                why if why.is_empty() => one.facts.advice.clone().unwrap_or_default(),
                why => why.join("; "),
            };
            out.push_str(&format!(
                "| {} | {} | {} |\n",
                cell(&one.facts.title),
                verdict(one),
                cell(&why)
            ));
        }
        let heads: Vec<String> = self
            .tried
            .iter()
            .map(|one| cell(&one.facts.title))
            .collect();
        out.push_str(&format!(
            "\n| | {} |\n|---|{}\n",
            heads.join(" | "),
            "---|".repeat(heads.len())
        ));
        for (first, row) in self.facts() {
            let cells: Vec<String> = row.iter().map(|text| cell(text)).collect();
            out.push_str(&format!("| {first} | {} |\n", cells.join(" | ")));
        }
        out.push_str(&format!("\n{}\n", self.last_line()));
        out
    }
}

/// Its errors and warnings.
fn counted(one: &Candidate) -> impl Iterator<Item = &Diagnostic> {
    one.findings
        .iter()
        .filter(|finding| finding.severity != Severity::Note)
}

fn verdict(one: &Candidate) -> String {
    match (one.fits(), one.count(Severity::Warning)) {
        (false, _) => "does not fit".to_owned(),
        (true, 0) => "fits".to_owned(),
        (true, warnings) => count(warnings, "warning"),
    }
}

fn colour(one: &Candidate) -> Option<Paint> {
    match (one.fits(), one.count(Severity::Warning)) {
        (false, _) => Some(Paint::Error),
        (true, 0) => None,
        (true, _) => Some(Paint::Warning),
    }
}

/// Whether it can do something, and with which option.
fn offer(one: &Candidate, need: &str) -> String {
    let Some(offer) = one.facts.offers.iter().find(|offer| offer.name == need) else {
        return "no".to_owned();
    };
    offer.setting().unwrap_or_else(|| "yes".to_owned())
}
