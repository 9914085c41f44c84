//! What the generator knows of boards, systems and releases: from the tables of `pikc stdlib show`, written down a second time
//! here, so that the expected findings do not come from the checks themselves.

/// A board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Board {
    /// Its name in the library.
    pub name: &'static str,
    /// `amd64` or `arm64`.
    pub architecture: &'static str,
    /// Whether it is a Raspberry Pi.
    pub pi: bool,
    /// Its memory in MiB; for a generic board, what the node sets.
    pub memory: u32,
    /// Whether it has a wired port.
    pub wired: bool,
    /// Whether it has a radio.
    pub radio: bool,
}

const fn pi(name: &'static str, memory: u32, wired: bool, radio: bool) -> Board {
    Board {
        name,
        architecture: "arm64",
        pi: true,
        memory,
        wired,
        radio,
    }
}

const fn generic(name: &'static str, architecture: &'static str, memory: u32) -> Board {
    Board {
        name,
        architecture,
        pi: false,
        memory,
        wired: true,
        radio: true,
    }
}

/// Boards of every kind; the first is the plainest.
pub const BOARDS: &[Board] = &[
    pi("pi-4b-4g", 4096, true, true),
    generic("generic-amd64", "amd64", 4096),
    pi("pi-4b-2g", 2048, true, true),
    pi("pi-4b-1g", 1024, true, true),
    pi("pi-3b", 1024, true, true),
    pi("pi-3b-plus", 1024, true, true),
    pi("pi-cm3-plus", 1024, true, false),
    pi("pi-4b-8g", 8192, true, true),
    pi("pi-400", 4096, true, true),
    pi("pi-cm4s-2g", 2048, true, false),
    pi("pi-5-1g", 1024, true, true),
    pi("pi-5-2g", 2048, true, true),
    pi("pi-5-16g", 16384, true, true),
    pi("pi-500", 8192, true, true),
    pi("pi-zero-2w", 512, false, true),
    generic("generic-arm64", "arm64", 8192),
    generic("generic-amd64", "amd64", 2048),
    generic("generic-amd64", "amd64", 65536),
];

/// A system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct System {
    /// Its name in the library.
    pub name: &'static str,
    /// Whether it runs on a Raspberry Pi, and on anything else.
    pub runs_on: (bool, bool),
    /// Whether its packages are dnf's; then it has no radio, no containerd in its archive, and neither keyboard nor language can be set.
    pub dnf: bool,
    /// Whether it supports VLANs and bonds.
    pub makes: bool,
    /// Whether its support has ended (on the library's day).
    pub ended: bool,
    /// Whether every kernel of it is 5.13 or later, as kube-proxy's nftables mode needs.
    pub nftables: bool,
    /// Whether programs have 48-bit addresses.
    pub long_addresses: bool,
    /// Whether the radio stays off until a country is set.
    pub wants_country: bool,
    /// The name of its archive in `mirror`; empty if it has none there.
    pub archive: &'static str,
    /// The first release of Kubernetes (minor) for which the containerd of its archive is too old.
    pub containerd_until: u32,
}

/// Every system of the library; the first is the plainest.
pub const SYSTEMS: &[System] = &[
    system("raspios-trixie", (true, false), 34),
    system("ubuntu-24.04", (true, true), 0),
    system("debian-13", (false, true), 34),
    system("raspios-bookworm", (true, false), 0),
    system("ubuntu-22.04", (true, true), 0),
    system("ubuntu-26.04", (true, true), 99),
    system("debian-12", (false, true), 0),
    System {
        makes: false,
        ended: true,
        nftables: false,
        ..system("raspios-bullseye", (true, false), 0)
    },
    System {
        ended: true,
        nftables: false,
        ..system("debian-11", (false, true), 0)
    },
    system("rocky-10", (false, true), 0),
    system("almalinux-9", (false, true), 0),
    system("rocky-9", (false, true), 0),
    system("almalinux-10", (false, true), 0),
];

const fn system(name: &'static str, runs_on: (bool, bool), containerd_until: u32) -> System {
    let (first, second) = (name.as_bytes()[0], name.as_bytes()[1]);
    let raspios = first == b'r' && second == b'a';
    let dnf = first == b'a' || first == b'r' && !raspios;
    System {
        name,
        runs_on,
        dnf,
        makes: true,
        ended: false,
        nftables: true,
        long_addresses: !raspios,
        wants_country: raspios,
        archive: match first {
            b'u' => "ubuntu",
            _ if dnf => "",
            _ => "debian",
        },
        containerd_until,
    }
}

/// Minor releases of Kubernetes that the generator writes; the first is the plainest.
pub const RELEASES: &[u32] = &[36, 35, 37, 34, 33, 32, 31, 30];

/// The first minor release that is still supported on the library's day.
pub const MENDED_FROM: u32 = 35;
