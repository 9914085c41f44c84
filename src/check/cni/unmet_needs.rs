//! A CNI that the spec names, and that cannot do what the spec needs.

use crate::check::support::findings::Findings;
use crate::check::support::offers::instead;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{CniChoice, Model, need_in_words, offered};
use crate::origin::{Origin, Sourced};

declare! {
    /// The spec names what it needs of its CNI, and this one cannot do it, or not with the options set here. Nothing
    /// refuses it later: a network policy under a CNI without policies is accepted, and does nothing.
    ///
    /// ```pik fails
    /// cni flannel { needs = [network-policy] }
    /// ```
    ///
    /// ```pik
    /// cni calico { needs = [network-policy] }
    /// ```
    pub static LACKS = {
        code: "cni/lacks-a-need",
        since: "0.1.0",
        severity: Error,
        title: "a CNI that cannot do what is needed",
        help: "write `cni auto` with the same `needs`, or compare the CNIs with `pikc cni SPEC`",
        sources: ["flannel-io/flannel README", "docs/language.md"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&LACKS];

/// Offers the value of the option that has what is needed.
fn turned_on(
    finding: Diagnostic,
    choice: &CniChoice,
    option: &str,
    value: &str,
    need: &Origin,
) -> Diagnostic {
    let given = choice
        .option(option)
        .filter(|given| given.origin.is_written());
    match given {
        Some(given) => instead(finding, &given.origin, [value]),
        None => finding.choice(|it| it.add_beside(need, &format!("{option} = {value}"))),
    }
}

/// Reports the needs that the named CNI does not meet.
pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let (Some(choice), Some(facts)) = (&model.cluster.cni, &model.facts.cni) else {
        return;
    };
    let needs: Vec<String> = choice.needs.iter().map(|need| need.value.clone()).collect();
    let (_, lacks) = offered(facts, &needs, Some(model));
    let lacking: Vec<&Sourced<String>> = choice
        .needs
        .iter()
        .filter(|need| lacks.contains(&need.value))
        .collect();
    for need in lacking {
        let offers = facts.offers.iter().find(|offer| offer.name == need.value);
        let (why, help) = match offers.and_then(|offer| offer.setting()) {
            Some(setting) => (
                format!(
                    "{} has {} only with `{setting}`",
                    facts.title,
                    need_in_words(&need.value)
                ),
                Some(format!("write `{setting}`")),
            ),
            None if facts.by_hand => (
                format!(
                    "pikc cannot tell whether the network that you bring has {}",
                    need_in_words(&need.value)
                ),
                None,
            ),
            None => (
                format!("{} has no {}", facts.title, need_in_words(&need.value)),
                None,
            ),
        };
        let finding = Diagnostic::new(&LACKS, why)
            .label(need, "needed")
            .label(&choice.name, "this CNI");
        let option = offers.and_then(|offer| offer.option.as_ref());
        let finding = match option.and_then(|(option, value)| Some((option, value.as_ref()?))) {
            Some((option, value)) => turned_on(finding, choice, option, value, &need.origin),
            None => finding,
        };
        let finding = finding.choice(|it| it.remove_element("do without it", &need.origin));
        out.push(match help {
            Some(help) => finding.help(help),
            None => finding,
        });
    }
}
