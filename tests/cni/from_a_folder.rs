//! A CNI from a folder outside the program: its options, its manifest, what it needs on the machines, the rules and the choice.
//! No Rust code has its name.

use crate::support::predicates_lite::{has, lacks};
use crate::support::{Folder, Run, pikc};

const FACTS: &str = include_str!("from_a_folder/cni.pik");
const MANIFEST: &str = include_str!("from_a_folder/tramway.yaml.j2");

fn folder(cni: &str) -> Folder {
    let text = super::one_worker(cni);
    Folder::new(&[
        ("cluster.pik", &text),
        ("lib/cni/tramway/cni.pik", FACTS),
        ("lib/cni/tramway/tramway.yaml.j2", MANIFEST),
    ])
}

fn run(folder: &Folder, line: &[&str]) -> Run {
    let line: Vec<&str> = line.iter().copied().chain(["--stdlib", "lib"]).collect();
    folder.run(
        &line,
        &[("PIKC_SECRET_WIFI", "correct horse battery staple")],
        "",
    )
}

#[test]
fn it_is_compiled_like_the_others() {
    let folder = folder("cni tramway { bells = 3 }\n  mirror { images = \"mirror.example/all\" }");
    let unknown = pikc(&folder, &["check", "cluster.pik"]);
    assert_eq!(unknown.status, 1, "{unknown:?}");
    has(&unknown.err, "tramway");
    let made = run(&folder, &["compile", "cluster.pik", "-o", "out"]);
    assert_eq!(made.status, 0, "{made:?}");
    let manifest = folder.read("out/nodes/control/cni/10-tramway.yaml");
    for piece in [
        "# 1.2.3 for 2 machines.",
        "image: \"mirror.example/all/tramway/driver:1.2.3\"",
        "value: \"10.244.0.0/16\"",
        "value: \"3\"",
        "value: \"no\"",
    ] {
        has(&manifest, piece);
    }
    let class = folder.shell("ls out/classes | grep worker").out;
    let file = |path: &str| folder.read(&format!("out/classes/{}/files/{path}", class.trim()));
    has(&file("etc/modules-load.d/pikc.conf"), "geneve");
    let unmanaged = file("etc/NetworkManager/conf.d/90-pikc.conf");
    has(
        &unmanaged,
        "interface-name:tram*;interface-name:geneve.tram;",
    );
    let runbook = folder.read("out/README.md");
    has(&runbook, "Tramway 1.2.3");
    has(&runbook, "UDP 6081");
    lacks(&runbook, "8472");
    let step = folder.read(&format!("out/classes/{}/steps/60-crio.sh", class.trim()));
    has(&step, "conflists=(/etc/cni/net.d/10-tramway.conflist)");
    let why = folder
        .shell("grep -n BELLS -A1 out/cluster/cni/10-tramway.yaml | tail -n 1 | cut -d - -f 1")
        .out;
    let why = run(
        &folder,
        &[
            "why",
            &format!("out/cluster/cni/10-tramway.yaml:{}", why.trim()),
            "--spec",
            "cluster.pik",
        ],
    );
    has(&why.out, "bells = 3");
}

#[test]
fn the_rules_and_the_choice_use_its_facts() {
    let open = folder("cni auto { needs = [layer7-policy] }");
    let report = run(&open, &["check", "cluster.pik"]);
    assert_eq!(report.status, 0, "{report:?}");
    has(
        &report.err,
        "`cni auto` chooses Tramway, the same as `cni tramway { conductor = on }`",
    );
    let table = run(&open, &["cni", "cluster.pik"]);
    has(&table.out, "conductor = on");
    has(&table.out, "1.30 and later");

    let wrong = folder("cni tramway { bells = 12 }");
    has(
        &run(&wrong, &["check", "cluster.pik"]).err,
        "value/out-of-range",
    );
    let old = folder("cni tramway {}");
    let text = old
        .read("cluster.pik")
        .replace("kubernetes = 1.36", "kubernetes = 1.29");
    old.text("cluster.pik", &text);
    has(
        &run(&old, &["check", "cluster.pik"]).err,
        "Tramway 1.2.3 is tested with Kubernetes 1.30 and later, not with 1.29",
    );

    let fixed = folder("cni tramway {}");
    assert_eq!(
        run(&fixed, &["compile", "cluster.pik", "-o", "out"]).status,
        0
    );
    let text = fixed
        .read("cluster.pik")
        .replace("cni tramway {}", "cni tramway { conductor = on }");
    fixed.text("cluster.pik", &text);
    let changed = run(&fixed, &["diff", "cluster.pik", "-o", "out"]);
    has(
        &changed.err,
        "`cni tramway: conductor` was off when the tree was built, and is on now",
    );
}
