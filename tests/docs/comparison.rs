//! The comparison with other tools: what its rows say about pikc matches the corpus.

use std::collections::BTreeSet;

/// How the cell of another tool can begin.
const VERDICTS: &[&str] = &["before", "on the nodes", "at init", "otherwise", "–"];

/// `[text](target)`, with or without code around the text.
fn link(cell: &str) -> (&str, &str) {
    let (text, rest) = cell
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("]("))
        .unwrap_or_else(|| panic!("no link: {cell}"));
    (text.trim_matches('`'), rest.trim_end_matches(')'))
}

#[test]
fn each_row_of_the_comparison_matches_the_corpus() {
    let page = std::fs::read_to_string("docs/comparison.md").expect("the page");
    let pins = std::fs::read_to_string("tests/corpus/pins.txt").expect("the pins");
    let mut known = BTreeSet::new();
    let mut file = "";
    for line in pins.lines() {
        match line.strip_prefix("  ") {
            Some(pin) => {
                // A finding without a place is a code alone.
                let code = pin.split_whitespace().last().expect("a code");
                known.insert((file, code));
            }
            None => file = line.split(':').next().unwrap_or_default(),
        }
    }
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| ["))
        .map(|line| {
            let line = line.trim_end_matches('|');
            line.split(" | ").map(str::trim).collect()
        })
        .collect();
    assert!(rows.len() >= 30, "{} rows", rows.len());
    let mut counted = [[0; 5]; 2];
    for row in &rows {
        let [mistake, code, others @ ..] = row.as_slice() else {
            panic!("{row:?}");
        };
        let mistake = format!("[{mistake}");
        let (_, spec) = link(&mistake);
        let spec = spec
            .strip_prefix("../tests/corpus/")
            .expect("a spec of the corpus");
        let (code, _) = link(code);
        assert!(known.contains(&(spec, code)), "{spec} does not get {code}");
        assert_eq!(others.len(), 2, "{row:?}");
        for (tool, cell) in others.iter().enumerate() {
            let verdict = VERDICTS
                .iter()
                .position(|verdict| cell.starts_with(verdict));
            counted[tool][verdict.unwrap_or_else(|| panic!("{cell}"))] += 1;
        }
    }
    let [kubespray, kubeadm] = counted;
    let sum = format!(
        "Of these {}, kubespray finds {} before anything is run and {} on the nodes, and rules {} out; kubeadm finds {} before and {} at init.",
        rows.len(),
        kubespray[0],
        kubespray[1],
        kubespray[3],
        kubeadm[0],
        kubeadm[2],
    );
    assert!(page.contains(&sum), "the page should say: {sum}");
}
