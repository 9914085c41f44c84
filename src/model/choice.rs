//! `cni auto`: tries every CNI of the library on this cluster, and chooses the one that fits best.
//!
//! The rules decide what fits. They are on a floor above, so the caller that builds a model passes them in, as a [`Judge`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Model;
use crate::declare;
use crate::diagnostic::{Diagnostic, Diagnostics, Edit, Reach, Severity};
use crate::origin::Origin;
use crate::source::{Sources, Span};
use crate::stdlib::{Cni, ConfiguredCni, Library, Maintenance};

declare! {
    /// `cni auto` leaves the choice to pikc. It chooses the CNI that offers what `needs` names, that no rule refuses for this
    /// cluster, and that causes the fewest warnings. It chooses one without maintainers only if no other fits, and among
    /// equals the one that the library ranks first. This note names the choice, and what speaks against the others;
    /// `pikc cni SPEC` prints the same as a table.
    ///
    /// The same spec and the same library always lead to the same choice. A newer library can lead to another one. A running
    /// cluster should name its CNI, because to change it means to rebuild the pod network from scratch.
    ///
    /// ```pik fails
    /// cni auto { needs = [network-policy] }
    /// ```
    ///
    /// ```pik
    /// cni calico { }
    /// ```
    pub static CHOSEN = {
        code: "cni/chosen",
        since: "0.1.0",
        severity: Note,
        title: "the CNI that `cni auto` chose",
        help: "name it, so that it stays when the library changes",
        sources: ["docs/language.md"],
    }

    /// Every CNI of the library lacks something that `needs` names, or a rule refuses it for these machines. The notes say what
    /// rules out each.
    ///
    /// ```pik fails
    /// cni auto { needs = [layer7-policy, network-policy, bgp] }
    /// ```
    ///
    /// ```pik
    /// cni auto { needs = [encryption] }
    /// ```
    pub static NONE_FITS = {
        code: "cni/none-fits",
        since: "0.1.0",
        severity: Error,
        title: "no CNI of the library fits",
        help: "drop one of the needs, or change what rules out the CNI that fits best",
        no_edit: "which need can be given up is a decision about the cluster",
        sources: ["docs/language.md"],
    }
}

/// What the rules find in a cluster because of its CNI: everything except findings about `allow` blocks and unmet needs.
pub type Judge<'a> = &'a dyn Fn(&Model) -> Vec<Diagnostic>;

/// One CNI, tried on a cluster.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// What the library knows of it.
    pub facts: Arc<ConfiguredCni>,
    /// The options that have to be set for what the cluster needs.
    pub settings: BTreeMap<String, String>,
    /// The needs that it cannot meet.
    pub lacks: Vec<String>,
    /// What rules report about the cluster because of it.
    pub findings: Vec<Diagnostic>,
    /// The cluster with it.
    pub model: Model,
}

impl Candidate {
    /// Whether the cluster could be built with it.
    pub fn fits(&self) -> bool {
        self.lacks.is_empty() && self.count(Severity::Error) == 0
    }

    /// How many findings of a severity there are.
    pub fn count(&self, severity: Severity) -> usize {
        let of = |finding: &&Diagnostic| finding.severity == severity;
        self.findings.iter().filter(of).count()
    }

    /// The order of preference: those that fit, those that are maintained, fewest warnings, the library's rank.
    fn order(&self) -> (bool, usize, bool, usize, i64) {
        let refusals = self.count(Severity::Error) + self.lacks.len();
        // Two warnings about small boards are no reason to build on something that no one maintains.
        let unmaintained = self
            .facts
            .status
            .as_ref()
            .is_some_and(|status| status.value != Maintenance::Active);
        (
            !self.fits(),
            refusals,
            unmaintained,
            self.count(Severity::Warning),
            self.facts.rank,
        )
    }

