//! The profile and the nodes of the spec: which system and board a machine has, as far as something shows it.

use super::Import;
use super::machines::Machine;
use super::spec::{Section, Setting};
use crate::model::Role;
use crate::stdlib::{Hardware, System};
use crate::value::Size;

/// What a machine has that a profile may hold for all of them.
struct Kind {
    settings: Vec<Setting>,
}

impl Import {
    /// Adds a profile with what all machines share, and a node for each.
    pub(super) fn all_machines(&mut self, top: &mut Section) {
        let machines = std::mem::take(&mut self.machines);
        let kinds: Vec<Kind> = machines.iter().map(|machine| self.kind(machine)).collect();
        let mut profile = Section::new("profile", Some("machine"));
        let shared: Vec<Setting> = kinds.first().map_or_else(Vec::new, |first| {
            let everywhere = |one: &&Setting| {
                kinds.iter().all(|kind| {
                    let own = kind.settings.iter().find(|own| own.key == one.key);
                    own.is_some_and(|own| own.value == one.value)
                })
            };
            first.settings.iter().filter(everywhere).cloned().collect()
        });
        profile.settings.clone_from(&shared);
        let mut user = Section::new("user", Some(&self.user()));
        let note = "not a real key: write your own, as in ~/.ssh/id_ed25519.pub";
        user.guess("ssh-keys", Self::key(), Some(note));
        self.report.fill(
            format!("`ssh-keys` of user `{}`", self.user()),
            "the key in the spec is a placeholder: write your own",
        );
        profile.blocks.push(user);
        let interface = self.interface.clone();
        let mut block = Section::new("interface", Some(interface.as_deref().unwrap_or("eth0")));
        if interface.is_none() {
            block.note = Some("guessed: `ip link` on a machine shows its interfaces".to_owned());
            self.report.fill(
                "`interface` of profile `machine`",
                "no file names the interface of the machines",
            );
        }
        profile.blocks.push(block);
        top.blocks.push(profile);
        for (machine, kind) in machines.iter().zip(kinds) {
            let own = kind
                .settings
                .into_iter()
                .filter(|one| shared.iter().all(|shared| shared.key != one.key));
            let block = self.node_block(machine, own.collect());
            top.blocks.push(block);
        }
    }

    fn node_block(&mut self, machine: &Machine, own: Vec<Setting>) -> Section {
        let name = machine.name.as_ref().map(|(name, _)| name.as_str());
        let mut node = Section::new("node", name);
        node.guess("profile", "machine", None);
        node.guess("role", machine.role.word(), None);
        node.settings.extend(own);
        for (key, found) in [
            ("address", &machine.address),
            ("address-ipv6", &machine.address_ipv6),
        ] {
            let Some((address, place)) = found else {
                continue;
            };
            let word = address.to_string();
            if place.file.is_empty() {
                node.guess(key, word, Some("guessed: no file has one"));
            } else if let Err(place) = node.put(key, word, place.clone()) {
                self.report
                    .lost(place, "the node has another address already");
            }
        }
        if let Some((_, place)) = machine
            .name
            .as_ref()
            .filter(|(_, place)| !place.file.is_empty())
        {
            node.from.push(place.clone());
        }
        if let Some((word, place)) = &machine.swap {
            // A new block has no other value.
            let _ = node.put("swap", *word, place.clone());
        }
        node.blocks = machine.blocks();
        if machine.role == Role::Worker && machine.taints.as_ref().is_some_and(Vec::is_empty) {
            node.blocks.retain(|block| block.kind != "taints");
        }
        node
    }

