//! Renamed codes: the former name of a code still works.

use super::GOOD;
use crate::support::predicates_lite::{has, lacks};
use crate::support::{Folder, pikc};

const OLD: &str = "policy/lets-everyone-through";
const NEW: &str = "policy/allows-everything";

fn spec(allow: &str) -> String {
    let policy = "policy shop {\n namespaces = shop\n deny = ingress\n from { }\n }";
    let spec = GOOD.replace(
        "cni flannel { backend = vxlan }",
        &format!("cni calico {{ }}\n{policy}"),
    );
    format!("{spec}\n{allow}\n")
}

#[test]
fn an_allow_with_a_former_name_works_and_is_reported() {
    let allow = format!("allow {OLD} {{ reason = \"the shop is for everyone\" }}");
    let folder = Folder::new(&[("plain.pik", &spec("")), ("old.pik", &spec(&allow))]);
    let plain = pikc(&folder, &["check", "plain.pik"]);
    has(&plain.err, &format!("Warning: {NEW}"));
    let old = pikc(&folder, &["check", "--deny", "warnings", "old.pik"]);
    assert_eq!(old.status, 0, "{old:?}");
    lacks(&old.err, &format!("Warning: {NEW}"));
    has(&old.err, "Note: allow/renamed");
    has(&old.err, &format!("`{OLD}` is called `{NEW}` now"));
    let fixed = pikc(&folder, &["check", "--fix", "old.pik"]);
    assert_eq!(fixed.status, 0, "{fixed:?}");
    has(&folder.read("old.pik"), &format!("allow {NEW} {{"));
    let again = pikc(&folder, &["check", "old.pik"]);
    assert_eq!(again.err, "");
}

#[test]
fn an_allow_with_a_former_name_that_silences_nothing_is_reported_once() {
    let allow = format!("allow {OLD} {{ reason = \"left over\" }}");
    let idle = spec(&allow).replace("from { }", "from { ports = 443/tcp }");
    let folder = Folder::new(&[("idle.pik", &idle)]);
    let run = pikc(&folder, &["check", "idle.pik"]);
    has(&run.err, "Warning: allow/unused");
    lacks(&run.err, "allow/renamed");
}

#[test]
fn explain_knows_a_former_name() {
    let folder = Folder::new(&[]);
    let new = pikc(&folder, &["explain", NEW]);
    has(&new.out, "since: 0.1.0\n");
    has(&new.out, &format!("formerly: {OLD}\n"));
    let old = pikc(&folder, &["explain", OLD]);
    assert_eq!(old.status, 0);
    assert_eq!(
        old.out,
        format!("`{OLD}` is called `{NEW}` now.\n\n{}", new.out)
    );
    let data = pikc(&folder, &["explain", "--format", "json", OLD]);
    let data: serde_json::Value = serde_json::from_str(&data.out).expect("JSON");
    assert_eq!(data["code"], NEW);
    assert_eq!(data["since"], "0.1.0");
    assert_eq!(data["formerly"][0], OLD);
    assert!(data["deprecated"].is_null());
    let list = pikc(&folder, &["explain"]);
    lacks(&list.out, OLD);
}

#[test]
fn formats_for_programs_name_the_former_name() {
    let folder = Folder::new(&[("plain.pik", &spec(""))]);
    let format = |name: &str| -> serde_json::Value {
        let run = pikc(&folder, &["check", "--format", name, "plain.pik"]);
        serde_json::from_str(&run.out).expect("JSON")
    };
    let found = &format("json")["diagnostics"][0];
    assert_eq!(found["code"], NEW);
    assert_eq!(found["since"], "0.1.0");
    assert_eq!(found["formerly"], serde_json::json!([OLD]));
    let rule = &format("sarif")["runs"][0]["tool"]["driver"]["rules"][0];
    assert_eq!(rule["id"], NEW);
    assert_eq!(rule["deprecatedIds"], serde_json::json!([OLD]));
    assert_eq!(rule["properties"]["since"], "0.1.0");
}
