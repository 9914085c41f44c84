//! Files and folders of the control plane that components see: paths that mean something.

use crate::check::support::findings::Findings;
use crate::declare;
use crate::diagnostic::{Descriptor, Diagnostic, Severity};
use crate::model::{Model, Volume};
use crate::origin::Sourced;

declare! {
    /// A volume of a component is a folder or file of the machine. The kubelet refuses a pod with `..` in such a path, and the
    /// runtime does not start a container with a path that does not begin with `/`: it would begin in a folder that the runtime
    /// makes for the container. Either way the component never starts, `kubeadm init` waits for it, and gives up after four minutes.
    ///
    /// A `mount` without `/` at its beginning works, because the kubelet puts one in front of it. That is a warning: an argument of
    /// the component that names the file has to have it.
    ///
    /// ```pik fails
    /// api-server { volume certs { host = "etc/ssl/company" } }
    /// ```
    ///
    /// ```pik
    /// api-server { volume certs { host = "/etc/ssl/company" } }
    /// ```
    pub static REFUSED = {
        code: "control-plane/volume-path",
        since: "0.1.0",
        severity: Error,
        title: "a volume whose path is refused",
        help: "write the whole path, from `/` on and without `..`",
        sources: ["kubernetes/kubernetes pkg/apis/core/validation/validation.go (validatePathNoBacksteps)", "kubernetes/kubernetes pkg/kubelet/kubelet_pods.go (makeMounts)"],
    }
}

pub(in crate::check) static CODES: &[&Descriptor] = &[&REFUSED];

pub(in crate::check) fn check(model: &Model, out: &mut Findings<'_>) {
    let control_plane = &model.cluster.control_plane;
    let components = [
        &control_plane.api_server.component,
        &control_plane.controller_manager,
        &control_plane.scheduler,
    ];
    for volume in components.into_iter().flat_map(|one| &one.volumes) {
        for finding in [host(volume), mount(volume)].into_iter().flatten() {
            out.push(finding);
        }
    }
}

fn host(volume: &Volume) -> Option<Diagnostic> {
    let path = &volume.host;
    let why = if !path.value.starts_with('/') {
        "does not begin with `/`"
    } else if path.value.split('/').any(|part| part == "..") {
        "leads back by `..`"
    } else {
        return None;
    };
    let message = format!(
        "`host` of the volume `{}` {why}: `{}`",
        volume.name.value, path.value
    );
    Some(Diagnostic::new(&REFUSED, message).label(path, "the component does not start with this"))
}

fn mount(volume: &Volume) -> Option<Diagnostic> {
    let path: &Sourced<String> = &volume.mount;
    // Left out, it is `host`.
    if path.value.starts_with('/') || path.origin == volume.host.origin {
        return None;
    }
    let message = format!(
        "`mount` of the volume `{}` does not begin with `/`: the component sees it at `/{}`",
        volume.name.value, path.value
    );
    Some(
        Diagnostic::new(&REFUSED, message)
            .severity(Severity::Warning)
            .label(path, "a path inside the component")
            .write(&path.origin, format!("\"/{}\"", path.value)),
    )
}
