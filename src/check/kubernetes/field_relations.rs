//! Fields of the kubelet's or kube-proxy's configuration that do not go together, by the library's table.

use std::cmp::Ordering;

use super::table_places::{is, is_unset, shown};
use crate::check::support::findings::Findings;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Model, Said, Told, quoted};
use crate::stdlib::{Place, Relation, Verb};
use crate::value::go_duration;

declare! {
    /// Some fields need another one, and some exclude each other. The kubelet compares them when it starts, and exits if they do not
    /// fit; kubeadm does not look at them, so `kubeadm init` waits four minutes for nothing. Frequent cases:
    ///
    /// - `cpuManagerPolicy: static` needs processor time that is kept from pods: `reserve { cpu = 200m }`, `kubeReserved`.
    /// - `enforceNodeAllocatable: [pods, kube-reserved]` needs `kubeReservedCgroup`.
    /// - a soft eviction threshold needs a grace period for the same signal.
    /// - the part of the shutdown that is kept for critical pods is not longer than the whole.
    ///
    /// What is left out counts with its default. `pikc stdlib show limits/kubelet` lists all of them.
    ///
    /// ```pik fails
    /// kubelet { managers { cpu = static } }
    /// ```
    ///
    /// ```pik
    /// kubelet {
    ///   managers { cpu = static }
    ///   reserve { cpu = 200m }
    /// }
    /// ```
    ///
    /// ```yaml fails
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// evictionSoft: { memory.available: 300Mi }
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubelet.config.k8s.io/v1beta1
    /// kind: KubeletConfiguration
    /// evictionSoft: { memory.available: 300Mi }
    /// evictionSoftGracePeriod: { memory.available: 1m30s }
    /// ```
    pub static OF_KUBELET = {
        code: "kubelet/fields-conflict",
        since: "0.1.0",
        severity: Error,
        title: "settings of the kubelet that do not go together",
        help: "change one of the two: `pikc stdlib show limits/kubelet` lists what goes together",
        sources: [
            "kubernetes/kubernetes: pkg/kubelet/apis/config/validation/validation.go",
            "kubernetes/kubernetes: pkg/kubelet/cm/cpumanager/cpu_manager.go",
            "kubernetes/kubernetes: pkg/kubelet/eviction/helpers.go",
        ],
    }

    /// Some fields need another one, and some exclude each other. kube-proxy compares them when it starts, and exits if they do not
    /// fit: no service is reached. `pikc stdlib show limits/kube-proxy` lists all of them.
    ///
    /// ```pik fails
    /// proxy { fields { detectLocalMode = BridgeInterface } }
    /// ```
    ///
    /// ```pik
    /// proxy { fields { detectLocalMode = BridgeInterface, detectLocal.bridgeInterface = cni0 } }
    /// ```
    ///
    /// ```yaml fails
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// ---
    /// apiVersion: kubeproxy.config.k8s.io/v1alpha1
    /// kind: KubeProxyConfiguration
    /// iptables: { minSyncPeriod: 1m }
    /// ```
    ///
    /// ```yaml
    /// apiVersion: kubeadm.k8s.io/v1beta4
    /// kind: ClusterConfiguration
    /// kubernetesVersion: v1.36.4
    /// ---
    /// apiVersion: kubeproxy.config.k8s.io/v1alpha1
    /// kind: KubeProxyConfiguration
    /// iptables: { minSyncPeriod: 1m, syncPeriod: 2m }
    /// ```
    pub static OF_PROXY = {
        code: "proxy/fields-conflict",
        since: "0.1.0",
        severity: Error,
        title: "settings of kube-proxy that do not go together",
        help: "change one of the two: `pikc stdlib show limits/kube-proxy` lists what goes together",
        sources: ["kubernetes/kubernetes: pkg/proxy/apis/config/validation/validation.go"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&OF_KUBELET, &OF_PROXY];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    out.each(|settings| all(&Told::kubelet(model, Some(settings)), &OF_KUBELET));
    if model.nodes.is_empty() {
        for finding in all(&Told::kubelet(model, None), &OF_KUBELET) {
            out.push(finding);
        }
    }
    if model.cluster.without_proxy().is_none() {
        for finding in all(&Told::proxy(model), &OF_PROXY) {
            out.push(finding);
        }
    }
}

fn all(told: &Told<'_>, code: &'static Descriptor) -> Vec<Diagnostic> {
    let Some(limits) = told.limits else {
        return Vec::new();
    };
    let mut found: Vec<Diagnostic> = Vec::new();
    for row in limits.relations.iter().filter(|row| told.holds(&row.when)) {
        let judge = Judge {
            told,
            row,
            code,
            program: &limits.program,
        };
        for finding in judge.all() {
            // One word can break several lines of the table.
            let place = finding.span();
            if found.iter().all(|other| other.span() != place) {
                found.push(finding);
            }
        }
    }
    found
}

struct Judge<'a> {
    told: &'a Told<'a>,
    row: &'a Relation,
    code: &'static Descriptor,
    program: &'a str,
}

