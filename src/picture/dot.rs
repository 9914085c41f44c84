//! The picture as a graph of Graphviz: `pikc graph SPEC --format dot | dot -Tpng`.

use super::boxes::{api, heading, lan, lines, overlay, router, versions};
use super::data::Picture;
use crate::file_format::diagram::graphviz as label;

/// The graph.
pub fn dot(picture: &Picture) -> String {
    let title = format!("cluster {}", picture.cluster);
    let mut out = format!(
        "// The picture of a cluster, made by pikc\ngraph cluster {{\n  graph [label={}, labelloc=t, compound=true, fontname=monospace];\n",
        label(&[title, versions(picture)])
    );
    out.push_str("  node [shape=box, fontname=monospace, fontsize=11];\n");
    let above = router(picture);
    if !above.is_empty() {
        out.push_str(&format!("  router [label={}];\n", label(&above)));
    }
    out.push_str(&format!(
        "  subgraph cluster_lan {{\n    label={};\n",
        label(&[lan(picture)])
    ));
    for (index, machines) in picture.machines.iter().enumerate() {
        let mut text = vec![heading(machines)];
        text.extend(lines(machines));
        let style = match machines.role {
            "control-plane" => ", penwidth=2",
            _ => "",
        };
        out.push_str(&format!("    m{index} [label={}{style}];\n", label(&text)));
    }
    out.push_str("  }\n");
    out.push_str(&format!(
        "  pods [label={}, style=dashed];\n",
        label(&overlay(picture))
    ));
    // A line to the LAN needs one of its boxes; there is none in a spec without machines.
    if !picture.machines.is_empty() {
        if !above.is_empty() {
            out.push_str("  router -- m0 [lhead=cluster_lan];\n");
        }
        out.push_str("  m0 -- pods [ltail=cluster_lan, style=dashed];\n");
    }
    let first = picture
        .machines
        .iter()
        .position(|one| one.role == "control-plane");
    if let (Some(api), Some(first)) = (api(picture), first) {
        let text = label(&["API".to_owned(), api]);
        out.push_str(&format!(
            "  api [label={text}, shape=oval];\n  api -- m{first};\n"
        ));
    }
    out.push_str("}\n");
    out
}
