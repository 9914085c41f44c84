//! What `pikc card` does to a boot partition: which files of the tree go there, and which words the
//! kernel command line gains and loses.

use camino::{Utf8Path, Utf8PathBuf};

use crate::check::Checked;
use crate::file_format::Unfit;
use crate::file_format::command_line::Word;
use crate::model::{Model, Node};
use crate::stdlib::{BootCommandLine, BootLoader, Hardware, Medium, Provisioning, System};

/// The kernel parameter that sets the country of the radio.
const COUNTRY: &str = "cfg80211.ieee80211_regdom=";

/// What goes on the boot partition of one node's card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Whose card it is: "node02 of the cluster home".
    pub owner: String,
    /// How cloud-init distinguishes instances.
    pub instance: String,
    /// Names on the partition, and which file of the tree each is.
    pub files: Vec<(String, Utf8PathBuf)>,
    /// Where the command line may be, below the partition; the first that is one is the live one.
    pub command_lines: Vec<String>,
    /// Words that it must have.
    pub wanted: Vec<Word>,
    /// Words that it must not have.
    pub unwanted: Vec<String>,
    /// Beginnings of words that occur once: any other word that begins like that is removed.
    pub once: Vec<String>,
    /// The lines of pikc's block in config.txt; none if the spec has no settings of the firmware.
    pub firmware: Option<String>,
    /// What the card is: "card", "NVMe disk".
    pub medium: &'static str,
}

/// Why there is no card for a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoCard {
    /// There is no such node; the names of all nodes.
    Unknown(Vec<String>),
    /// The machine does not start from a card's boot partition; its board's title.
    NotAPi(String),
    /// pikc does not know how to prepare its system; the system's title.
    Unprepared(String),
    /// The kernel command line cannot hold a word.
    Unfit(Unfit),
}

/// The card of the node of this name; `spec` is the spec's file name.
pub fn card(model: &Checked<Model>, name: &str, spec: &str) -> Result<Card, NoCard> {
    let model = model.get();
    let names = || model.nodes.iter().map(|node| node.name.value.clone());
    let found = model.nodes.iter().find(|node| node.name.value == name);
    let node = found.ok_or_else(|| NoCard::Unknown(names().collect()))?;
    let unknown = || NoCard::Unknown(names().collect());
    let board = node.settings.board.as_ref().ok_or_else(unknown)?;
    let os = node.settings.os.as_ref().ok_or_else(unknown)?;
    let boot = os.value.boot(board.value.hardware);
    let line = boot.filter(|boot| {
        board.value.hardware == Hardware::Pi && boot.kind.value == BootLoader::Cmdline
    });
    let Some(line) = line else {
        return Err(NoCard::NotAPi(board.value.title.clone()));
    };
    let unprepared = || NoCard::Unprepared(os.value.title.clone());
    let card = prepared(model, node, (&os.value, line), spec).ok_or_else(unprepared)?;
    card.map_err(NoCard::Unfit)
}

fn prepared(
    model: &Model,
    node: &Node,
    (system, boot): (&System, &BootCommandLine),
    spec: &str,
) -> Option<Result<Card, Unfit>> {
    let headless = system.headless(Hardware::Pi)?;
    let partition = Utf8Path::new(boot.partition.as_ref()?.value.as_str());
    let (cluster, name) = (&model.cluster.name.value, &node.name.value);
    let folder = Utf8PathBuf::from(format!("nodes/{name}"));
    let instance = super::carrier::instance(cluster, name);
    let words = |list: &[crate::origin::Sourced<String>]| -> Vec<String> {
        list.iter().map(|word| word.value.clone()).collect()
    };
    let mut wanted = words(&boot.append);
    let mut once = Vec::new();
    let radio = node
        .settings
        .interfaces
        .iter()
        .any(|one| one.wifi.is_some());
    if let Some(country) = node.settings.locale.country.as_ref().filter(|_| radio) {
        wanted.push(format!("{COUNTRY}{}", country.value.0));
        once.push(COUNTRY.to_owned());
    }
    let names: &[&str] = match headless.kind.value {
        Provisioning::CloudInit => {
            if let Some(word) = &headless.instance_word {
                wanted.push(format!("{}{instance}", word.value));
                once.push(word.value.clone());
            }
            &["user-data", "meta-data", "network-config"]
        }
        Provisioning::Firstrun => {
            wanted.extend([
                format!("systemd.run={}", partition.join("firstrun.sh")),
                "systemd.run_success_action=reboot".to_owned(),
                "systemd.unit=kernel-command-line.target".to_owned(),
            ]);
            let run = [
                "systemd.run=",
                "systemd.run_success_action=",
                "systemd.unit=",
            ];
            once.extend(run.map(str::to_owned));
            &["firstrun.sh"]
        }
    };
    let below = match headless.kind.value {
        Provisioning::CloudInit => folder.join("cloud-init"),
        Provisioning::Firstrun => folder.join("boot"),
    };
    let command_lines = boot.files.iter().filter_map(|file| {
        let file = Utf8Path::new(&file.value).strip_prefix(partition).ok()?;
        Some(file.to_string())
    });
    let wanted: Result<Vec<Word>, Unfit> = wanted.into_iter().map(Word::new).collect();
    Some(wanted.map(|wanted| {
        Card {
            firmware: firmware(node, spec),
            medium: node
                .settings
                .boot
                .as_ref()
                .map_or("card", |boot| disk(boot.value)),
            owner: format!("{name} of the cluster {cluster}"),
            instance,
            files: names
                .iter()
                .map(|name| ((*name).to_owned(), below.join(name)))
                .collect(),
            command_lines: command_lines.collect(),
            wanted,
            unwanted: words(&boot.drop),
            once,
        }
    }))
}

/// The lines of pikc's block in config.txt.
fn firmware(node: &Node, spec: &str) -> Option<String> {
    let block = super::firmware::block(&node.settings, spec)?;
    // What the writer refuses has been reported.
    let lines = block.lines().ok()?;
    Some(lines.iter().flat_map(|line| [line.text(), "\n"]).collect())
}

/// What a medium is called that an image is written to.
pub(super) fn disk(medium: Medium) -> &'static str {
    match medium {
        Medium::Emmc => "eMMC",
        Medium::Usb => "USB disk",
        Medium::Nvme => "NVMe disk",
        Medium::Sd | Medium::Network => "card",
    }
}
