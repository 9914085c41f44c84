//! A network with one `subnet` block is the network without it: the same findings, and the same files for each machine.

use pikc::Compiled;
use pikc::render::Entry;
use proptest::prelude::*;

use super::draw::Draw;
use super::look::look;
use super::spec::{Spec, generate};
use super::text::{Block, Item};
use super::{cases, compile, numbers};

/// What the block of a subnet sets in place of `network`.
const OWN: &[&str] = &["lan", "gateway", "dns", "dhcp"];

proptest! {
    #![proptest_config(cases(16, 40))]

    #[test]
    fn one_subnet_is_the_lan(numbers in numbers(), named in any::<bool>()) {
        let mut spec = generate(&mut Draw::new(numbers));
        let (text, _) = spec.root.print();
        in_a_subnet(&mut spec, named);
        let (other, _) = spec.root.print();
        let (found, again) = (look(&text), look(&other));
        prop_assert_eq!(found.codes(), again.codes(), "{}\n{}", again.told(), other);
        let (before, after) = (compile(&found), compile(&again));
        let (Ok(before), Ok(after)) = (before, after) else {
            return Err(TestCaseError::fail(other));
        };
        let (before, after) = (machines(&before), machines(&after));
        prop_assert!(before.len() > 2);
        prop_assert_eq!(before, after, "{}", other);
    }
}

/// Moves what describes the LAN into a subnet, which the machines name or do not name.
pub fn in_a_subnet(spec: &mut Spec, named: bool) {
    let network = spec.network();
    let mut subnet = Block::new("subnet only");
    take(network, OWN, &mut subnet, "");
    if let Some(ipv6) = network.child("ipv6") {
        take(ipv6, &["lan"], &mut subnet, "-ipv6");
    }
    network.add(subnet);
    for group in 0..spec.groups.len() {
        if named {
            spec.node(group).say("subnet", "only");
        }
    }
}

fn take(from: &mut Block, keys: &[&str], to: &mut Block, suffix: &str) {
    for key in keys {
        if let Some(value) = from.value(key).map(str::to_owned) {
            to.say(&format!("{key}{suffix}"), value);
        }
    }
    from.items.retain(|item| match item {
        Item::Setting(setting) => !keys.contains(&setting.key.as_str()),
        Item::Block(_) => true,
    });
}

/// The files that go to machines; those for people show the subnet.
fn machines(compiled: &Compiled) -> Vec<(String, String)> {
    let entries = compiled.rendered.entries().iter();
    let files = entries.filter_map(|(path, entry)| match entry {
        Entry::File(file) => Some((path.to_string(), file.content.to_string())),
        _ => None,
    });
    let own = |path: &str| path.starts_with("nodes/") || path.starts_with("classes/");
    files.filter(|(path, _)| own(path)).collect()
}
