//! What the settings of the control plane's components and of kubelets become, in the oldest and newest versions of kubeadm's API.

use super::excerpt::excerpt;
use crate::support::bless::same;

/// The files of a machine that these settings are about.
const SHOWN: &[&str] = &[
    "/kubeadm.yaml",
    "/patches/",
    "/etc/pikc/",
    "/etc/systemd/system/pikc-approver.service",
    "/approve-kubelets.sh",
    "cluster/dns/",
    "37-kubeadm-files.sh",
    "72-kubeadm-init.sh",
    "73-dns.sh",
    "75-approver.sh",
];

#[test]
fn the_components_of_three_releases_are_as_they_were_read() {
    for name in ["external-etcd", "components", "kubelets"] {
<<<<<<< HEAD
        let path = format!("tests/specs/{name}.pik");
        let text = std::fs::read_to_string(&path).expect("a spec");
        let secret = |name: &str, value: &str| (SecretName(name.to_owned()), value.into());
        let options = plan::Options {
            secrets: BTreeMap::from([
                secret("etcd-key", "the key, in base64"),
                secret("etcd-client", "the key, in PEM"),
            ]),
            spec: format!("{name}.pik"),
            ..plan::Options::default()
        };
        let made = compile(&analyze(&path, &text), &options, false).expect("a sound spec");
        let mut out = String::new();
        for (path, entry) in made.rendered.entries() {
            let Entry::File(file) = entry else { continue };
            let readme = path == "README.md";
            if readme || SHOWN.iter().any(|part| path.as_str().contains(part)) {
                out.push_str(&format!("==== {path} {:04o}\n{}", file.mode, file.content));
            }
        }
=======
        let secrets = [
            ("etcd-key", "the key, in base64"),
            ("etcd-client", "the key, in PEM"),
        ];
        let out = excerpt(name, &secrets, |path| {
            path == "README.md" || SHOWN.iter().any(|part| path.contains(part))
        });
>>>>>>> main
        same(&format!("tests/golden/components/{name}.txt"), &out);
    }
}
