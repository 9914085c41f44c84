//! The picture as a flowchart of Mermaid, which pages on GitHub and GitLab draw.

use super::boxes::{api, heading, lan, lines, overlay, router, versions};
use super::data::Picture;
use crate::file_format::diagram::mermaid as label;

/// The flowchart.
pub fn mermaid(picture: &Picture) -> String {
    let mut out = String::from("flowchart TB\n  %% The picture of a cluster, made by pikc\n");
    let title = format!("cluster {}", picture.cluster);
    out.push_str(&format!(
        "  cluster([{}])\n",
        label(&[title, versions(picture)])
    ));
    let above = router(picture);
    if !above.is_empty() {
        out.push_str(&format!("  router[{}]\n", label(&above)));
    }
    out.push_str(&format!("  subgraph lan [{}]\n", label(&[lan(picture)])));
    for (index, machines) in picture.machines.iter().enumerate() {
        let mut text = vec![heading(machines)];
        text.extend(lines(machines));
        out.push_str(&format!("    m{index}[{}]\n", label(&text)));
    }
    out.push_str("  end\n");
    out.push_str(&format!("  pods[{}]\n", label(&overlay(picture))));
    out.push_str(match above.is_empty() {
        true => "  cluster --- lan\n",
        false => "  cluster --- router\n  router --- lan\n",
    });
    let first = picture
        .machines
        .iter()
        .position(|one| one.role == "control-plane");
    if let (Some(api), Some(first)) = (api(picture), first) {
        out.push_str(&format!("  api([{}])\n", label(&["API".to_owned(), api])));
        out.push_str(&format!("  api --- m{first}\n"));
    }
    out.push_str("  lan -.- pods\n");
    out
}
