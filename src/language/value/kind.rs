//! The closed list of types: each with its name in schema files and its description for users.

use serde::{Deserialize, Serialize};

/// The types that a setting may have. A closed list: the schema names one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Type {
    /// An IPv4 or IPv6 address.
    Address,
    /// A network: address/prefix, without host bits.
    Cidr,
    /// Two addresses: `a..b`.
    Range,
    /// A number of bytes: `2GiB`.
    Size,
    /// A duration: `24h`.
    Duration,
    /// `1.36` or `1.36.1`.
    Version,
    /// 1 to 65535.
    Port,
    /// `443/tcp`.
    TransportPort,
    /// A DNS name or an address.
    Host,
    /// A host with an optional port.
    Endpoint,
    /// An RFC 1123 label: the name of a machine.
    Label,
    /// An RFC 1123 label: the name of a Kubernetes object.
    DnsLabel,
    /// A name of the user's choosing: letters, digits, `-`, `_`, `.`.
    Name,
    /// Any text, of any number of lines: for the library's own texts.
    Text,
    /// Any text on one line.
    Line,
    /// A path.
    Path,
    /// The URL of a web page or repository.
    Url,
    /// A MAC address.
    Mac,
    /// One of the words that the schema lists.
    Choice,
    /// `on` or `off`.
    Boolean,
    /// A whole number.
    Integer,
    /// `secret:NAME`.
    Secret,
    /// A diagnostic code: `family/name`.
    Code,
    /// The name of something in the standard library or in the spec.
    Reference,
    /// Two capital letters (ISO 3166-1).
    Country,
    /// `Area/City`.
    Timezone,
    /// A public SSH key, as in `authorized_keys`.
    SshKey,
    /// `2026-11-22`.
    Date,
    /// The fingerprint of an OpenPGP key: 40 hexadecimal digits.
    Fingerprint,
    /// The key of a Kubernetes label: `[prefix/]name`.
    LabelKey,
    /// The value of a Kubernetes label.
    LabelValue,
    /// The taint of a node: `[value:]Effect`.
    Taint,
    /// The name of a feature gate, as Kubernetes writes it.
    FeatureGate,
    /// The name of a command line argument, without dashes.
    Argument,
    /// The value of an argument.
    ArgumentValue,
    /// Processor time: `500m`.
    Cpu,
    /// What is left of something: `200MiB` or `10%`.
    Threshold,
    /// The first and the last port: `30000-32767`.
    PortRange,
    /// A name in a certificate: a DNS name, one that begins with `*.`, or an address.
    CertificateName,
    /// Where a field is in a document: `logging.format`.
    Field,
    /// A package of a machine's system.
    Package,
    /// An account of a machine.
    Account,
    /// A group of accounts.
    Group,
    /// A network interface, as the kernel names it.
    Interface,
    /// A kernel setting: `vm.swappiness`.
    Sysctl,
    /// What a kernel setting is set to.
    SysctlValue,
    /// A keyboard layout, as X names it.
    Keyboard,
    /// A locale of the C library.
    Locale,
    /// Where images come from: `host[:port][/path]`.
    Registry,
    /// Where a mirror of a registry is: a scheme, and a registry.
    RegistryUrl,
    /// The address of an HTTP proxy.
    ProxyUrl,
    /// What is reached without the proxy.
    ProxyExemption,
    /// The name of a wireless network.
    Ssid,
    /// A SHA-256: 64 hexadecimal digits.
    Sha256,
    /// A device tree overlay with its parameters: `gpio-fan,temp=60000`.
    Overlay,
    /// Anything: for `let`.
    Any,
}

