//! `pikc graph`: the picture at several sizes, with hostile titles, in each of its formats.

use crate::support::bless::same;
use crate::support::predicates_lite::{has, lacks};
use crate::support::{Folder, Run, pikc};

const SPEC: &str = include_str!("home-pi.pik");
const FORMATS: &[&str] = &["svg", "mermaid", "dot", "text"];

/// A spec like home-pi's with so many workers, in racks of at most 40.
fn sized(workers: usize) -> String {
    let (cluster, _) = SPEC
        .split_once("node node02")
        .unwrap_or_else(|| SPEC.split_once("node node[02-04]").expect("the workers"));
    let cluster = [
        ("192.168.11.0/24", "10.20.0.0/16"),
        ("192.168.11.2..192.168.11.200", "10.20.200.1..10.20.200.200"),
        ("192.168.11.201", "10.20.0.201"),
        ("192.168.11.1", "10.20.0.1"),
        ("10.244.0.0/16", "10.128.0.0/12"),
        ("10.96.0.0/12", "10.96.0.0/16"),
    ]
    .into_iter()
    .fold(cluster.to_owned(), |spec, (old, new)| {
        spec.replace(old, new)
    });
    let racks = (1..=workers.div_ceil(40)).map(|rack| {
        let count = (workers - (rack - 1) * 40).min(40);
        format!(
            "node r{rack}-[01-{count:02}] {{\n  profile = pi\n  role = worker\n  board = pi-4b-4g\n  address = 10.20.{rack}.1..10.20.{rack}.{count}\n}}\n"
        )
    });
    cluster + &racks.collect::<String>()
}

fn graph(folder: &Folder, arguments: &[&str]) -> Run {
    let run = pikc(folder, &[&["graph", "cluster.pik"], arguments].concat());
    assert_eq!(run.status, 0, "{run:?}");
    run
}

#[test]
fn every_size_has_one_box_for_each_kind_of_machine() {
    for workers in [0, 3, 199, 999] {
        let folder = Folder::new(&[("cluster.pik", &sized(workers))]);
        let kinds = if workers == 0 { 1 } else { 2 };
        let svg = graph(&folder, &[]).out;
        let boxes = svg.matches("<rect class=\"first\"").count();
        // The router is a box, too.
        let others = svg.matches("<rect class=\"node\"").count();
        assert_eq!((boxes, others), (1, kinds), "{svg}");
        assert!(svg.len() < 6000, "{}", svg.len());
        let mermaid = graph(&folder, &["--format", "mermaid"]).out;
        assert_eq!(mermaid.matches("\n    m").count(), kinds, "{mermaid}");
        let text = graph(&folder, &["--format", "text"]).out;
        assert!(
            text.lines().all(|line| line.chars().count() <= 78),
            "{text}"
        );
        if workers == 199 {
            has(&text, "199 workers: r1-[01-40], r2-[01-40]");
            has(&svg, "199 workers");
        }
        for format in FORMATS {
            let text = graph(&folder, &["--format", format]).out;
            for word in [
                "10.20.0.1",
                "10.20.0.0/16",
                "10.128.0.0/12",
                "10.96.0.0/16",
                "10.20.0.201:6443",
                "flannel",
            ] {
                assert!(text.contains(word), "{format}: {word}: {text}");
            }
        }
    }
}

#[test]
fn the_svg_is_a_picture_for_everyone() {
    let folder = Folder::new(&[("cluster.pik", SPEC)]);
    let svg = graph(&folder, &[]).out;
    for part in [
        "<svg xmlns=\"http://www.w3.org/2000/svg\"",
        "role=\"img\" aria-labelledby=\"pikc-picture-title\" aria-describedby=\"pikc-picture-said\"",
        "<title id=\"pikc-picture-title\">Cluster home</title>",
        "prefers-color-scheme:dark",
    ] {
        has(&svg, part);
    }
    let said = svg
        .split_once("<desc id=\"pikc-picture-said\">")
        .expect("it is described")
        .1;
    let said = said.split_once("</desc>").expect("its end").0;
    for word in [
        "node[02-04]",
        "router 192.168.11.1",
        "pods 10.244.0.0/16",
        "API https://192.168.11.201:6443",
    ] {
        has(said, word);
    }
    for part in ["href", "url(", "@import", "<script", "<image"] {
        lacks(&svg, part);
    }
    // The README shows it.
    let example = std::fs::read_to_string("examples/home-pi/cluster.pik").expect("the example");
    folder.text("cluster.pik", &example);
    let svg = graph(&folder, &[]).out;
    same("docs/images/home-pi.svg", &svg);
    // The review has the very same one.
    let page = pikc(&folder, &["review", "cluster.pik"]);
    has(&page.out, svg.trim_end());
}

