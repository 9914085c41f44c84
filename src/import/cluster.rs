//! kubeadm's own documents: ClusterConfiguration, InitConfiguration and JoinConfiguration.

use super::document::{Doc, Held};
use super::machines::Machine;
use super::report::Place;
use super::said;
use super::spec::Value;
use super::{Import, address, version};
use crate::model::{Role, Target, field_names};
use crate::value::Version;

/// The release that a document names.
pub(super) fn release_of(doc: &Doc) -> Option<Version> {
    let steps: &[&str] = match doc.kind.as_str() {
        "ClusterConfiguration" => &["kubernetesVersion"],
        "Node" => &["status", "nodeInfo", "kubeletVersion"],
        "Cluster" => &["spec", "k0s", "version"],
        _ => return None,
    };
    version(doc.peek(steps)?)
}

/// Why nothing in a spec says a field of kubeadm's.
pub(super) fn why_not(kind: &str, steps: &[String]) -> &'static str {
    let path: Vec<&str> = steps.iter().map(String::as_str).collect();
    match &path[..] {
        ["bootstrapTokens", ..] => {
            "pikc makes a token for each join file; `join { ttl }` says how long it is valid"
        }
        ["certificateKey"] | ["controlPlane", "certificateKey"] => {
            "it is a secret of one `kubeadm init`, and is not carried over"
        }
        ["discovery", ..] | ["caCertPath"] => {
            "machines join with the file that the control plane of the spec writes"
        }
        ["timeouts", ..] | ["apiServer", "timeoutForControlPlane"] => {
            "a spec has no setting for how long kubeadm waits"
        }
        ["certificatesDir"] => "pikc leaves certificates in /etc/kubernetes/pki",
        ["patches", ..] => {
            "the files in that folder are not among those that were read; write what they set into `kubelet` of the node"
        }
        ["nodeRegistration", "ignorePreflightErrors", ..] => {
            "pikc makes kubeadm check everything: what was ignored here has to be right"
        }
        ["nodeRegistration", "imagePullPolicy" | "imagePullSerial"] => {
            "a spec has no setting for how images are pulled"
        }
        ["etcd", "local", "imageRepository" | "imageTag"]
        | ["dns", "imageRepository" | "imageTag"] => {
            "kubeadm of the release chooses the images; `images` of `mirror` names another registry"
        }
        [.., "extraEnvs", _, _] | [_, "extraEnvs", ..] | ["etcd", "local", "extraEnvs", ..] => {
            "a spec has no setting for environment variables of components"
        }
        ["dryRun"] => "it is about one run of kubeadm",
        _ if kind == "ClusterStatus" => "older releases of kubeadm wrote down their machines here",
        _ => "no setting of a spec says this",
    }
}

impl Import {
    pub(super) fn cluster_configuration(&mut self, doc: &Doc) {
        match doc.take(&["clusterName"]) {
            Some((name, place)) => {
                self.cluster.label = Some(name);
                self.cluster.from.push(place);
            }
            None => self.cluster.label = Some("kubernetes".to_owned()),
        }
        if let Some((text, place)) = doc.take(&["kubernetesVersion"]) {
            self.version(&text, place);
        }
        if let Some((text, place)) = doc.take(&["controlPlaneEndpoint"]) {
            self.put(&[], "endpoint", text, place);
        }
        self.networking(doc);
        self.images(doc);
        self.gates(doc, &["kubeadm"]);
        for leaf in doc.left(&["proxy", "disabled"]) {
            if leaf.text() == Some("true") {
                leaf.take();
                self.put(&["proxy"], "disabled", "on", doc.place(leaf));
            }
        }
        for leaf in doc.left(&["dns", "disabled"]) {
            if leaf.text() == Some("true") {
                leaf.take();
                let place = doc.place(leaf);
                self.skip("addon/coredns", &place);
                self.report.lost(
                    place,
                    "the spec says the same with `skip-phases` of `kubeadm`",
                );
            }
        }
        // Commas of `featureGates` apart, everything that has a setting of its own.
        self.components(doc);
        self.settings(doc);
    }

