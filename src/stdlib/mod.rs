//! What pikc knows of the world: the standard library, embedded, and replaced or extended by a folder.
//!
//! In: the embedded files and those of `--stdlib DIR`, handed in as text. Out: the schemas of specs
//! and of fact files, and facts by kind and name ([`Board`], [`System`], [`Release`], ...), each
//! value with its place in the library. Only what is named is parsed: a run with two boards reads
//! the files of two boards.

mod facts;
mod library;

pub use facts::{
    Accepts, Addon, AdmissionPlugins, Archive, Backend, Board, BootCommandLine, BootLoader, Cgroup,
    CgroupV1, Clash, Cni, ConfiguredCni, Consequence, CriVersion, Defaults, Demand, Distribution,
    End, Field, Firewall, Flag, FlagType, Flags, Foreign, Form, Format, Gate, Gates, Gone,
    Hardware, Headless, Image, Known, KnownWords, KubeadmApi, KubeadmDocument, Limit, Limits,
    Maintenance, Maturity, Medium, Mover, NeedsGate, NetworkStack, PackageManager, PageSize, Part,
    Place, Platform, PreflightFacts, Probe, Provisioning, RangeAt, Relation, Release, Removed,
    Repository, Rpm, Runs, Runtime, RuntimeConfig, RuntimeKind, Selinux, Share, Stage, Suits,
    SwapMechanism, SwapSupport, System, Taken, TimeDaemon, Upstream, UpstreamKind, UsbCurrent,
    Verb, Way, Weight, When, Word, row,
};
pub use library::{EMBEDDED, Library, LibraryCatalogue};
pub use pikc_language::library::KINDS;

use crate::declare;
use crate::diagnostic::Descriptor;

declare! {
    /// A fact file of the standard library lacks what its kind of fact needs. This concerns only
    /// authors of library folders (`--stdlib DIR`): the embedded library is tested.
    ///
    /// ```pik library fails
    /// board wooden { title = "A wooden board" }
    /// ```
    ///
    /// ```pik library
    /// board pi-4b-3g {
    ///   title        = "Raspberry Pi 4 Model B, 3 GB"
    ///   family       = pi-4
    ///   hardware     = pi
    ///   cores        = 4
    ///   memory       = 3GiB
    ///   usable       = 2800MiB
    ///   architecture = arm64
    ///   source       = ["a made-up board"]
    ///   checked      = 2026-11-22
    /// }
    /// ```
    pub static INCOMPLETE_FACT = {
        code: "library/incomplete-fact",
        since: "0.1.0",
        severity: Error,
        title: "a fact file that lacks what pikc needs to know",
        help: "docs/stdlib.md lists what each kind of fact must set",
        no_edit: "the fact that is missing has to be looked up",
        sources: ["docs/stdlib.md"],
    }
}

/// All codes that this floor reports.
pub static CODES: &[&Descriptor] = &[&INCOMPLETE_FACT];
