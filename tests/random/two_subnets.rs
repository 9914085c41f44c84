//! The last machines of a spec in a network of their own, behind a router: the same findings, and each machine has what its own network has.

use proptest::prelude::*;

use super::draw::Draw;
use super::look::look;
use super::machines::Link;
use super::one_subnet::in_a_subnet;
use super::spec::{Spec, generate};
use super::text::{Block, Item};
use super::{cases, compile, numbers};
use pikc::render::Entry;

proptest! {
    #![proptest_config(cases(16, 40))]

    #[test]
    fn a_second_subnet_changes_no_finding(numbers in numbers(), mtu in any::<bool>()) {
        let mut spec = generate(&mut Draw::new(numbers));
        // Backends that encapsulate; the others have conditions of their own, which tests/spec/cni/subnets.md has.
        let fits = matches!(spec.cni.name, "flannel" | "calico" | "canal")
            && spec.cni.backend == Some("vxlan")
            && !spec.cni.speaks
            && spec.groups.len() > 1
            // Machines on Wi-Fi may be those that leave the pool's network.
            && !(spec.pool.is_some() && spec.groups.iter().any(|group| group.link == Link::Radio))
            && spec.network().child("ipv6").is_none();
        prop_assume!(fits);
        let last = spec.groups.len() - 1;
        // An MTU of an interface or of the CNI is held against that of the subnet.
        let mtu = mtu && spec.groups[last].mtu.is_none() && spec.cni.block.value("mtu").is_none();
        in_a_subnet(&mut spec, false);
        apart(&mut spec, last, mtu);
        let (text, _) = spec.root.print();
        let found = look(&text);
        prop_assert_eq!(&found.codes(), &spec.expected, "{}\n{}", found.told(), text);
        prop_assert!(found.is_sound(), "{}", text);
        let compiled = compile(&found);
        let Ok(compiled) = compiled else {
            return Err(TestCaseError::fail(text));
        };
        let name = &spec.groups[last].names[0];
        let entries = compiled.rendered.entries().iter();
        let own: String = entries
            .filter(|(path, _)| path.starts_with(&format!("nodes/{name}/")))
            .filter_map(|(_, entry)| match entry {
                Entry::File(file) => Some(file.content.to_string()),
                _ => None,
            })
            .collect();
        prop_assert!(own.contains("172.29.0.1"), "the router of {}: {}", name, text);
        prop_assert!(own.contains("topology.kubernetes.io/region=far"), "{}", text);
        prop_assert!(!mtu || own.contains("1400"), "the MTU of {}: {}", name, text);
    }
}

/// Moves the machines of a group into another subnet.
fn apart(spec: &mut Spec, group: usize, mtu: bool) {
    let mut far = Block::new("subnet far")
        .with("lan", "172.29.0.0/24")
        .with("gateway", "172.29.0.1")
        .with("dns", "[172.29.0.2]")
        .with("region", "far");
    if mtu {
        far.say("mtu", "1400");
    }
    spec.network().add(far);
    let count = spec.groups[group].count();
    let address = match count {
        1 => "172.29.0.10".to_owned(),
        more => format!("172.29.0.10..172.29.0.{}", 9 + more),
    };
    for item in &mut spec.node(group).items {
        if let Item::Setting(setting) = item
            && setting.key == "address"
        {
            setting.value.clone_from(&address);
        }
    }
}
