//! Typos: words, values and braces that the language does not have, anywhere in a spec.

use super::mutations;
use crate::random::draw::Draw;
use crate::random::spec::Spec;
use crate::random::text::{Block, Item, Setting};

/// Blocks whose keys the user chooses.
const OPEN: &[&str] = &[
    "let",
    "reserved",
    "labels",
    "taints",
    "sysctls",
    "extra-args",
    "feature-gates",
    "pods",
];

mutations! {
    "a setting that is misspelt" => "spec/unknown-setting", |spec, draw| {
        setting(spec, draw, |one, draw| {
            let at = draw.below(u32::try_from(one.key.len()).expect("short")) as usize;
            one.key.insert(at, 'q');
            true
        })
    };
    "a kind of block that is misspelt" => "spec/unknown-block", |spec, draw| {
        block(spec, draw, |block, draw| {
            let at = draw.below(3) as usize;
            block.head.insert(at, 'q');
            true
        })
    };
    "a block where it does not belong" => "spec/misplaced-block", |spec, draw| {
        let block = *draw.pick(&["wifi", "network", "vlan", "bond", "reserved", "feature-gates"]);
        let head = Block::new(block);
        spec.node(0).insert(head);
        true
    };
    "a label where none belongs" => "spec/label", |spec, _| {
        let network = spec.network();
        network.head = "network lan".to_owned();
        network.marked = true;
        true
    };
    "a block twice" => "spec/duplicate-block", |spec, _| {
        let again = Block::new("network").with("node-prefix", "24");
        spec.cluster().insert(again);
        true
    };
    "a setting twice" => "spec/duplicate-setting", |spec, draw| {
        let lan = spec.lan.text();
        let key = *draw.pick(&["lan", "pods", "services"]);
        let again = Setting { key: key.to_owned(), value: lan, marked: true };
        spec.network().items.push(Item::Setting(again));
        true
    };
    "a required setting is missing" => "spec/missing-setting", |spec, draw| {
        match draw.below(3) {
            0 => spec.network().drop_setting("lan"),
            1 => spec.network().drop_setting("gateway"),
            _ => spec.node(0).drop_setting("role"),
        }
    };
    "a number that is too large" => "value/out-of-range", |spec, draw| {
        let number = draw.between(31, 999).to_string();
        spec.network().change("node-prefix", number);
        true
    };
    "a word that is not a choice" => "value/not-a-choice", |spec, draw| {
        let word = *draw.pick(&["maybe", "iptable", "IPVS"]);
        spec.cluster().make("proxy").change("mode", word);
        true
    };
    "a choice of another setting" => "value/not-a-choice", |spec, _| {
        spec.node(0).change("swap", "control-plane");
        true
    };
    "an address with a number too large" => "value/wrong-type", |spec, _| {
        spec.network().change("gateway", "192.168.300.1");
        true
    };
    "a network with host bits" => "value/wrong-type", |spec, _| {
        spec.network().change("services", "10.96.0.1/16");
        true
    };
    "a list for one value" => "value/unexpected-list", |spec, _| {
        let role = "[control-plane, worker]";
        spec.node(0).change("role", role);
        true
    };
    "an unknown board" => "value/unknown-name", |spec, _| {
        spec.node(0).change("board", "pi-4b-5g");
        true
    };
    "an unknown CNI" => "value/unknown-name", |spec, _| {
        let cluster = spec.cluster();
        cluster.drop_blocks("cni");
        cluster.marked = false;
        cluster.insert(Block::new("cni flanel"));
        true
    };
    "a constant that does not exist" => "spec/unknown-constant", |spec, _| {
        spec.network().change("gateway", "$rooter");
        true
    };
    "an unused constant" => "spec/unused-constant", |spec, _| {
        spec.root.make("let").change("spare", "1");
        true
    };
    "a variable that does not exist" => "value/unknown-variable", |spec, _| {
        spec.node(0).make("labels").change("seat", "\"${seat}\"");
        true
    };
    "an allowed warning that is not reported" => "allow/unused", |spec, _| allow(spec, "kubelet/cluster-dns");
    "an error in an `allow`" => "allow/not-a-warning", |spec, _| allow(spec, "network/pods-overlap-lan");
    "a code that does not exist" => "allow/unknown-code", |spec, _| allow(spec, "network/pods-overlap-wan");
    "two values without brackets" => "syntax/several-values", |spec, _| {
        spec.network().change("dns", "9.9.9.9, 1.1.1.1");
        true
    };
    "a setting without a value" => "syntax/missing-value", |spec, draw| {
        setting(spec, draw, |one, _| {
            one.value.clear();
            true
        })
    };
    "wrong quotes" => "syntax/wrong-quotes", |spec, draw| {
        setting(spec, draw, |one, _| {
            one.value = "'x'".to_owned();
            true
        })
    };
    "a string that does not end" => "syntax/unclosed-string", |spec, draw| {
        setting(spec, draw, |one, _| {
            one.value = "\"x".to_owned();
            true
        })
    };
}

fn allow(spec: &mut Spec, code: &str) -> bool {
    spec.root
        .insert(Block::new(format!("allow {code}")).with("reason", "\"none\""));
    true
}

/// Changes some setting of a block that is not an open map, and marks it.
fn setting(
    spec: &mut Spec,
    draw: &mut Draw,
    change: impl Fn(&mut Setting, &mut Draw) -> bool,
) -> bool {
    let mut all = Vec::new();
    settings(&mut spec.root, &mut all);
    let at = draw.below(u32::try_from(all.len()).expect("not so many")) as usize;
    let one = &mut all[at];
    one.marked = true;
    change(one, draw)
}

fn settings<'a>(block: &'a mut Block, out: &mut Vec<&'a mut Setting>) {
    let open = OPEN.contains(&block.head.as_str());
    for item in &mut block.items {
        match item {
            Item::Setting(setting) if !open => out.push(setting),
            Item::Setting(_) => {}
            Item::Block(block) => settings(block, out),
        }
    }
}

/// Changes some block, and marks it.
fn block(spec: &mut Spec, draw: &mut Draw, change: impl Fn(&mut Block, &mut Draw) -> bool) -> bool {
    let mut count = 0;
    visit(&mut spec.root, &mut |_| count += 1);
    let chosen = draw.below(count);
    let (mut at, mut changed) = (0, false);
    visit(&mut spec.root, &mut |block| {
        if at == chosen {
            block.marked = true;
            changed = change(block, draw);
        }
        at += 1;
    });
    changed
}

fn visit(block: &mut Block, see: &mut dyn FnMut(&mut Block)) {
    for item in &mut block.items {
        if let Item::Block(inner) = item {
            see(inner);
            visit(inner, see);
        }
    }
}
