//! What becomes of the block `cni`: the manifests that pikc writes, the choice of `cni auto`, and CNIs that no Rust knows.

mod auto;
mod from_a_folder;
mod helm_chart;
mod manifests;
mod objects;
mod table;
