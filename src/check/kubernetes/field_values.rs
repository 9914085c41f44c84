//! Values that the kubelet or kube-proxy refuses when it starts, by the library's table of what they accept.

use super::value_forms::{fits, in_words, meant, meant_quantity, meant_time};
use crate::check::support::findings::Findings;
use crate::check::support::offers::text_instead;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, suggest};
use crate::model::{Data, Model, Said, Told, quoted};
use crate::origin::Origin;
use crate::stdlib::{Accepts, Demand, Field};
use crate::value::{go_duration, kubernetes_quantity};

declare! {
    /// The kubelet checks its configuration when it starts, and exits at a value that it does not accept. kubeadm does not read that
    /// document: `kubeadm init` waits four minutes for the kubelet, and only the journal of the machine names the field.
    ///
    /// `pikc stdlib show limits/kubelet` lists what is accepted. A value below or above the range counts, and so does a length of
    /// time that Go does not read (`1d`) and an amount that is not one of Kubernetes (`300MB`).
    ///
    /// ```pik fails
    /// kubelet { fields { oomScoreAdj = 2000 } }
    /// ```
    ///
    /// ```pik
    /// kubelet { fields { oomScoreAdj = -900 } }
    /// ```
    ///
    /// ```yaml fails
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// kubeReserved: { memory: 300MB }
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// kubeReserved: { memory: 300Mi }
    /// ```
    pub static OF_KUBELET = {
        code: "kubelet/not-a-value",
        since: "0.1.0",
        severity: Error,
        title: "a value at which the kubelet exits",
        help: "write a value that the kubelet accepts: `pikc stdlib show limits/kubelet`",
        sources: [
            "kubernetes/kubernetes: pkg/kubelet/apis/config/validation/validation.go",
            "kubernetes/kubernetes: pkg/kubelet/eviction/helpers.go",
            "kubernetes/kubernetes: cmd/kubelet/app/server.go",
        ],
    }

    /// kube-proxy checks its configuration when it starts, and exits at a value that it does not accept: its pods restart again and
    /// again, and no service is reached. kubeadm does not check that document.
    ///
    /// `pikc stdlib show limits/kube-proxy` lists what is accepted. Settings of a mode count only where that mode is set.
    ///
    /// ```pik fails
    /// proxy { fields { oomScoreAdj = 2000 } }
    /// ```
    ///
    /// ```pik
    /// proxy { fields { oomScoreAdj = -900 } }
    /// ```
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// ---
    /// apiVersion: kubeproxy.config.k8s.io/v1alpha1
    /// kind: KubeProxyConfiguration
    /// nodePortAddresses: [192.168.11.201]
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// ---
    /// apiVersion: kubeproxy.config.k8s.io/v1alpha1
    /// kind: KubeProxyConfiguration
    /// nodePortAddresses: [192.168.11.201/32]
    /// ```
    pub static OF_PROXY = {
        code: "proxy/not-a-value",
        since: "0.1.0",
        severity: Error,
        title: "a value at which kube-proxy exits",
        help: "write a value that kube-proxy accepts: `pikc stdlib show limits/kube-proxy`",
        sources: ["kubernetes/kubernetes: pkg/proxy/apis/config/validation/validation.go"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&OF_KUBELET, &OF_PROXY];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    for finding in all(&Told::alone(model, &model.cluster.kubelet), &OF_KUBELET) {
        out.push(finding);
    }
    out.each(|settings| all(&Told::alone(model, &settings.kubelet), &OF_KUBELET));
    if model.cluster.without_proxy().is_none() {
        for finding in all(&Told::proxy(model), &OF_PROXY) {
            out.push(finding);
        }
    }
}

fn all(told: &Told<'_>, code: &'static Descriptor) -> Vec<Diagnostic> {
    let look = Look { told, code };
    told.all().flat_map(|said| look.said(said)).collect()
}

struct Look<'a> {
    told: &'a Told<'a>,
    code: &'static Descriptor,
}

