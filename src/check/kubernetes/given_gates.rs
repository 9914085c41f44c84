//! Where feature gates of Kubernetes' programs are given: in blocks and documents, and as an argument.

use crate::check::argument::{self, place};
use crate::model::{Data, GateList, Model, NodeSettings, Pairs, Target};
use crate::origin::{Origin, Sourced};

/// The argument for them, of every program.
const ARGUMENT: &str = "feature-gates";
const PROXY: &str = "KubeProxyConfiguration";

/// Whether a gate stands for all alpha or all beta gates.
pub(super) fn is_group(name: &str) -> bool {
    matches!(name, "AllAlpha" | "AllBeta")
}

/// Gates that are not those of single machines: whose they are, and the gates.
pub(super) fn everywhere(model: &Model) -> Vec<(String, GateList)> {
    let mut all = vec![
        (
            "the kubelets".to_owned(),
            model.cluster.kubelet.gates.clone(),
        ),
        ("kube-proxy".to_owned(), of_proxy(model)),
    ];
    // etcd's gates are of another kind.
    let components = argument::components(model).into_iter();
    for (_, whose, arguments) in components.filter(|(name, ..)| *name != "etcd") {
        all.push((whose.to_owned(), of_argument(arguments)));
    }
    all.retain(|(_, gates)| !gates.is_empty());
    all
}

/// The gates of one machine's kubelet. A spec has a block for them, and is told so where it uses the argument.
pub(super) fn of_machine(model: &Model, settings: &NodeSettings) -> GateList {
    let mut all = settings.kubelet.gates.clone();
    if !model.is_spec() {
        all.extend(of_argument(&settings.kubelet.extra_args));
    }
    all
}

/// How many gates the machine with the most of them has.
pub(super) fn most(model: &Model) -> usize {
    let counts = model.nodes.iter();
    let counts = counts.map(|node| of_machine(model, &node.settings).len());
    counts.max().unwrap_or(0)
}

/// The gates in kube-proxy's document.
pub(super) fn of_proxy(model: &Model) -> GateList {
    let gate = |one: &crate::model::Carried| {
        let Target::Field { kind, path } = &one.target else {
            return None;
        };
        let rest = path
            .strip_prefix("featureGates")
            .filter(|_| kind == PROXY)?;
        let name = rest.trim_matches(['{', '}', '.']);
        let open = match &one.value.value {
            Data::Boolean(open) => *open,
            Data::Text(text) => truth(text)?,
            _ => return None,
        };
        Some((
            Sourced::new(name.to_owned(), Origin::Written(one.key)),
            Sourced::new(open, one.value.origin.clone()),
        ))
    };
    model.cluster.carried.iter().filter_map(gate).collect()
}

/// The gates in `feature-gates` among arguments: `NodeSwap=true,MemoryQoS=true`, each with its own place.
fn of_argument(arguments: &Pairs) -> GateList {
    let given = arguments.iter().filter(|(name, _)| name.value == ARGUMENT);
    given.flat_map(|(_, value)| parts(value)).collect()
}

fn parts(value: &Sourced<String>) -> GateList {
    let mut all = Vec::new();
    let mut at = 0;
    for part in value.value.split(',') {
        let origin = place(value, at, part.len());
        at += part.len() + 1;
        if let Some((name, open)) = part.split_once('=')
            && let Some(open) = truth(open.trim())
        {
            let name = Sourced::new(name.trim().to_owned(), origin.clone());
            all.push((name, Sourced::new(open, origin)));
        }
    }
    all
}

fn truth(word: &str) -> Option<bool> {
    match word {
        "on" | "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "off" | "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}