impl Judge<'_> {
    fn all(&self) -> Vec<Diagnostic> {
        let row = self.row;
        let one = match (row.verb, row.others.first()) {
            (Verb::Needs, Some(other)) if row.this.path.ends_with("{}") => {
                return self.key_by_key(other);
            }
            (Verb::Needs, _) => self.needs(),
            (Verb::Excludes, Some(other)) => self.excludes(other),
            (Verb::Below, Some(other)) => self.compared(other, Ordering::is_lt, "not less than"),
            (Verb::AtMost, Some(other)) => self.compared(other, Ordering::is_le, "more than"),
            (Verb::Alone, _) => self.alone(),
            (Verb::Unique, _) => self.unique(),
            _ => None,
        };
        one.into_iter().collect()
    }

    /// What says that a place of the table is so, unless it is a default.
    fn says(&self, place: &Place) -> Option<&Said> {
        match &place.value {
            None => self
                .told
                .within(&place.path)
                .find(|said| !is_unset(&said.text())),
            Some(wanted) => self
                .told
                .get(&place.path)
                .filter(|said| said.texts().iter().any(|text| is(text, wanted))),
        }
    }

    fn is_default(&self, place: &Place) -> bool {
        let left_out = self.told.within(&place.path).next().is_none();
        let default = self.told.default(&place.path);
        left_out
            && match (&place.value, default) {
                (Some(wanted), Some(default)) => is(default, wanted),
                (None, Some(default)) => !is_unset(default),
                (_, None) => false,
            }
    }

    fn finding(&self, message: String, said: &Said, label: &str) -> Diagnostic {
        let place = said.value.origin.span().or(said.key);
        Diagnostic::new(self.code, message)
            .label(place, label)
            .help(self.row.help.as_str())
    }

    fn needs(&self) -> Option<Diagnostic> {
        let this = self.says(&self.row.this)?;
        let there = |place: &Place| self.says(place).is_some() || self.is_default(place);
        if !self.told.whole || self.row.others.iter().any(there) {
            return None;
        }
        let others: Vec<String> = self.row.others.iter().map(shown).collect();
        let message = format!(
            "{} needs {}, and {} exits without it",
            self.subject(this),
            others.join(" or "),
            self.program
        );
        let finding = without(self.finding(message, this, "needs another setting"), this);
        // The other one may be there with the wrong value.
        let other = self
            .row
            .others
            .iter()
            .filter(|place| place.value.is_some())
            .find_map(|place| self.told.get(&place.path));
        Some(match other {
            Some(other) => finding.label(other.value.origin.span(), "and this is another value"),
            None => finding,
        })
    }

    /// `evictionSoft{} needs evictionSoftGracePeriod{}`: for each key.
    fn key_by_key(&self, other: &Place) -> Vec<Diagnostic> {
        let map = |path: &str| path.trim_end_matches("{}").to_owned();
        let (this, other) = (map(&self.row.this.path), map(&other.path));
        let lacking = |said: &&Said| {
            let Some(key) = said.map_key() else {
                return false;
            };
            self.told.whole && self.told.get(&format!("{other}{{{key}}}")).is_none()
        };
        let told = |said: &Said| {
            let key = said.map_key().unwrap_or_default();
            let message = format!(
                "{} in `{this}` needs the same in `{other}`, and {} exits without it",
                quoted(key),
                self.program
            );
            self.finding(message, said, "needs another setting")
        };
        let within = self.told.within(&this).filter(lacking);
        within.map(told).collect()
    }

    fn excludes(&self, other: &Place) -> Option<Diagnostic> {
        let this = self.says(&self.row.this)?;
        let Some(other) = self.says(other) else {
            return self.excludes_default(this, other);
        };
        let message = match this.path == other.path {
            // Two words of one list.
            true => format!(
                "{} has both {} and {}, and {} exits because of it",
                this.name,
                self.row
                    .this
                    .value
                    .as_deref()
                    .map(quoted)
                    .unwrap_or_default(),
                self.row.others[0]
                    .value
                    .as_deref()
                    .map(quoted)
                    .unwrap_or_default(),
                self.program
            ),
            false => format!(
                "{} and {} exclude each other, and {} exits because of it",
                self.subject(this),
                self.subject_of(other, &self.row.others[0]),
                self.program
            ),
        };
        let finding = self.finding(message, this, "one of the two");
        Some(match this.path == other.path {
            true => finding,
            false => without(without(finding, this), other)
                .label(other.value.origin.span().or(other.key), "the other one"),
        })
    }

    /// What is left out has a default that this excludes.
    fn excludes_default(&self, this: &Said, other: &Place) -> Option<Diagnostic> {
        let default = self.told.default(&other.path)?;
        (self.told.whole && self.is_default(other)).then(|| {
            let message = format!(
                "{} excludes {}, which is `{default}` if it is left out, and {} exits because of it",
                self.subject(this),
                shown(other),
                self.program
            );
            without(
                self.finding(message, this, "excludes the default of another setting"),
                this,
            )
        })
    }

    fn compared(&self, other: &Place, fits: fn(Ordering) -> bool, is: &str) -> Option<Diagnostic> {
        let value = |path: &str| {
            let said = self.told.get(path);
            let text = said.map(Said::text).filter(|text| !is_unset(text));
            let default = || self.told.default(path).map(str::to_owned);
            let known = said.is_some() || self.told.whole;
            let text = text.or_else(|| default().filter(|_| known))?;
            Some((go_duration(&text)?, text, said))
        };
        let (mine, text, said) = value(&self.row.this.path)?;
        let (most, most_text, bound) = value(&other.path)?;
        // An age of 0 is none, and a negative value has been reported.
        let off = (self.row.verb == Verb::Below && most == 0) || mine < 0 || most < 0;
        if off || fits(mine.cmp(&most)) {
            return None;
        }
        let place = said.or(bound)?;
        let default = |said: Option<&Said>| if said.is_some() { "" } else { " (the default)" };
        let name = |said: Option<&Said>, path: &str| {
            said.map_or_else(|| format!("`{path}`"), |said| said.name.clone())
        };
        let message = format!(
            "{} is {}{}, {is} the {}{} of {}",
            name(said, &self.row.this.path),
            quoted(&text),
            default(said),
            quoted(&most_text),
            default(bound),
            name(bound, &other.path),
        );
        let finding = self.finding(message, place, "the kubelet compares the two");
        let finding = match self.told.limits.map(|limits| limits.kind.as_str()) {
            Some("KubeletConfiguration") => finding,
            _ => relabelled(finding, "kube-proxy compares the two"),
        };
        Some(match bound {
            Some(bound) if said.is_some() => {
                finding.label(bound.value.origin.span().or(bound.key), "with this")
            }
            _ => finding,
        })
    }

    fn alone(&self) -> Option<Diagnostic> {
        let this = self.says(&self.row.this)?;
        (this.texts().len() > 1).then(|| {
            let word = self.row.this.value.as_deref().unwrap_or_default();
            let message = format!(
                "`{word}` must be the only word of {}, and {} exits at others next to it",
                this.name, self.program
            );
            self.finding(message, this, "others next to it")
        })
    }

    fn unique(&self) -> Option<Diagnostic> {
        let this = self.told.get(&self.row.this.path)?;
        let texts = this.texts();
        let twice = texts
            .iter()
            .enumerate()
            .find(|(index, text)| texts[..*index].contains(text))?;
        let message = format!(
            "{} is twice in {}, and {} exits because of it",
            quoted(twice.1),
            this.name,
            self.program
        );
        Some(self.finding(message, this, "a word is here twice"))
    }

    /// "`cpu` of `managers` with `static`"
    fn subject(&self, said: &Said) -> String {
        self.subject_of(said, &self.row.this)
    }

    fn subject_of(&self, said: &Said, place: &Place) -> String {
        match &place.value {
            Some(value) if value == "*" => said.name.clone(),
            Some(value) if !value.contains("..") => format!("{} with `{value}`", said.name),
            Some(_) => format!("{} with {}", said.name, quoted(&said.text())),
            None => said.name.clone(),
        }
    }
}

/// Offers to leave a setting out.
fn without(finding: Diagnostic, said: &Said) -> Diagnostic {
    match said.key.or(said.value.origin.span()) {
        Some(place) => {
            finding.choice(|it| it.remove_block(format!("leave {} out", said.name), place))
        }
        None => finding,
    }
}

fn relabelled(mut finding: Diagnostic, text: &str) -> Diagnostic {
    if let Some(label) = finding.labels.first_mut() {
        text.clone_into(&mut label.text);
    }
    finding
}