    /// The operating system and the board of a machine.
    fn kind(&mut self, machine: &Machine) -> Kind {
        let name = machine.name.as_ref().map_or("", |(name, _)| name.as_str());
        let mut block = Section::default();
        let is_pi = machine
            .kernel
            .as_ref()
            .is_some_and(|kernel| kernel.contains("rpi") || kernel.contains("raspi"));
        match self.system(machine, is_pi) {
            Some(system) => block.guess("os", system, None),
            None => {
                let newest = self.newest_system(is_pi);
                block.guess(
                    "os",
                    newest,
                    Some("guessed: `pikc stdlib list os` shows the others"),
                );
                if let Some((_, place)) = &machine.image {
                    let why = "the library does not have this operating system";
                    self.report.lost(place.clone(), why);
                }
                self.report.fill(
                    "`os` of the machines",
                    "no file names one that the library has",
                );
            }
        }
        if let Some(board) = self.board(machine, is_pi) {
            block.guess("board", board, Some("guessed from its memory and kernel"));
            self.report.fill(
                format!("`board` of node `{name}`"),
                "guessed from its memory and kernel: /proc/device-tree/model on the machine names it",
            );
            return Kind {
                settings: block.settings,
            };
        }
        let architecture = match machine.architecture.as_deref() {
            Some("arm64") => "arm64",
            _ => "amd64",
        };
        let known = machine.architecture.is_some();
        let note = (!known).then_some("guessed: `pikc stdlib list board` shows the others");
        block.guess("board", format!("generic-{architecture}"), note);
        if !known {
            self.report.fill(
                "`board` of the machines",
                "no file says what kind of machines they are",
            );
        }
        match machine
            .memory
            .map(|bytes| bytes >> 20)
            .filter(|mebibytes| *mebibytes > 0)
        {
            Some(mebibytes) => block.guess("memory", Size(mebibytes << 20).to_string(), None),
            None => {
                block.guess("memory", "4GiB", Some("guessed"));
                self.report.fill(
                    "`memory` and `cpus` of the machines",
                    "no file says how large they are",
                );
            }
        }
        let cores = machine
            .cpus
            .clone()
            .filter(|cores| cores.parse::<u32>().is_ok());
        match cores {
            Some(cores) => block.guess("cpus", cores, None),
            None => block.guess("cpus", "2", Some("guessed")),
        }
        Kind {
            settings: block.settings,
        }
    }

    /// The system that a node's `osImage` names: "Debian GNU/Linux 12 (bookworm)".
    fn system(&self, machine: &Machine, is_pi: bool) -> Option<String> {
        let image = machine.image.as_ref()?.0.to_ascii_lowercase();
        let release = |system: &System| {
            let words: Vec<&str> = image
                .split(|c: char| !c.is_ascii_alphanumeric() && c != '.')
                .collect();
            let version = &system.version_id.value;
            let point = format!("{version}.");
            words.contains(&system.id.value.as_str())
                && (system
                    .codename
                    .as_ref()
                    .is_some_and(|name| words.contains(&name.value.as_str()))
                    || words
                        .iter()
                        .any(|word| word == version || word.starts_with(&point)))
        };
        let mut found: Vec<&System> = self
            .facts
            .systems
            .iter()
            .filter(|one| release(one))
            .collect();
        // Raspberry Pi OS calls itself Debian.
        found.sort_by_key(|system| match system.hardware {
            Hardware::Pi => !is_pi,
            Hardware::Generic => is_pi,
            Hardware::Any => false,
        });
        Some(found.first()?.name.clone())
    }

    fn newest_system(&self, is_pi: bool) -> String {
        let fits = |system: &&System| {
            let family = if is_pi { "raspios" } else { "debian" };
            system.family == family
        };
        let newest = self.facts.systems.iter().filter(fits);
        newest
            .max_by_key(|system| system.version_id.value.parse::<u32>().unwrap_or(0))
            .map_or_else(|| "debian-13".to_owned(), |system| system.name.clone())
    }

    /// The Pi whose memory is that of the machine.
    fn board(&self, machine: &Machine, is_pi: bool) -> Option<String> {
        let memory = machine.memory.filter(|_| is_pi)?;
        let cores: i64 = machine.cpus.as_ref()?.parse().ok()?;
        let off = |usable: u64| usable.abs_diff(memory);
        self.facts
            .boards
            .iter()
            .filter(|board| {
                board.hardware == Hardware::Pi
                    && !board.by_node
                    && board.cores.value == cores
                    && Some(board.architecture.value.as_str()) == machine.architecture.as_deref()
                    && off(board.usable.value.0) < memory / 8
            })
            .min_by_key(|board| off(board.usable.value.0))
            .map(|board| board.name.clone())
    }
}