    /// The block to write in a spec.
    pub fn block(&self) -> String {
        let settings: Vec<String> = self
            .settings
            .iter()
            .map(|(option, value)| format!("{option} = {value}"))
            .collect();
        match settings.is_empty() {
            true => format!("cni {} {{}}", self.facts.name),
            false => format!("cni {} {{ {} }}", self.facts.name, settings.join(", ")),
        }
    }

    /// What speaks against it, one line each.
    pub fn against(&self) -> Vec<String> {
        let title = &self.facts.title;
        let lacks = self
            .lacks
            .iter()
            .map(|need| format!("{title} has no {}", need_in_words(need)));
        let findings = self
            .findings
            .iter()
            .filter(|finding| finding.severity != Severity::Note);
        lacks
            .chain(findings.map(|finding| finding.message.clone()))
            .collect()
    }
}

/// A need, for people.
pub fn need_in_words(need: &str) -> String {
    match need {
        "network-policy" => "network policies".to_owned(),
        "layer7-policy" => "layer 7 policies".to_owned(),
        "encryption" => "encryption".to_owned(),
        "bgp" => "BGP".to_owned(),
        "plain-routes" => "plain routes".to_owned(),
        "without-kube-proxy" => "kube-proxy replacement".to_owned(),
        "maintained" => "maintainers".to_owned(),
        "commercial-support" => "commercial support".to_owned(),
        other => other.to_owned(),
    }
}

/// Every CNI of the library on this cluster, the best first. The one that the spec names is tried with the options of the spec.
pub fn candidates(
    model: &Model,
    needs: &[String],
    judge: Judge<'_>,
    library: &mut Library,
    sources: &mut Sources,
) -> Vec<Candidate> {
    let baseline = judge(&model.without_cni());
    // The same finding at the same place, even if a number in it differs.
    let known: BTreeSet<(&str, Option<Span>)> = baseline
        .iter()
        .map(|finding| (finding.descriptor.code, finding.span()))
        .collect();
    let named = model.cluster.cni.as_ref();
    let place: Vec<Origin> = named.iter().map(|own| own.name.origin.clone()).collect();
    let mut out: Vec<Candidate> = library
        .names("cni")
        .iter()
        .filter_map(|name| {
            let own = named.filter(|own| own.name.value == *name);
            let facts = library.cni(name, sources, &mut Diagnostics::default())?;
            let facts = facts.for_options(|option| own?.option_text(option));
            // A CNI that the operator installs cannot be tried.
            if facts.by_hand && own.is_none() {
                return None;
            }
            let (mut settings, lacks) = offered(&facts, needs, own.is_some().then_some(model));
            for limit in facts
                .limits
                .iter()
                .filter(|limit| limit.is_passed(model.nodes.len()))
            {
                if let Some(other) = limit.value.as_deref().and_then(opposite) {
                    settings
                        .entry(limit.option.clone())
                        .or_insert_with(|| other.to_owned());
                }
            }
            let because = Origin::derived("tried on this cluster", place.clone());
            let model = match own {
                Some(_) => model.clone(),
                None => model.with_cni(name, &settings, &because, library, sources)?,
            };
            let findings = judge(&model)
                .into_iter()
                .filter(|finding| !known.contains(&(finding.descriptor.code, finding.span())))
                .collect();
            Some(Candidate {
                facts: Arc::new(facts),
                settings,
                lacks,
                findings,
                model,
            })
        })
        .collect();
    out.sort_by_key(Candidate::order);
    out
}

/// The other value of a switch.
fn opposite(value: &str) -> Option<&'static str> {
    match value {
        "off" => Some("on"),
        "on" => Some("off"),
        _ => None,
    }
}

