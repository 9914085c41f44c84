//! What each rule costs at 1,000 and at 10,000 nodes, and how it grows: the promise is the ratio, because machines differ. Rules
//! may sort, so that ten times the nodes can take thirteen times as long, but not a hundred. `cargo bench --bench rules
//! [-- NODES NODES]`.
//!
//! Three clusters are measured: one `node` block for all workers; a block, a MAC address and a line in a peer's list for each
//! of them; and the same with every one of them wrong.

#![allow(
    clippy::print_stdout,
    reason = "its result is a table on standard output"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Instant;

use camino::Utf8Path;
use pikc::check::RULES;
use pikc::diagnostic::Diagnostics;
use pikc::model::{Model, Reader};
use pikc::{AnalyzeInput, analyze};

/// How often each is measured; the minimum counts, because nothing makes a program faster than it is.
const ROUNDS: usize = 5;

/// The shape of a cluster.
#[derive(Clone, Copy)]
enum Shape {
    /// All workers in one block.
    Alike,
    /// A block for each.
    Apart,
    /// A block for each, and each with something wrong.
    Wrong,
}

struct Nothing;

impl Reader for Nothing {
    fn read(&self, _path: &Utf8Path) -> Result<String, String> {
        Err("there is no such file".to_owned())
    }
}

fn main() {
    let sizes: Vec<usize> = std::env::args()
        .filter_map(|arg| arg.parse().ok())
        .collect();
    let (few, many) = match sizes[..] {
        [few, many] => (few, many),
        _ => (1_000, 10_000),
    };
    println!("| rule | one block | a block each | all of them wrong |");
    println!("|---|---|---|---|");
    let columns = [Shape::Alike, Shape::Apart, Shape::Wrong].map(|shape| {
        let [few, many] = [few, many].map(|nodes| times(&model(nodes, shape)));
        few.into_iter().zip(many).collect::<Vec<_>>()
    });
    for (index, rule) in RULES.iter().enumerate() {
        let cells = columns.iter().map(|column| cell(column[index]));
        println!(
            "| `{}` | {} |",
            rule.name,
            cells.collect::<Vec<_>>().join(" | ")
        );
    }
    let sums = columns.iter().map(|column| {
        let all = column.iter().copied();
        cell(all.fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1)))
    });
    println!("| all | {} |", sums.collect::<Vec<_>>().join(" | "));
}

/// `0.41, 4.2 ms: 10.2`
fn cell((few, many): (f64, f64)) -> String {
    format!("{:.2}, {:.2} ms: {:.1}", few * 1e3, many * 1e3, many / few)
}

/// The seconds that each rule takes.
fn times(model: &Model) -> Vec<f64> {
    let time = |rule: &pikc::check::Rule| {
        (0..ROUNDS)
            .map(|_| {
                let mut out = Diagnostics::default();
                let begin = Instant::now();
                rule.run(model, &mut out);
                begin.elapsed().as_secs_f64()
            })
            .fold(f64::INFINITY, f64::min)
    };
    RULES.iter().map(time).collect()
}

fn model(nodes: usize, shape: Shape) -> std::sync::Arc<Model> {
    let analysis = analyze(AnalyzeInput {
        path: Utf8Path::new("large.pik"),
        text: &spec(nodes, shape),
        reader: &Nothing,
        overlay: BTreeMap::new(),
        as_of: None,
        kept: None,
    });
    let errors: Vec<&str> = (analysis.diagnostics.iter())
        .map(|one| one.message.as_str())
        .take(3)
        .collect();
    let wrong = analysis.diagnostics.has_errors();
    assert_eq!(wrong, matches!(shape, Shape::Wrong), "{errors:?}");
    analysis.model.expect("a model")
}

/// A cluster of so many workers.
fn spec(nodes: usize, shape: Shape) -> String {
    let address = |number: usize| {
        let number = 0x0a00_0100 + u32::try_from(number).expect("few nodes");
        std::net::Ipv4Addr::from(number)
    };
    let names: Vec<String> = (0..nodes).map(|number| format!("w{number:05}")).collect();
    let mut text = format!(
        "cluster large {{
  kubernetes = 1.36
  network {{
    lan = 10.0.0.0/14
    gateway = 10.0.0.1
    dns = [10.0.0.1]
    dhcp = 10.2.0.1..10.2.255.254
    pods = 10.32.0.0/11
    services = 10.64.0.0/16
    node-prefix = 26
    reserved {{ vpn = 10.128.0.0/24 }}
  }}
  runtime crio {{}}
  cni calico {{ backend = bgp, typha = on }}
  bgp {{ peer rack {{ address = 10.0.0.2, as-number = 64513, nodes = [{}] }} }}
}}
profile all {{
  os = ubuntu-24.04
  board = pi-4b-4g
  user ops {{ ssh-keys = [\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAswVXqfxOkOM1h9osfsETZbgKXK7xQ5XoOozfIXPGGG ops\"] }}
  interface eth0 {{}}
}}
node plane {{
  profile = all
  role = control-plane
  address = 10.0.0.9
  route-reflector = on
}}
",
        match shape {
            Shape::Alike => names[0].clone(),
            Shape::Apart => names.join(", "),
            Shape::Wrong => names.iter().map(|name| format!("x{name}")).collect::<Vec<_>>().join(", "),
        }
    );
    if matches!(shape, Shape::Alike) {
        let last = nodes - 1;
        let (first_address, last_address) = (address(0), address(last));
        let head = format!("node w[00000-{last:05}]");
        writeln!(
            text,
            "{head} {{ profile = all, role = worker, address = {first_address}..{last_address} }}"
        )
        .expect("a String");
        return text;
    }
    for (number, name) in names.iter().enumerate() {
        let (own, mac) = match shape {
            Shape::Wrong => (std::net::Ipv4Addr::new(10, 2, 0, 7), 1),
            Shape::Alike | Shape::Apart => (address(number), number),
        };
        let mac = format!(
            "02:00:00:{:02x}:{:02x}:{:02x}",
            mac >> 16,
            mac >> 8 & 255,
            mac & 255
        );
        writeln!(
            text,
            "node {name} {{
  profile = all
  role = worker
  address = {own}
  interface eth0 {{ mac = {mac} }}
  labels {{ \"example.org/seat\" = s{number} }}
  kubelet {{ max-pods = {} }}
}}",
            if matches!(shape, Shape::Wrong) {
                110
            } else {
                60
            }
        )
        .expect("a String");
    }
    text
}