    /// Every setting that becomes a field of the document, in the order of the fields: a compiled spec keeps that of the blocks.
    pub(super) fn settings(&mut self, doc: &Doc) {
        let mut all = said::of(&self.facts.schema, &doc.kind);
        let place = |said: &said::Said| match &said.target {
            Target::Field { path, .. } => {
                let steps = field_names(path);
                let is = |leaf: &super::Leaf| steps.iter().zip(&leaf.steps).all(|(a, b)| a == b);
                doc.leaves.iter().position(is)
            }
            Target::Argument { .. } => None,
        };
        all.sort_by_cached_key(|said| place(said).unwrap_or(usize::MAX));
        for one in &all {
            self.field(doc, one);
        }
    }

    /// The field that a setting becomes.
    fn field(&mut self, doc: &Doc, said: &said::Said) {
        let Target::Field { path, .. } = &said.target else {
            return;
        };
        let steps = field_names(path);
        let leaves: Vec<_> = doc
            .left(&steps)
            .filter(|leaf| !self.facts.is_default(doc, leaf))
            .collect();
        let texts: Vec<(String, Place)> = leaves
            .iter()
            .filter_map(|leaf| Some((leaf.text()?.to_owned(), doc.place(leaf))))
            .collect();
        if texts.len() == leaves.len() {
            leaves.iter().for_each(|leaf| leaf.take());
            self.say(said, &texts);
        }
    }

    pub(super) fn version(&mut self, text: &str, place: Place) {
        match version(text) {
            // `v1.36.4` is exact; a build of someone's own (`v1.36.4+x`) is not.
            Some(found) => {
                self.put(&[], "kubernetes", found.to_string(), place.clone());
                let plain = text.trim_start_matches('v');
                if plain != found.to_string() {
                    self.report.lost(
                        place,
                        "what follows the number of the release; the spec has the number",
                    );
                }
            }
            None => self.report.lost(
                place,
                "it names no release: kubeadm asks the internet what it means, and a spec is exact",
            ),
        }
    }

    fn networking(&mut self, doc: &Doc) {
        if let Some((text, place)) = doc.take(&["networking", "podSubnet"]) {
            let found = self.ranges(&text, &place);
            self.pods.extend(found);
        }
        if let Some((text, place)) = doc.take(&["networking", "serviceSubnet"]) {
            let found = self.ranges(&text, &place);
            self.services.extend(found);
        }
        if let Some((text, place)) = doc.take(&["networking", "dnsDomain"]) {
            self.dns_domain = Some(text.clone());
            if text != "cluster.local" {
                self.put(&[], "dns-domain", text, place);
            }
        }
    }

    /// Another registry: kubeadm appends `coredns` to it, and pikc says where CoreDNS is.
    fn images(&mut self, doc: &Doc) {
        let Some(leaf) = doc.left(&["imageRepository"]).next() else {
            return;
        };
        if self.facts.is_default(doc, leaf) {
            return;
        }
        let Some((registry, place)) = doc.take(&["imageRepository"]) else {
            return;
        };
        let usual = format!("{registry}/coredns");
        let own = doc.peek(&["dns", "imageRepository"]).map(str::to_owned);
        if own.as_deref() == Some(usual.as_str()) {
            doc.take(&["dns", "imageRepository"]);
        } else if own.is_none() {
            let place = Place::new(&place.file, place.line, "dns.imageRepository");
            let why = "the spec takes CoreDNS from the folder `coredns/` of that registry, as the public one has it";
            self.report.lost(place, why);
        }
        self.put(&["mirror"], "images", registry, place);
    }

    /// Feature gates of a program.
    pub(super) fn gates(&mut self, doc: &Doc, program: &[&str]) {
        let path = [program, &["feature-gates"]].concat();
        for leaf in doc.left(&["featureGates"]) {
            let (Some(name), Some(text)) = (leaf.steps.get(1), leaf.text()) else {
                continue;
            };
            let word = match text {
                "true" => "on",
                "false" => "off",
                _ => continue,
            };
            leaf.take();
            self.put(&path, name, word, doc.place(leaf));
        }
    }

