//! Settings of etcd that kubeadm's validation refuses.

use crate::check::support::findings::Findings;
use crate::check::support::offers::text_instead;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Data, Model, Target};

declare! {
    /// kubeadm validates what it is told of etcd before it does anything:
    ///
    /// - The folder of etcd's data is an absolute path: the same folder is mounted into etcd's pod.
    /// - An etcd that runs elsewhere is reached over HTTPS if there are certificates for it, and `external` needs them.
    ///
    /// ```pik fails
    /// etcd { data-dir = "data/etcd" }
    /// ```
    ///
    /// ```pik
    /// etcd { data-dir = "/data/etcd" }
    /// ```
    pub static REFUSED = {
        code: "etcd/refused",
        since: "0.1.0",
        severity: Error,
        title: "a setting of etcd that kubeadm refuses",
        help: "write an absolute path, and endpoints that begin with `https://`",
        sources: ["kubernetes/kubernetes cmd/kubeadm/app/apis/kubeadm/validation/validation.go"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&REFUSED];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    for carried in &model.cluster.carried {
        let Target::Field { path, .. } = &carried.target else {
            continue;
        };
        match (path.as_str(), &carried.value.value) {
            ("etcd.local.dataDir", Data::Text(folder)) if !folder.starts_with('/') => {
                let message = format!("{} is not an absolute path: `{folder}`", carried.setting);
                let finding =
                    Diagnostic::new(&REFUSED, message).label(&carried.value, "a relative path");
                out.push(finding.help("write the whole path, from `/` on"));
            }
            ("etcd.external.endpoints", Data::List(endpoints)) => {
                for endpoint in endpoints {
                    let Data::Text(url) = &endpoint.value else {
                        continue;
                    };
                    if !url.starts_with("https://") {
                        let message = format!(
                            "`{url}` is not reached over HTTPS, but `external` has certificates for it"
                        );
                        let finding = Diagnostic::new(&REFUSED, message)
                            .label(endpoint, "kubeadm refuses this");
                        let finding = finding.help("write it with `https://`");
                        out.push(match url.strip_prefix("http://") {
                            Some(rest) => {
                                let secure = format!("https://{rest}");
                                text_instead(finding, &endpoint.origin, url, &secure)
                            }
                            None => finding,
                        });
                    }
                }
            }
            _ => {}
        }
    }
}
