//! A spec from addresses: a line for each machine, `ADDRESS [NAME]`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::cli::shared::exit::Failure;
use crate::value::SshKey;

struct Machine {
    name: String,
    address: Ipv4Addr,
}

/// The spec, with comments at what was guessed.
pub(super) fn spec(input: &str) -> Result<String, Failure> {
    let machines = machines(input)?;
    let lan = lan(&machines);
    let taken: BTreeSet<Ipv4Addr> = machines.iter().map(|machine| machine.address).collect();
    let gateway = lan
        .hosts()
        .find(|address| !taken.contains(address))
        .ok_or_else(|| Failure::usage(format!("{lan} has no address left for a router")))?;
    let mut text = format!(
        "# Made by `pikc init` from {} addresses. Guesses are marked: check them.\n\
         cluster home {{\n  \
           kubernetes = 1.36\n\n  \
           network {{\n    \
             lan     = {lan}     # guessed: the smallest usual network that holds all machines\n    \
             gateway = {gateway}     # guessed: its first free address\n    \
             dns     = [{gateway}]     # guessed: the router answers for names\n  \
           }}\n\n  \
           runtime crio {{}}\n  \
           cni flannel {{ backend = vxlan }}\n\
         }}\n\n\
         profile machine {{\n  \
           os = raspios-trixie     # guessed: `pikc stdlib list os` shows the others\n  \
           user pi {{\n    \
             # your own public key: `cat ~/.ssh/id_ed25519.pub`\n    \
             ssh-keys = [\"{}\"]\n  \
           }}\n  \
           interface eth0 {{}}\n\
         }}\n",
        machines.len(),
        SshKey::PLACEHOLDER
    );
    for (index, machine) in machines.iter().enumerate() {
        let (role, board) = match index {
            0 => ("control-plane", "pi-4b-4g"),
            _ => ("worker", "pi-4b-2g"),
        };
        let note = match index {
            0 => "     # guessed: `pikc stdlib list board` shows the others",
            _ => "",
        };
        write!(
            text,
            "\nnode {} {{\n  profile = machine\n  role    = {role}\n  board   = {board}{note}\n  address = {}\n}}\n",
            machine.name, machine.address
        )
        .expect("writing to a String");
    }
    Ok(text)
}

fn machines(input: &str) -> Result<Vec<Machine>, Failure> {
    let mut found: Vec<Machine> = Vec::new();
    let lines = input
        .lines()
        .map(str::trim)
        .enumerate()
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    for (index, line) in lines {
        let number = index + 1;
        let wrong = |why: String| {
            Failure::usage(format!("line {number} of standard input: {why}"))
                .help("write a line for each machine: ADDRESS [NAME]")
        };
        let mut words = line.split_whitespace();
        let word = words.next().unwrap_or_default();
        let address = word
            .parse()
            .map_err(|_| wrong(format!("`{}` is not an IPv4 address", word.escape_debug())))?;
        let name = match words.next() {
            Some(name) if crate::value::is_label(name) => name.to_owned(),
            Some(name) => {
                return Err(wrong(format!(
                    "`{}` is not a machine name (lowercase letters, digits, -)",
                    name.escape_debug()
                )));
            }
            None => format!("node{:02}", found.len() + 1),
        };
        if let Some(more) = words.next() {
            return Err(wrong(format!(
                "`{}` is one word too many",
                more.escape_debug()
            )));
        }
        if found.iter().any(|machine| machine.address == address) {
            return Err(wrong(format!("{address} is listed twice")));
        }
        if found.iter().any(|machine| machine.name == name) {
            return Err(wrong(format!("the name {name} is listed twice")));
        }
        found.push(Machine { name, address });
    }
    if found.is_empty() {
        return Err(Failure::usage("standard input has no address")
            .help("write a line for each machine: ADDRESS [NAME]"));
    }
    Ok(found)
}

/// The smallest network, not smaller than /24, that holds all machines.
fn lan(machines: &[Machine]) -> Ipv4Net {
    let holds = |net: &Ipv4Net| {
        machines
            .iter()
            .all(|machine| net.contains(&machine.address))
    };
    let first = machines
        .first()
        .map_or(Ipv4Addr::UNSPECIFIED, |machine| machine.address);
    (0..=24)
        .rev()
        .filter_map(|prefix| Ipv4Net::new(first, prefix).ok())
        .map(|net| net.trunc())
        .find(holds)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_becomes_a_node() {
        let text =
            spec("192.168.11.201\n\n# the workers\n192.168.11.202 anna\n192.168.12.1 bert\n")
                .expect("well formed");
        assert!(text.contains("lan     = 192.168.8.0/21 "), "{text}");
        assert!(text.contains("gateway = 192.168.8.1 "), "{text}");
        assert!(text.contains("node node01 {\n  profile = machine\n  role    = control-plane"));
        assert!(text.contains("node anna {\n  profile = machine\n  role    = worker"));
    }

    #[test]
    fn a_line_without_an_address_is_reported_by_its_number() {
        let message = |input: &str| spec(input).expect_err(input).message.unwrap_or_default();
        assert!(message("10.0.0.1\nfoo\n").contains("line 2"));
        assert!(message("10.0.0.1\n10.0.0.1\n").contains("twice"));
        assert!(message("10.0.0.1 Node_1\n").contains("machine name"));
        assert!(message("").contains("no address"));
    }
}
