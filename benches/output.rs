//! Writing a large tree against `cp -r` of the same tree, in one run: the promise is a ratio,
//! because machines differ. `cargo bench --bench output [-- NODES...]`; `PIKC_BENCH_DIR` sets where.

#![allow(
    clippy::print_stdout,
    reason = "its result is a table on standard output"
)]

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Instant;

use camino::{Utf8Path, Utf8PathBuf};
use pikc::output::{ManifestInput, WriteOptions, diff, write};
use pikc::render::{Entry, File, Rendered};

/// How often each is measured; the median counts.
const ROUNDS: usize = 3;

fn main() {
    let nodes: Vec<usize> = std::env::args()
        .filter_map(|arg| arg.parse().ok())
        .collect();
    let nodes = if nodes.is_empty() {
        vec![1_000, 10_000]
    } else {
        nodes
    };
    println!(
        "| nodes | paths | first | again | one line in each changed | diff of nothing | `cp -r` | first : cp | again : first |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for nodes in nodes {
        println!("{}", row(nodes));
    }
}

fn row(nodes: usize) -> String {
    let above = match std::env::var("PIKC_BENCH_DIR") {
        Ok(dir) => tempfile::tempdir_in(dir),
        Err(_) => tempfile::tempdir(),
    }
    .expect("a place for the tree");
    let above = Utf8Path::from_path(above.path()).expect("a plain path");
    let (tree, changed) = (tree(nodes, 0), tree(nodes, 1));
    let mut times: [Vec<(f64, f64)>; 5] = Default::default();
    for round in 0..ROUNDS {
        let out = above.join(format!("out-{round}"));
        let mut time = |which: usize, work: &mut dyn FnMut()| {
            let (started, before) = (Instant::now(), processor_seconds());
            work();
            let processor = processor_seconds() - before;
            times[which].push((started.elapsed().as_secs_f64(), processor));
        };
        time(0, &mut || put(&out, &tree));
        time(1, &mut || put(&out, &tree));
        time(3, &mut || {
            drop(diff(&out, &tree, &input(), None).expect("a diff"))
        });
        let copy = above.join(format!("copy-{round}"));
        time(4, &mut || {
            let copied = Command::new("cp")
                .args(["-r", out.as_str(), copy.as_str()])
                .status();
            assert!(copied.is_ok_and(|status| status.success()));
        });
        time(2, &mut || put(&out, &changed));
        std::fs::remove_dir_all(&out).expect("the tree is removed");
        std::fs::remove_dir_all(&copy).expect("the copy is removed");
    }
    let [first, again, all, diff, cp] = times.map(|mut times| {
        times.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        times[ROUNDS / 2]
    });
    let cell = |time: (f64, f64)| format!("{:.2} s, {:.2} s", time.0, time.1);
    let ratio = |a: (f64, f64), b: (f64, f64)| format!("{:.2}, {:.2}", a.0 / b.0, a.1 / b.1);
    format!(
        "| {nodes} | {} | {} | {} | {} | {} | {} | {} | {} |",
        tree.entries().len(),
        cell(first),
        cell(again),
        cell(all),
        cell(diff),
        cell(cp),
        ratio(first, cp),
        ratio(again, first)
    )
}

/// The processor time of this process and of those it ran and waited for.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields);
    let ticks: u64 = (fields.split(' ').skip(11).take(4))
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    ticks as f64 / 100.0
}

fn put(out: &Utf8Path, tree: &Rendered) {
    write(out, tree, &input(), &WriteOptions::default()).expect("a written tree");
}

fn input() -> ManifestInput {
    ManifestInput {
        spec_sha256: "0".repeat(64),
        ..ManifestInput::default()
    }
}

/// As many and as large files as a node of the home cluster has; `seed` is in one file of each.
fn tree(nodes: usize, seed: usize) -> Rendered {
    let mut entries = BTreeMap::new();
    let mut file = |path: String, size: usize, mode: u32| {
        let line = format!("{path} {seed}: a line of this file\n");
        let text = line.repeat(size / line.len() + 1);
        entries.insert(
            Utf8PathBuf::from(path),
            Entry::File(File {
                content: text.into(),
                mode,
                lines: Vec::new(),
            }),
        );
    };
    for class in ["control-plane", "worker", "worker-swap"] {
        file(format!("classes/{class}/run.sh"), 9_000, 0o755);
        file(format!("classes/{class}/lib.sh"), 9_000, 0o644);
        for step in 0..25 {
            file(
                format!("classes/{class}/steps/{step:02}-step.sh"),
                3_000,
                0o755,
            );
        }
    }
    for node in 0..nodes {
        let below = format!("nodes/node{node:05}");
        file(format!("{below}/kubeadm.yaml"), 1_500, 0o644);
        file(format!("{below}/node.conf"), 300, 0o644);
        file(format!("{below}/node.list"), 900, 0o644);
        file(format!("{below}/files/etc/hostname"), 10, 0o644);
        file(
            format!("{below}/files/etc/NetworkManager/system-connections/wlan0.nmconnection"),
            400,
            0o600,
        );
        file(format!("{below}/fragments/hosts"), 300, 0o644);
        file(format!("{below}/fragments/cmdline"), 60, 0o644);
        file(
            format!("{below}/patches/kubeletconfiguration+merge.yaml"),
            120,
            0o644,
        );
    }
    // One file of each node differs with the seed, not all.
    if seed > 0 {
        let other = tree(nodes, 0);
        for (path, entry) in other.entries().clone() {
            if !path.ends_with("node.conf") {
                entries.insert(path.into(), entry);
            }
        }
    }
    for node in 0..nodes {
        for name in ["run.sh", "lib.sh", "steps"] {
            let path = format!("nodes/node{node:05}/{name}");
            entries.insert(
                path.into(),
                Entry::Link(format!("../../classes/worker/{name}").into()),
            );
        }
    }
    entries.into_iter().collect()
}
