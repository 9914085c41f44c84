//! The machines of a generated spec: boards, systems that run on them, interfaces, and their settings.

use super::draw::Draw;
use super::facts::{BOARDS, Board, SYSTEMS, System};
use super::text::Block;

/// What carries the cluster on a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// One cable.
    Wired,
    /// The radio.
    Radio,
    /// One cable, and a second one for something else.
    Two,
    /// A bond of two cables.
    Bond,
    /// A VLAN on a cable.
    Vlan,
}

/// The machines of one `node` block.
#[derive(Clone, Debug)]
pub struct Group {
    /// `worker-b[08-10]`
    pub label: String,
    /// The names of its machines.
    pub names: Vec<String>,
    /// Whether it is the control plane.
    pub plane: bool,
    /// Their board.
    pub board: Board,
    /// Their system.
    pub system: System,
    /// What carries the cluster.
    pub link: Link,
    /// The name of that interface.
    pub interface: String,
    /// Whether an open radio network was chosen.
    pub open: bool,
    /// The MTU of that interface.
    pub mtu: Option<u32>,
    /// Its swap setting.
    pub swap: Option<&'static str>,
}

impl Group {
    /// How many machines it is.
    pub fn count(&self) -> u32 {
        u32::try_from(self.names.len()).expect("few machines")
    }
}