/// The options that the needs require, and the needs that cannot be met. If the spec sets the options, its values count.
pub fn offered(
    facts: &Cni,
    needs: &[String],
    set: Option<&Model>,
) -> (BTreeMap<String, String>, Vec<String>) {
    let mut settings: BTreeMap<String, String> = BTreeMap::new();
    let mut lacks = Vec::new();
    let given = |option: &str| {
        let choice = set?.cluster.cni.as_ref()?;
        Some(choice.option(option)?.value.to_string())
    };
    for need in needs {
        let met = facts
            .offers
            .iter()
            .filter(|offer| offer.name == *need)
            .any(|offer| {
                let Some((option, value)) = &offer.option else {
                    return true;
                };
                if set.is_some() {
                    let given = given(option);
                    return given.is_some() && (value.is_none() || given == *value);
                }
                // pikc cannot choose the value: it is the name of a secret.
                let Some(value) = value else {
                    return false;
                };
                match settings.get(option) {
                    Some(other) => other == value,
                    None => {
                        settings.insert(option.clone(), value.clone());
                        true
                    }
                }
            });
        if !met {
            lacks.push(need.clone());
        }
    }
    (settings, lacks)
}

/// The chosen CNI in place of `auto`, with its settings.
fn pinned(auto: &Origin, best: &Candidate) -> Option<Vec<Edit>> {
    let Origin::Written(span) = *auto else {
        return None;
    };
    let lines = best
        .settings
        .iter()
        .map(|(option, value)| format!("{option} = {value}"));
    let lines = lines.collect::<Vec<_>>().join("\n");
    let mut edits = vec![Edit {
        span,
        replacement: best.facts.name.clone(),
        reach: Reach::Span,
    }];
    if !lines.is_empty() {
        edits.push(Edit {
            span,
            replacement: lines,
            reach: Reach::Inside,
        });
    }
    Some(edits)
}

/// Replaces `cni auto` with the CNI that fits best, and reports which and why.
pub(super) fn choose(
    model: &mut Model,
    judge: Judge<'_>,
    library: &mut Library,
    sources: &mut Sources,
    out: &mut Diagnostics,
) {
    let Some(open) = model
        .cluster
        .cni
        .as_ref()
        .filter(|choice| choice.is_open())
        .cloned()
    else {
        return;
    };
    let needs: Vec<String> = open.needs.iter().map(|need| need.value.clone()).collect();
    let mut tried = candidates(model, &needs, judge, library, sources);
    let asked: Vec<Origin> = std::iter::once(&open.name.origin)
        .chain(open.needs.iter().map(|need| &need.origin))
        .cloned()
        .collect();
    let place = open.name.origin.span();
    let fits = tried.first().is_some_and(Candidate::fits);
    let others: Vec<String> = tried
        .iter()
        .skip(usize::from(fits))
        .map(|other| match other.against() {
            against if against.is_empty() => {
                format!(
                    "{}: fits too, but the library ranks it lower",
                    other.facts.title
                )
            }
            against => against.join("; "),
        })
        .collect();
    let finding = match fits {
        true => {
            let best = tried.remove(0);
            let block = best.block();
            let because = Origin::derived(
                "`cni auto`: the CNI that fits this cluster and what it needs",
                asked,
            );
            if let Some(chosen) =
                model.with_cni(&best.facts.name, &best.settings, &because, library, sources)
            {
                *model = chosen;
            }
            Diagnostic::new(
                &CHOSEN,
                format!(
                    "`cni auto` chooses {}, the same as `{block}`",
                    best.facts.title
                ),
            )
            .label(place, best.facts.named())
            .choice(|it| match pinned(&open.name.origin, &best) {
                Some(edits) => it.edits(format!("write `{block}`"), edits),
                None => it,
            })
            .help(format!(
                "write `{block}`, so that it stays when the library changes"
            ))
        }
        false => Diagnostic::new(
            &NONE_FITS,
            "no CNI of the library fits this cluster and what it needs",
        )
        .label(place, "none can be chosen"),
    };
    let finding = open
        .needs
        .iter()
        .fold(finding, |finding, need| finding.label(need, "needed"));
    out.push(others.into_iter().fold(finding, Diagnostic::note));
}
