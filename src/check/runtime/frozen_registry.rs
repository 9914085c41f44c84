//! The old registry of Kubernetes' images, which gets nothing new.

use crate::check::support::findings::Findings;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic};
use crate::model::{Data, Model, Target};
use crate::origin::Origin;

declare! {
    /// `k8s.gcr.io` was the registry of Kubernetes' own images. It is frozen since 3 April 2023: the images of later releases are in
    /// `registry.k8s.io` alone, and a pull of them from the old one fails. kubeadm uses the new one if nothing is written.
    ///
    /// ```pik fails
    /// mirror { images = k8s.gcr.io }
    /// ```
    ///
    /// ```pik
    /// mirror { images = registry.example.org/k8s }
    /// ```
    pub static FROZEN = {
        code: "mirror/registry-frozen",
        since: "0.1.0",
        severity: Warning,
        title: "a registry that gets no new images",
        help: "leave it out: kubeadm uses `registry.k8s.io`",
        sources: ["kubernetes.io: blog/2023/02/06/k8s-gcr-io-freeze-announcement"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&FROZEN];

const OLD: &str = "k8s.gcr.io";

/// The fields of kubeadm's documents that name a registry.
const FIELDS: &[&str] = &[
    "imageRepository",
    "dns.imageRepository",
    "etcd.local.imageRepository",
];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let fields = model.cluster.carried.iter().filter_map(|carried| {
        let (Target::Field { path, .. }, Data::Text(text)) =
            (&carried.target, &carried.value.value)
        else {
            return None;
        };
        FIELDS
            .contains(&path.as_str())
            .then_some((text.as_str(), &carried.value.origin))
    });
    let mirror = model.cluster.mirror.images.iter();
    let mirror = mirror.map(|images| (images.value.as_str(), &images.origin));
    for (text, place) in fields.chain(mirror) {
        if text == OLD || text.starts_with("k8s.gcr.io/") {
            out.push(frozen(place));
        }
    }
}

fn frozen(place: &Origin) -> Diagnostic {
    let message =
        format!("`{OLD}` is frozen since April 2023: images of later releases are not in it");
    Diagnostic::new(&FROZEN, message)
        .label(place.span(), "no new images")
        .choice(|it| it.remove("leave it out", place))
}