/// The groups of a cluster of 1 to 14 machines: one control plane, or three of a kind, and workers.
pub fn groups(draw: &mut Draw, one_system: bool) -> Vec<Group> {
    let planes = if draw.chance(15) { 3 } else { 1 };
    let plane = group(draw, 0, planes, true, (None, None));
    let (board, system) = (plane.board, plane.system);
    let mut groups = vec![plane];
    // Many clusters have one kind of machine, and only those can use what needs every machine to support it.
    let alike = draw.chance(40);
    let mut left = *draw.pick(&[1, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    while left > 0 {
        let count = draw.between(1, left);
        let number = groups.len();
        let same = (
            alike.then_some(board),
            (alike || one_system).then_some(system),
        );
        groups.push(group(draw, number, count, false, same));
        left -= count;
    }
    groups
}

/// A group, with the board and the system of other groups or its own.
fn group(
    draw: &mut Draw,
    number: usize,
    count: u32,
    plane: bool,
    same: (Option<Board>, Option<System>),
) -> Group {
    let fits = |board: &Board, system: &System| match board.pi {
        // These came before the Raspberry Pi 5.
        true if board.name.starts_with("pi-5") => {
            system.runs_on.0 && !matches!(system.name, "ubuntu-22.04" | "raspios-bullseye")
        }
        true => system.runs_on.0,
        false => system.runs_on.1,
    };
    let boards: Vec<Board> = (BOARDS.iter().copied())
        .filter(|board| !plane || board.memory >= 2048)
        .filter(|board| same.0.is_none_or(|same| same == *board))
        .filter(|board| same.1.is_none_or(|system| fits(board, &system)))
        .collect();
    let board = *draw.pick(&boards);
    let systems: Vec<System> = (SYSTEMS.iter().copied())
        .filter(|system| fits(&board, system) && same.1.is_none_or(|same| same == *system))
        .collect();
    let system = *draw.pick(&systems);
    let mut links = Vec::new();
    if board.wired {
        links.extend([Link::Wired, Link::Two]);
        if system.makes {
            links.extend([Link::Bond, Link::Vlan]);
        }
    }
    if board.radio && !system.dnf {
        links.push(Link::Radio);
    }
    let link = *draw.pick(&links);
    let interface = match link {
        Link::Radio => *draw.pick(&["wlan0", "wlp2s0"]),
        Link::Bond => *draw.pick(&["bond0", "lan-of-15-chars"]),
        Link::Vlan => *draw.pick(&["cluster20", "eth0.20"]),
        Link::Wired | Link::Two => *draw.pick(&["eth0", "end0", "enp1s0"]),
    };
    let (label, names) = names(draw, number, count, plane);
    Group {
        label,
        names,
        plane,
        board,
        system,
        link,
        interface: interface.to_owned(),
        open: link == Link::Radio && draw.chance(8),
        mtu: draw.chance(20).then(|| *draw.pick(&[1492, 1400, 1500])),
        swap: *draw.pick(&[None, Some("off"), Some("on"), Some("limited")]),
    }
}

/// A label for this many machines, and their names.
fn names(draw: &mut Draw, number: usize, count: u32, plane: bool) -> (String, Vec<String>) {
    let role = if plane { "plane" } else { "worker" };
    let stem = match draw.below(3) {
        0 => format!("{role}{number}x"),
        1 => format!("{role}-{number}-"),
        _ => format!("n{number}-of-the-longest-names-that-a-machine-may-have-{role}-"),
    };
    let first = draw.between(1, 95);
    if count == 1 {
        let name = format!("{stem}{first}");
        return (name.clone(), vec![name]);
    }
    let padded = draw.chance(50);
    let show = |number: u32| {
        if padded {
            format!("{number:03}")
        } else {
            number.to_string()
        }
    };
    let gap = count > 2 && draw.chance(30);
    let numbers: Vec<u32> = match gap {
        true => (first..first + count - 1)
            .chain([first + count + 3])
            .collect(),
        false => (first..first + count).collect(),
    };
    let brackets = match gap {
        true => format!(
            "{}-{},{}",
            show(first),
            show(first + count - 2),
            show(first + count + 3)
        ),
        false => format!("{}-{}", show(first), show(first + count - 1)),
    };
    let names = numbers
        .iter()
        .map(|number| format!("{stem}{}", show(*number)))
        .collect();
    (format!("{stem}[{brackets}]"), names)
}

/// The interface blocks of a group. `own` are numbers for unique MAC addresses.
pub fn interfaces(group: &Group, draw: &mut Draw, own: &mut u32) -> Vec<Block> {
    let mut main = Block::new(format!("interface {}", group.interface));
    let mut found = |block: &mut Block, draw: &mut Draw| {
        if group.names.len() == 1 && draw.chance(25) {
            *own += 1;
            block.say("mac", format!("dc:a6:32:00:00:{own:02x}"));
        }
    };
    let mut others = Vec::new();
    match group.link {
        Link::Wired => found(&mut main, draw),
        Link::Radio => {
            let mut wifi = Block::new("wifi").with("ssid", "\"the attic\"");
            if !group.open {
                wifi.say("passphrase", "secret:wifi");
            }
            if draw.chance(20) {
                wifi.say("hidden", "on");
            }
            main.add(wifi);
        }
        Link::Two => {
            main.say("cluster", "on");
            found(&mut main, draw);
            let mut second = Block::new("interface eth7").with("dhcp", "on");
            if draw.chance(50) {
                second.say("optional", "on");
            }
            let by_second = draw.chance(30);
            if by_second {
                second.say("default-route", "on");
            } else if draw.chance(30) {
                main.say("default-route", "on");
            }
            others.push(second);
        }
        Link::Bond => {
            let mut bond = Block::new("bond").with("members", "[eth0, eth1]");
            let mode = *draw.pick(&[
                "active-backup",
                "balance-rr",
                "balance-xor",
                "802.3ad",
                "balance-tlb",
                "balance-alb",
            ]);
            bond.say("mode", mode);
            if matches!(mode, "active-backup" | "balance-tlb" | "balance-alb") && draw.chance(40) {
                bond.say("primary", *draw.pick(&["eth0", "eth1"]));
            }
            main.add(bond);
            others.extend([Block::new("interface eth0"), Block::new("interface eth1")]);
        }
        Link::Vlan => {
            main.say("cluster", "on");
            main.add(
                Block::new("vlan")
                    .with("id", draw.between(1, 4094).to_string())
                    .with("on", "eth1"),
            );
            let mut carrier = Block::new("interface eth1");
            if let Some(mtu) = group.mtu.filter(|_| draw.chance(50)) {
                carrier.say("mtu", mtu.to_string());
            }
            if draw.chance(30) {
                carrier.say("dhcp", "on");
            }
            others.push(carrier);
        }
    }
    if let Some(mtu) = group.mtu {
        main.say("mtu", mtu.to_string());
    }
    let mut all = vec![main];
    all.extend(others);
    if draw.chance(30) {
        all.reverse();
    }
    all
}
