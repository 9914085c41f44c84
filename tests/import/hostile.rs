//! Names and values of strangers: they come out inert or not at all, and no secret comes out.

use pikc::diagnostic::Severity;

use super::{analyzed, imported};

/// Values that mean something to a shell, to YAML, to the language of specs, to a terminal.
const EVIL: &[&str] = &[
    "$(reboot)",
    "`reboot`",
    "${name}",
    "$lan",
    "a\\\"b",
    "}} node evil {",
    "# comment",
    "a\\nb = c",
    "\\u001b[31m",
    "\\u202e",
    "'; rm -rf /",
    "secret:etcd-key",
    "../../etc/passwd",
    "",
    " ",
    "a,b",
    "[1, 2]",
    "\\t",
    "é",
];

/// A file with a value in every place that an import carries over.
fn file(evil: &str) -> String {
    format!(
        r#"apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
nodeRegistration:
  name: "{evil}"
  criSocket: "{evil}"
  taints: [{{ key: "{evil}", value: "{evil}", effect: "{evil}" }}]
  kubeletExtraArgs:
    - {{ name: "{evil}", value: "{evil}" }}
    - {{ name: node-labels, value: "{evil}={evil}" }}
localAPIEndpoint: {{ advertiseAddress: "{evil}", bindPort: "{evil}" }}
skipPhases: ["{evil}"]
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
clusterName: "{evil}"
kubernetesVersion: "{evil}"
controlPlaneEndpoint: "{evil}"
imageRepository: "{evil}"
featureGates: {{ "g{evil}": true }}
networking: {{ podSubnet: "{evil}", serviceSubnet: "{evil}", dnsDomain: "{evil}" }}
apiServer:
  certSANs: ["{evil}"]
  extraArgs:
    - {{ name: "{evil}", value: "{evil}" }}
    - {{ name: v, value: "{evil}" }}
    - {{ name: oidc-issuer-url, value: "{evil}" }}
  extraVolumes: [{{ name: "{evil}", hostPath: "{evil}", mountPath: "{evil}", pathType: "{evil}" }}]
etcd: {{ local: {{ dataDir: "{evil}", serverCertSANs: ["{evil}"] }} }}
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
maxPods: "{evil}"
allowedUnsafeSysctls: ["{evil}"]
"x{evil}": "{evil}"
containerLogMaxSize: "{evil}"
evictionHard: {{ memory.available: "{evil}" }}
---
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: "{evil}"
metricsBindAddress: "{evil}"
"#
    )
}

#[test]
fn a_spec_from_hostile_values_is_well_formed_and_says_nothing_else() {
    for evil in EVIL {
        let text = file(evil);
        let made =
            imported(&[("evil.yaml", &text)]).unwrap_or_else(|why| panic!("{evil:?}: {why:?}"));
        let spec = made.text.expect("a spec");
        let analysis = analyzed(&spec);
        let broken: Vec<String> = analysis
            .diagnostics
            .iter()
            .filter(|found| found.severity == Severity::Error)
            .filter(|found| {
                found.descriptor.code.starts_with("syntax/")
                    || found.descriptor.code.starts_with("schema/")
            })
            .map(|found| format!("{}: {}", found.descriptor.code, found.message))
            .collect();
        assert!(broken.is_empty(), "{evil:?}: {broken:#?}\n{spec}");
        let nodes = spec
            .lines()
            .filter(|line| line.starts_with("node "))
            .count();
        assert_eq!(nodes, 1, "{evil:?}\n{spec}");
        assert!(
            !spec.contains('\u{1b}') && !spec.contains('\u{202e}'),
            "{evil:?}\n{spec}"
        );
        let model = analysis.model.expect("a model");
        assert!(model.nodes.len() == 1, "{evil:?}");
    }
}

const TOKEN: &str = "abcdef.0123456789abcdef";
const KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

#[test]
fn no_secret_is_in_the_spec_or_the_report() {
    let kubeadm = format!(
        r#"apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
bootstrapTokens: [{{ token: {TOKEN} }}]
certificateKey: {KEY}
nodeRegistration:
  name: cp
  kubeletExtraArgs:
    - {{ name: v, value: "{TOKEN}" }}
    - {{ name: "{TOKEN}", value: "1" }}
    - {{ name: node-labels, value: "a={TOKEN}" }}
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.36.4
clusterName: {TOKEN}
controlPlaneEndpoint: http://me:geheim@proxy:6443
apiServer:
  certSANs: [{TOKEN}]
  extraArgs:
    - {{ name: token-auth-file, value: {KEY} }}
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
staticPodURLHeader: {{ Authorization: ["Bearer {TOKEN}"] }}
allowedUnsafeSysctls: ["{TOKEN}"]
{TOKEN}: 1
---
apiVersion: v1
kind: Secret
metadata: {{ name: a }}
stringData: {{ password: geheim }}
"#
    );
    let vars = "kube_version: 1.36.4\nansible_become_password: geheim\nkube_token_auth: true\nvault_x: |\n  $ANSIBLE_VAULT;1.1;AES256\n  3161\n";
    let inventory = format!(
        "[kube_control_plane]\ncp ansible_host=192.168.11.9 ansible_password=geheim x={TOKEN}\n"
    );
    let files = [
        ("kubeadm.yaml", kubeadm.as_str()),
        ("group_vars/all/all.yml", vars),
        ("inventory.ini", inventory.as_str()),
        (
            "group_vars/all/vault.yml",
            "$ANSIBLE_VAULT;1.1;AES256\n61626364\n",
        ),
    ];
    let made = imported(&files).unwrap_or_else(|why| panic!("{why:?}"));
    let whole = format!("{:?}\n{}", made.report, made.text.expect("a spec"));
    for secret in [TOKEN, KEY, "geheim", "61626364", "3161"] {
        assert!(!whole.contains(secret), "{secret} is in\n{whole}");
    }
    let lost = |field: &str| {
        made.report
            .losses
            .iter()
            .any(|line| line.place.field == field)
    };
    for field in [
        "bootstrapTokens[0].token",
        "certificateKey",
        "ansible_become_password",
        "ansible_password",
        "Secret",
    ] {
        assert!(lost(field), "{field} has no line in\n{whole}");
    }
}

#[test]
fn a_broken_file_does_not_show_its_secrets_either() {
    let text = format!("token: {TOKEN}\na: [\n");
    let why = imported(&[("a.yaml", &text)])
        .expect_err("broken")
        .join("\n");
    assert!(!why.contains(TOKEN), "{why}");
}