impl Look<'_> {
    fn said(&self, said: &Said) -> Vec<Diagnostic> {
        let Some(limits) = self.told.limits else {
            return Vec::new();
        };
        let pattern = said.pattern();
        let rows: Vec<&Demand> = limits
            .values
            .iter()
            .filter(|row| row.path == pattern || row.path == said.path)
            .filter(|row| self.told.holds(&row.when))
            .collect();
        if let Some(finding) = rows
            .iter()
            .filter(|row| row.keys)
            .find_map(|row| self.key(said, row))
        {
            return vec![finding];
        }
        let rows: Vec<&Demand> = rows.into_iter().filter(|row| !row.keys).collect();
        match &said.value.value {
            Data::List(items) => items
                .iter()
                .filter_map(|item| {
                    let place = match &item.origin {
                        Origin::Written(_) => &item.origin,
                        _ => &said.value.origin,
                    };
                    self.value(said, &item.value.argument(), place, &rows)
                })
                .collect(),
            one => {
                let place = &said.value.origin;
                self.value(said, &one.argument(), place, &rows)
                    .into_iter()
                    .collect()
            }
        }
    }

    /// A key of a map that the program does not know.
    fn key(&self, said: &Said, row: &Demand) -> Option<Diagnostic> {
        let (key, release) = (said.map_key()?, self.told.release);
        if row.accepts.iter().any(|one| fits(one, key, release)) {
            return None;
        }
        let map = said.path.split('{').next().unwrap_or_default();
        let words: Vec<&str> = row.accepts.iter().filter_map(word).collect();
        let message = format!("{} has no {} in `{map}`", self.program(), quoted(key),);
        let finding = Diagnostic::new(self.code, message).label(said.key, "not one of its keys");
        Some(match suggest::nearest(key, words.iter().copied()) {
            Some(near) => match said.key {
                Some(place) => finding.choice(|it| it.fix(format!("write `{near}`"), place, near)),
                None => finding,
            }
            .help(format!("did you mean `{near}`?")),
            None => finding.help(format!("write {}", suggest::list(&words))),
        })
    }

    fn value(
        &self,
        said: &Said,
        text: &str,
        place: &Origin,
        rows: &[&Demand],
    ) -> Option<Diagnostic> {
        if text.is_empty() && !said.argument {
            return None;
        }
        if self.is_no_choice(said, text) {
            return None;
        }
        if let Some(finding) = self.of_type(said, text, place) {
            return Some(finding);
        }
        let release = self.told.release;
        let refused = rows.iter().find(|row| {
            // A value of another type has been reported.
            let accepted = row.accepts.iter().any(|one| fits(one, text, release));
            let fine = accepted && is_multiple(row.step, text);
            !is_other_type(row, text) && !fine
        })?;
        let words: Vec<String> = refused
            .accepts
            .iter()
            .map(|one| in_words(one, release))
            .collect();
        let mut accepted = words.join(" or ");
        if let Some(step) = refused.step {
            accepted = format!("{accepted}, in steps of {step}");
        }
        let never = refused.accepts == [Accepts::Form(crate::stdlib::Form::Never)];
        let message = match never {
            true => format!("{} does not accept {}", self.program(), said.name),
            false => format!(
                "{} is {}, and {} accepts {accepted}",
                said.name,
                quoted(text),
                self.program()
            ),
        };
        let finding = self.at(Diagnostic::new(self.code, message), place, said);
        Some(match meant(&refused.accepts, text) {
            _ if never => without(finding, said).help("leave it out"),
            Some(meant) => {
                text_instead(finding, place, text, &meant).help(format!("write `{meant}`"))
            }
            None => without(finding, said).help(format!(
                "write a value that {} accepts: {accepted}",
                self.program()
            )),
        })
    }

    /// A word that the field never has, which has been reported.
    fn is_no_choice(&self, said: &Said, text: &str) -> bool {
        match self.told.field(said) {
            Some(Field::Choice(known)) => known.iter().all(|word| word != text),
            _ => false,
        }
    }

    /// A length of time or an amount that is not one.
    fn of_type(&self, said: &Said, text: &str, place: &Origin) -> Option<Diagnostic> {
        let mut field = self.told.field(said)?;
        while let Field::List(inner) | Field::Map(inner) = field {
            field = inner;
        }
        let (what, meant) = match field {
            Field::Duration if go_duration(text).is_none() => (
                "a length of time such as `90s` or `1h30m`",
                meant_time(text),
            ),
            Field::Quantity if kubernetes_quantity(text).is_none() => {
                ("a quantity such as `200Mi` or `500m`", meant_quantity(text))
            }
            _ => return None,
        };
        let message = format!(
            "{} is {}, and {} reads {what}",
            said.name,
            quoted(text),
            self.program()
        );
        let finding = self.at(Diagnostic::new(self.code, message), place, said);
        Some(match meant {
            Some(meant) => {
                text_instead(finding, place, text, &meant).help(format!("write `{meant}`"))
            }
            None => without(finding, said).help(format!("write {what}")),
        })
    }

    fn at(&self, finding: Diagnostic, place: &Origin, said: &Said) -> Diagnostic {
        let label = format!("{} exits at this", self.program());
        match place.span() {
            Some(span) => finding.label(span, label),
            None => finding.label(said.key, label),
        }
    }

    fn program(&self) -> &str {
        self.told
            .limits
            .map_or("the program", |limits| limits.program.as_str())
    }
}

/// Offers to leave a setting out, if it is one value.
fn without(finding: Diagnostic, said: &Said) -> Diagnostic {
    match (&said.value.value, said.key) {
        (Data::List(_), _) | (_, None) => finding,
        (_, Some(place)) => finding.choice(|it| it.remove_block("leave it out", place)),
    }
}

fn word(accepts: &Accepts) -> Option<&str> {
    match accepts {
        Accepts::Word(word) => Some(word),
        _ => None,
    }
}

/// Whether a row is about numbers alone, and a text is not one.
fn is_other_type(row: &Demand, text: &str) -> bool {
    use crate::stdlib::End;
    let number = |one: &Accepts| match one {
        Accepts::Range { low, high, .. } => low
            .as_ref()
            .or(high.as_ref())
            .is_some_and(|end| matches!(end, End::Number(_))),
        _ => false,
    };
    // What a map holds is text for YAML, and a number for the kubelet.
    row.accepts.iter().all(number) && text.parse::<f64>().is_err() && !row.path.contains('{')
}

fn is_multiple(step: Option<u64>, text: &str) -> bool {
    step.is_none_or(|step| {
        text.parse::<u64>()
            .is_ok_and(|number| number.is_multiple_of(step))
    })
}