/// Titles that are markup in one of the formats.
const TITLES: &[&str] = &[
    "<script>alert(1)</script>",
    "a]]>b &lt; c",
    "x\\\"]; click m0 \\\"javascript:alert(1)\\\"",
    "end ``` %%{init: {}}%% #quot;",
    "\\\\N \\\\G \\\\l trailing \\\\",
];

#[test]
fn a_hostile_title_is_text_in_every_format() {
    for title in TITLES {
        let board = format!(
            "board odd {{\n  title = \"{title}\"\n  family = pi-4\n  hardware = pi\n  cores = 4\n  memory = 2GiB\n  \
             usable = 1800MiB\n  architecture = arm64\n  wifi = \"2.4 GHz\"\n  wifi-driver = brcmfmac\n  source = [\"a test\"]\n  checked = 2026-11-22\n}}\n"
        );
        let folder = Folder::new(&[
            ("cluster.pik", &SPEC.replace("pi-4b-2g", "odd")),
            ("lib/boards/odd.pik", &board),
        ]);
        let drawn = |format| graph(&folder, &["--stdlib", "lib", "--format", format]).out;
        let svg = drawn("svg");
        lacks(&svg, "<script");
        lacks(&svg, "]]>");
        assert_eq!(
            svg.matches('<').count(),
            svg.matches("</").count() * 2 + alone(&svg),
            "{svg}"
        );
        for line in drawn("mermaid").lines() {
            assert!(is_mermaid(line), "{title}: {line}");
        }
        let dot = drawn("dot");
        assert!(is_dot(&dot), "{title}: {dot}");
        lacks(&drawn("text"), "```");
        // The runbook has it in a code block.
        let run = pikc(
            &folder,
            &["compile", "cluster.pik", "-o", "out", "--stdlib", "lib"],
        );
        assert_eq!(run.status, 0, "{run:?}");
    }
}

/// Elements without an end tag of their own.
fn alone(svg: &str) -> usize {
    svg.matches("/>").count()
}

/// Whether a line is one of those that the picture consists of, with one quoted label at most.
fn is_mermaid(line: &str) -> bool {
    let line = line.trim();
    let fixed = [
        "flowchart TB",
        "end",
        "%% The picture of a cluster, made by pikc",
    ];
    if fixed.contains(&line) {
        return true;
    }
    let Some((start, rest)) = line.split_once('"') else {
        return line
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || " -.".contains(c));
    };
    let Some((label, end)) = rest.rsplit_once('"') else {
        return false;
    };
    let named = start
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || " [(".contains(c));
    let label = label.replace("<br/>", " ");
    named && matches!(end, "]" | "])") && !label.contains(['"', '<', '>', '[', ']', '`', '%', '\\'])
}

/// Whether every quoted text ends, and nothing that is not ours is outside of them.
fn is_dot(dot: &str) -> bool {
    let mut outside = String::new();
    let mut quoted = false;
    let mut chars = dot.chars();
    while let Some(c) = chars.next() {
        match (quoted, c) {
            // The only escapes of ours: a line break, and the mark itself.
            (true, '\\') if !matches!(chars.next(), Some('n' | '\\')) => return false,
            (_, '"') => quoted = !quoted,
            (false, c) => outside.push(c),
            (true, _) => {}
        }
    }
    !quoted && !outside.contains("click") && !outside.contains('&') && outside.ends_with("}\n")
}

#[test]
fn the_ending_of_the_file_chooses_the_format_and_no_other_file_is_overwritten() {
    let folder = Folder::new(&[("cluster.pik", SPEC), ("notes.txt", "mine\n")]);
    for (file, begins) in [
        ("a.svg", "<svg "),
        ("a.mmd", "flowchart TB\n"),
        ("a.dot", "// The picture"),
        ("a.txt", "router "),
        ("other", "<svg "),
    ] {
        for _ in 0..2 {
            let run = graph(&folder, &["-o", file]);
            assert_eq!(run.out, format!("{file} is written\n"));
        }
        assert!(folder.read(file).starts_with(begins), "{file}");
    }
    let run = pikc(&folder, &["graph", "cluster.pik", "-o", "notes.txt"]);
    assert_eq!(run.status, 3, "{run:?}");
    assert_eq!(folder.read("notes.txt"), "mine\n");
}

#[test]
fn a_spec_with_errors_has_no_picture() {
    let folder = Folder::new(&[("cluster.pik", &SPEC.replace("vxlan", "vxlann"))]);
    let run = pikc(&folder, &["graph", "cluster.pik", "-o", "a.svg"]);
    assert_eq!(run.status, 1, "{run:?}");
    has(&run.err, "nothing was written");
    assert!(!folder.path().join("a.svg").exists());
}
