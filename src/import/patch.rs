//! A machine's own part of the kubelet's configuration, as a compiled tree has it: `nodes/NAME/patches/kubeletconfiguration+merge.yaml`.

use super::Import;
use super::document::Doc;
use super::spec::Section;

/// The file, below the folder of a machine.
pub(super) const FILE: &str = "patches/kubeletconfiguration+merge.yaml";

/// The machine whose patch a document is.
pub(super) fn machine(doc: &Doc) -> Option<&str> {
    let folder = doc.file.strip_suffix(FILE)?.strip_suffix('/')?;
    (doc.kind == "KubeletConfiguration").then(|| folder.rsplit('/').next().unwrap_or(folder))
}

impl Import {
    pub(super) fn patch(&mut self, doc: &Doc, machine: &str) {
        let is = |own: &&super::Machine| own.name.as_ref().is_some_and(|(name, _)| name == machine);
        let Some(at) = self.machines.iter().position(|own| is(&own)) else {
            doc.left(&[]).for_each(super::Leaf::take);
            let why = "no file describes the machine that this patch is for";
            self.report.lost(doc.head(), why);
            return;
        };
        let swap = self.swap(doc);
        // The same reading as for the whole cluster, into a block of its own.
        let common = std::mem::replace(&mut self.cluster, Section::new("cluster", None));
        let filled = self.report.to_fill.len();
        self.kubelet(doc);
        self.report.to_fill.truncate(filled);
        let own = std::mem::replace(&mut self.cluster, common);
        if let Some(machine) = self.machines.get_mut(at) {
            machine.swap = swap;
            for block in own
                .blocks
                .into_iter()
                .filter(|block| block.kind == "kubelet")
            {
                machine.kubelet.settings.extend(block.settings);
                machine.kubelet.blocks.extend(block.blocks);
            }
        }
    }

    /// What `swap` of the node says: that pods use some of it, or that the kubelet tolerates it.
    fn swap(&self, doc: &Doc) -> Option<(&'static str, super::Place)> {
        let gate = self
            .facts
            .release_facts
            .as_ref()
            .is_some_and(|release| release.swap.needs_gate);
        let tolerated = doc
            .leaf(&["failSwapOn"])
            .filter(|leaf| leaf.text() == Some("false"));
        let limited = doc
            .leaf(&["memorySwap", "swapBehavior"])
            .filter(|leaf| leaf.text() == Some("LimitedSwap"));
        match (tolerated, limited) {
            (tolerated, Some(limited)) => {
                limited.take();
                // Where the cluster says something else, the machine has to say it itself.
                let common = self.cluster.block("kubelet");
                if common.is_none_or(|own| own.get("fail-swap-on").is_none()) {
                    tolerated.into_iter().for_each(super::Leaf::take);
                }
                let opened = doc.leaf(&["featureGates", "NodeSwap"]).filter(|_| gate);
                opened.into_iter().for_each(super::Leaf::take);
                Some(("limited", doc.place(limited)))
            }
            (Some(tolerated), None) => {
                tolerated.take();
                Some(("on", doc.place(tolerated)))
            }
            (None, None) => None,
        }
    }
}
