//! The cluster, resolved: profiles merged, nodes expanded, defaults filled in, facts attached.
//!
//! In: the text of a spec, a [`Reader`] for the files it uses, and the standard library. Out: a
//! [`Model`] and the findings on the way. Every value knows its origin. A value that was wrong is
//! absent here (it has been reported), so that no rule reports it again; rules therefore see
//! `Option`s, and only a model without errors becomes a plan.

mod bgp;
mod budget;
mod build;
mod carried;
mod choice;
mod clear_text;
mod cluster;
mod cluster_dns;
mod cni;
mod control_plane;
mod disk;
pub(crate) mod existing;
mod expand;
mod facts;
mod fill;
mod firmware;
mod hosts;
mod http_proxy;
mod kept;
mod kubelet;
mod load;
mod machine;
mod manifest;
mod node;
mod not_a_spec;
mod policy;
mod profile;
mod registry;
mod runs;
mod runtime;
mod said;
mod sized;
mod stated;
mod subnet;
mod told;
mod types;
mod vip;

pub use bgp::{Bgp, Peer};
pub use budget::{Aside, Budget, Part};
pub use build::{Input, NO_CLUSTER, Problems, build};
pub use carried::{Carried, Data, Target, names as field_names, targets};
pub use choice::{Candidate, Judge, candidates, need_in_words, offered};
pub use clear_text::conceal;
pub use cluster_dns::ClusterDns;
pub use control_plane::{
    ApiServer, Audit, Brought, Component, ControlPlane, ETCD_DATA, Encryption, ExternalEtcd,
    Rhythm, Snapshots, Volume,
};
pub use disk::Disk;
pub use existing::outline::{Outline, outlines};
pub use existing::{
    Applied, Existing, GivenFile, NOTHING_KNOWN, Registered, hide_secrets, read as read_existing,
};
pub use existing::{objects, quoted};
pub use facts::{Facts, overlap};
pub use firmware::Firmware;
pub use http_proxy::{Exemption, HttpProxy, Whose, url_host};
pub use kept::{Kept, Threshold};
pub use load::{ENDING, Page, Reader, normal, used_path};
pub use machine::{
    Bond, Interface, Locale, Node, NodeSettings, Packages, Role, Swap, User, Vlan, Wifi,
};
pub use policy::{Direction, Peers, Policy};
pub use registry::{Authority, Registry};
pub use runs::{bracketed, consecutive, following, joined, runs};
pub use runtime::Packaged;
pub use said::Said;
pub use stated::{BLOCK, INSIDE, Stated, stated, text as stated_text};
pub use subnet::{Subnet, USUAL_MTU};
pub use told::{Open, Told};
pub use types::{
    Allow, Cluster, CniChoice, GateList, HostsPolicy, Ipv6, Join, Kubelet, Mirror, Model, Network,
    PackageMirror, Pairs, RuntimeChoice, Time,
};
pub use vip::{Reached, Router, Vip};

use crate::diagnostic::Descriptor;

/// All codes about the files of a cluster without a spec.
pub static EXISTING_CODES: &[&[&Descriptor]] = existing::CODES;

/// All codes that this floor reports about a spec.
pub static CODES: &[&Descriptor] = &[
    &load::UNREADABLE,
    &load::NO_SPEC,
    &load::CYCLE,
    &load::CONSTANT_TWICE,
    &expand::BAD_RANGE,
    &expand::COUNT_DIFFERS,
    &expand::BAD_NAME,
    &fill::FILLED_IN,
    &profile::UNKNOWN_PROFILE,
    &profile::PROFILE_CYCLE,
    &profile::UNUSED_PROFILE,
    &subnet::BOTH,
    &subnet::UNKNOWN,
    &sized::UNSIZED,
    &sized::SIZED_TWICE,
    &build::NO_CLUSTER,
    &not_a_spec::NOT_A_SPEC,
    &choice::CHOSEN,
    &choice::NONE_FITS,
    &build::UNUSED_CONSTANT,
    &facts::UNKNOWN_RELEASE,
];