/// Every type with its name in schema files and its description.
pub const TYPES: &[(Type, &str, &str)] = &[
    (Type::Address, "address", "an IP address"),
    (Type::Cidr, "cidr", "a network (address/prefix)"),
    (Type::Range, "range", "a range of addresses (a..b)"),
    (Type::Size, "size", "a size such as 2GiB"),
    (Type::Duration, "duration", "a duration such as 24h"),
    (Type::Version, "version", "a version such as 1.36 or 1.36.1"),
    (Type::Port, "port", "a port (1 to 65535)"),
    (
        Type::TransportPort,
        "transport-port",
        "a port with its protocol, such as 443/tcp",
    ),
    (Type::Host, "host", "a host name or an address"),
    (
        Type::Endpoint,
        "endpoint",
        "a host name or an address, with or without :port",
    ),
    (
        Type::Label,
        "label",
        "a machine name (lowercase letters, digits, -)",
    ),
    (
        Type::DnsLabel,
        "dns-label",
        "a DNS label (lowercase letters, digits, -)",
    ),
    (
        Type::Name,
        "name",
        "a name (letters, digits, `-`, `_`, `.`)",
    ),
    (Type::Text, "text", "a string"),
    (Type::Line, "line", "a string of one line"),
    (Type::Path, "path", "a path"),
    (Type::Url, "url", "a URL such as https://example.org/"),
    (Type::Mac, "mac", "a MAC address"),
    (Type::Choice, "choice", "one of a list of words"),
    (Type::Boolean, "boolean", "`on` or `off`"),
    (Type::Integer, "integer", "a whole number"),
    (Type::Secret, "secret", "a secret's name (secret:NAME)"),
    (Type::Code, "code", "a diagnostic code (family/name)"),
    (Type::Reference, "reference", "a known name"),
    (Type::Country, "country", "a country code such as JP"),
    (Type::Timezone, "timezone", "a time zone such as Asia/Tokyo"),
    (Type::SshKey, "ssh-key", "a public SSH key"),
    (Type::Date, "date", "a date such as 2026-11-22"),
    (
        Type::Fingerprint,
        "fingerprint",
        "a key fingerprint (40 hexadecimal digits)",
    ),
    (
        Type::LabelKey,
        "label-key",
        "a label key such as example.org/rack",
    ),
    (
        Type::LabelValue,
        "label-value",
        "the value of a label (up to 63 letters, digits, `-`, `_`, `.`)",
    ),
    (
        Type::Taint,
        "taint",
        "a taint: VALUE:EFFECT or EFFECT, such as only:NoSchedule",
    ),
    (
        Type::FeatureGate,
        "feature-gate",
        "a feature gate such as MemoryQoS (letters and digits)",
    ),
    (
        Type::Argument,
        "argument",
        "an argument's name without dashes in front (lowercase letters, digits, -)",
    ),
    (
        Type::ArgumentValue,
        "argument-value",
        "the value of an argument (one word, without quotes, `\\` and `$`)",
    ),
    (
        Type::Cpu,
        "cpu",
        "processor time in cores (0.5) or thousandths of one (500m)",
    ),
    (
        Type::Threshold,
        "threshold",
        "a size such as 200MiB or a percentage such as 10%",
    ),
    (
        Type::PortRange,
        "port-range",
        "the first and the last port, such as 30000-32767",
    ),
    (
        Type::CertificateName,
        "certificate-name",
        "a DNS name (also *.example.org) or an address",
    ),
    (
        Type::Field,
        "field",
        "a field of a document, such as maxPods or logging.format",
    ),
    (
        Type::Package,
        "package",
        "a package of the system (letters, digits, `+`, `-`, `.`, `_`; on Debian and Ubuntu neither capital letters nor `_`)",
    ),
    (
        Type::Account,
        "account",
        "an account (up to 32 lowercase letters, digits, `_`, `-`; a letter first)",
    ),
    (
        Type::Group,
        "group",
        "a group (up to 32 lowercase letters, digits, `_`, `-`)",
    ),
    (
        Type::Interface,
        "interface",
        "a network interface such as eth0 (letters, digits, `-`, `_`, `.`)",
    ),
    (
        Type::Sysctl,
        "sysctl",
        "a kernel setting such as vm.swappiness",
    ),
    (
        Type::SysctlValue,
        "sysctl-value",
        "the value of a kernel setting (one line of ASCII)",
    ),
    (
        Type::Keyboard,
        "keyboard",
        "a keyboard layout such as jp, de(nodeadkeys) or us,ru",
    ),
    (
        Type::Locale,
        "locale",
        "a locale such as C.UTF-8 or en_GB.UTF-8",
    ),
    (
        Type::Registry,
        "registry",
        "a registry: host[:port][/path], in lowercase, without a scheme",
    ),
    (
        Type::RegistryUrl,
        "registry-url",
        "a mirror of a registry such as https://registry.example.org/hub",
    ),
    (
        Type::ProxyUrl,
        "proxy-url",
        "an HTTP proxy such as http://proxy.example.org:3128",
    ),
    (
        Type::ProxyExemption,
        "proxy-exemption",
        "a host, a domain (.example.org), an address or a network",
    ),
    (
        Type::Ssid,
        "ssid",
        "the name of a wireless network (1 to 32 bytes)",
    ),
    (Type::Sha256, "sha256", "a SHA-256 (64 hexadecimal digits)"),
    (
        Type::Overlay,
        "overlay",
        "a device tree overlay with its parameters, such as \"gpio-fan,temp=60000\"",
    ),
    (Type::Any, "any", "a value"),
];

impl Type {
    /// The type with that name in a schema file.
    pub fn named(name: &str) -> Option<Self> {
        TYPES
            .iter()
            .find(|(_, known, _)| *known == name)
            .map(|(ty, _, _)| *ty)
    }

    /// Its name in schema files.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// Its description, with an article.
    pub fn description(self) -> &'static str {
        self.row().2
    }

    fn row(self) -> &'static (Type, &'static str, &'static str) {
        TYPES
            .iter()
            .find(|(ty, _, _)| *ty == self)
            .expect("TYPES lists every type")
    }

    /// Whether nearly every string is a value of this type.
    pub fn is_any_text(self) -> bool {
        matches!(self, Self::Text | Self::Line)
    }

    /// Whether a quoted string is allowed where this type is expected.
    pub fn takes_text(self) -> bool {
        !matches!(self, Self::Boolean | Self::Integer | Self::Secret)
    }
}
