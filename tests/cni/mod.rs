//! What the block `cni` produces: the manifests that pikc writes, the choice of `cni auto`, and CNIs that only a library folder defines.

mod auto;
mod from_a_folder;
mod helm_chart;
mod manifests;
pub mod objects;
mod table;

/// `tests/specs/one-worker.pik` on Raspberry Pis with another CNI.
fn one_worker(cni: &str) -> String {
    include_str!("../specs/one-worker.pik")
        .replace("SYSTEM", "raspios-trixie")
        .replace("MACHINE", "board = pi-4b-4g")
        .replace("cni flannel {}", cni)
}
