//! Credentials in a kubeadm file or a manifest: `check` must not print them, in any format, at any log level, wherever in the file the
//! mistake is.

use base64::Engine as _;

use crate::support::Folder;

const TOKEN: &str = "k4nari.9f8e7d6c5b4a3021";
const KEY: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

/// Each with a mistake near the secret, or in it.
fn files() -> Vec<(&'static str, String)> {
    let init = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n";
    let join = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: JoinConfiguration\n";
    let secret = "apiVersion: v1\nkind: Secret\n";
    vec![
        (
            "next to an unknown field",
            format!("{init}bootstrapTokens:\n  - token: {TOKEN}\n    tll: 24h\n"),
        ),
        (
            "on the line of the mistake",
            format!("{join}discovery: {{ bootstrapToken: {{ token: {TOKEN}, apiServerEndpoint: \"192.168.11.201:6443\" }} }}\n"),
        ),
        (
            "nearly a token",
            format!("{init}bootstrapTokens:\n  - token: \"K{TOKEN}\"\n"),
        ),
        (
            "a token that YAML reads as a number",
            format!("{init}bootstrapTokens:\n  - token: 4711470815.0815\n  - token: {TOKEN}x\n"),
        ),
        (
            "a key that is a number, and one that is not",
            format!("{init}certificateKey: 4711470815081547114708150815471147081508154711470815081547114708\n---\n{join}controlPlane:\n  certificateKey: {KEY}0\n"),
        ),
        (
            "a block of lines",
            format!("{init}certificateKey: >-\n  {KEY}\n\n  x4711470815\n"),
        ),
        (
            "a name for it",
            format!("{join}nodeRegistration:\n  name: &name {TOKEN}\ndiscovery:\n  tlsBootstrapToken: *name\n  filed: {{}}\n"),
        ),
        (
            "the wrong field",
            format!("{join}nodeRegistration: {{ name: \"{TOKEN}\", imagePullPolicy: {KEY} }}\n"),
        ),
        (
            "no space after the colon",
            format!("{init}bootstrapTokens: [ {{ token:{TOKEN}, usages: [signing] }} ]\n"),
        ),
        (
            "not YAML",
            format!("{init}bootstrapTokens:\n  - token: X{TOKEN}\n   ttl: [\n"),
        ),
        (
            "a comment",
            format!("{init}# kubeadm join 192.168.11.201:6443 --token {TOKEN} --certificate-key {KEY}\nnothing: true\n"),
        ),
        (
            "a password in an address",
            format!("{init}nothing: http://me:4711470815@proxy.example:3128\n"),
        ),
        (
            "a Secret on one line",
            "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"stringData\":{\"a\":\"4711470815\"}}\n".to_owned(),
        ),
        (
            "a Secret next to a mistake",
            format!("{secret}stringData:\n  password: |\n    4711470815\n---\napiVersion: policy/v1beta1\nkind: PodSecurityPolicy\n---\n{secret}data:\n  a: 4711470815\n"),
        ),
        (
            "a Secret in a list",
            "apiVersion: v1\nkind: List\nitems:\n  - data:\n      a: 4711470815\n    kind: Secret\n    apiVersion: v1\n".to_owned(),
        ),
        (
            "a Secret that is not YAML",
            format!("{secret}stringData:\n  password: \"4711470815\n  more: 4711470815\n"),
        ),
    ]
}

/// What must not be printed of them, and what would be left if an end were cut off.
const SEEN: &[&str] = &[TOKEN, KEY, "k4nari", "9f8e7d6c", "0f1e2d3c", "4711470815"];

#[test]
fn check_shows_no_credentials() {
    for (at, (what, text)) in files().into_iter().enumerate() {
        let folder = Folder::new(&[("kubeadm.yaml", &text)]);
        // Both options read the file the same way.
        let option = ["--kubeadm", "--manifest"][at % 2];
        for format in ["human", "json", "sarif", "github", "gitlab"] {
            let line = ["check", option, "kubeadm.yaml", "--format", format];
            let run = folder.run(&line, &[("RUST_LOG", "trace")], "");
            let said = format!("{}{}", run.out, run.err);
            assert!(run.status <= 1, "{what}: {said}");
            for part in SEEN {
                assert!(!said.contains(part), "{what}, {format}: {said}");
            }
            let packed = base64::engine::general_purpose::STANDARD.encode(TOKEN);
            assert!(!said.contains(&packed), "{what}, {format}: {said}");
        }
    }
}

#[test]
fn a_file_that_is_not_utf_8_shows_no_credentials_either() {
    let folder = Folder::new(&[]);
    folder.shell(&format!(
        "printf 'bootstrapTokens:\\n  - token: {TOKEN}\\n    description: caf\\351\\n' >kubeadm.yaml"
    ));
    let run = folder.run(&["check", "--kubeadm", "kubeadm.yaml"], &[], "");
    assert_eq!(run.status, 1, "{run:?}");
    assert!(run.err.contains("description"), "{run:?}");
    assert!(!run.err.contains("k4nari"), "{run:?}");
}

#[test]
fn lines_without_a_secret_are_shown() {
    let text = format!(
        "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\nbootstrapTokens:\n  - token: {TOKEN}\n    tll: 24h\n"
    );
    let folder = Folder::new(&[("kubeadm.yaml", &text)]);
    let run = folder.run(&["check", "--kubeadm", "kubeadm.yaml"], &[], "");
    assert!(run.err.contains("tll: 24h"), "{run:?}");
    assert!(
        run.err.contains("(holds a secret: not shown)"),
        "the report says that the line is hidden: {run:?}"
    );
}