    /// A phase of `kubeadm init` that is left out.
    fn skip(&mut self, phase: &str, place: &Place) {
        let block = self.cluster.at(&["kubeadm"]);
        let item = (phase.to_owned(), Some(place.clone()));
        let own = block
            .settings
            .iter_mut()
            .find(|one| one.key == "skip-phases");
        match own.map(|own| (&mut own.value, &mut own.from)) {
            Some((Value::Many(items), from)) => {
                if items.iter().all(|(own, _)| own != phase) {
                    items.push(item);
                    from.push(place.clone());
                }
            }
            _ => self.put(
                &["kubeadm"],
                "skip-phases",
                Value::Many(vec![item]),
                place.clone(),
            ),
        }
    }

    pub(super) fn init_configuration(&mut self, doc: &Doc) {
        let mut machine = self.registration(doc, Role::ControlPlane);
        self.listens(doc, &["localAPIEndpoint"], &mut machine);
        for leaf in doc.left(&["skipPhases"]) {
            let place = doc.place(leaf);
            match leaf.text() {
                Some("addon/kube-proxy") => {
                    leaf.take();
                    self.put(&["proxy"], "disabled", "on", place);
                }
                Some(phase @ ("addon/coredns" | "show-join-command")) => {
                    leaf.take();
                    self.skip(phase, &place);
                }
                _ => {
                    leaf.take();
                    self.report
                        .lost(place, "pikc runs this phase of `kubeadm init`");
                }
            }
        }
        self.patches(doc);
        self.merge(machine);
    }

    pub(super) fn join_configuration(&mut self, doc: &Doc) {
        let control_plane = !doc.leaves.iter().all(|leaf| {
            leaf.steps.first().is_none_or(|step| step != "controlPlane")
                || leaf.held == Held::Nothing
        });
        let role = match control_plane {
            true => Role::ControlPlane,
            false => Role::Worker,
        };
        for leaf in doc.left(&["controlPlane"]) {
            if leaf.held == Held::Empty {
                leaf.take();
            }
        }
        let mut machine = self.registration(doc, role);
        self.listens(doc, &["controlPlane", "localAPIEndpoint"], &mut machine);
        for file in doc.left(&["discovery", "file", "kubeConfigPath"]) {
            // That of a join file of pikc's own.
            if file.text() == Some("/etc/pikc/discovery.conf") {
                file.take();
            }
        }
        let server = doc.leaf(&["discovery", "bootstrapToken", "apiServerEndpoint"]);
        if let (Some(leaf), None) = (server, self.cluster.get("endpoint"))
            && let Some(server) = leaf.text()
        {
            let host = server.rsplit_once(':').map_or(server, |(host, _)| host);
            // An address of the first control plane is no endpoint; a name is one.
            if address(host).is_none() {
                self.put(&[], "endpoint", server, doc.place(leaf));
            }
        }
        self.patches(doc);
        self.merge(machine);
    }

    /// The folder of patches, if pikc wrote this machine's file into it.
    fn patches(&mut self, doc: &Doc) {
        let folder = doc.file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let file = format!("{folder}/{}", super::patch::FILE);
        for leaf in doc.left(&["patches", "directory"]) {
            if leaf.text() == Some("/etc/pikc/patches") && self.files.contains(file.as_str()) {
                leaf.take();
            }
        }
    }

    /// Where the API server of a machine listens.
    fn listens(&mut self, doc: &Doc, steps: &[&str], machine: &mut Machine) {
        let path = |last| [steps, &[last]].concat();
        if let Some((text, place)) = doc.take(&path("advertiseAddress")) {
            machine.set_address(&text, place, &mut self.report);
        }
        if let Some((text, place)) = doc.take(&path("bindPort"))
            && text != "6443"
            && text != "0"
        {
            if self
                .cluster
                .get("api-port")
                .is_some_and(|own| matches!(own, Value::One(own) if *own == text))
            {
                return;
            }
            // The first control plane has said it, even if it has the default.
            if doc.kind == "JoinConfiguration" && self.seen.contains_key("InitConfiguration") {
                let why = "`api-port` is that of the first control plane";
                self.report.lost(place, why);
                return;
            }
            self.put(&[], "api-port", text, place);
        }
    }
}
