//! firewalld's own objects: a policy (what may reach the machine) and a zone (whom it trusts), an XML file each (firewalld.policy(5),
//! firewalld.zone(5)).
//!
//! Every value is a number or a network, so nothing needs to be escaped.

use ipnet::IpNet;

use super::{Format, Writer, made_by, one_line};
use crate::origin::Origin;

/// The format.
#[derive(Clone, Debug)]
pub struct Firewalld;

impl Format for Firewalld {
    const NAME: &'static str = "a file of firewalld's settings";
}

/// What carries a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

impl Protocol {
    fn word(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Traffic {
    /// The ports from one to another.
    Ports(u16, u16, Protocol),
    /// A protocol of IP by its number.
    Ip(u8),
}

impl Traffic {
    fn element(self) -> String {
        match self {
            Self::Ports(from, to, protocol) if from == to => {
                format!(r#"<port port="{from}" protocol="{}"/>"#, protocol.word())
            }
            Self::Ports(from, to, protocol) => {
                format!(
                    r#"<port port="{from}-{to}" protocol="{}"/>"#,
                    protocol.word()
                )
            }
            Self::Ip(number) => format!(r#"<protocol value="{number}"/>"#),
        }
    }
}

impl Writer<Firewalld> {
    /// The first lines of a file: XML's own, and why the file is there.
    pub fn document(why: &str, spec: &str) -> Self {
        let mut file = Self::new();
        file.fixed(r#"<?xml version="1.0" encoding="utf-8"?>"#);
        file.remark(why, []);
        file.remark(&made_by(spec), []);
        file
    }

    /// A comment, which two dashes would end.
    pub fn remark(&mut self, text: &str, origins: impl IntoIterator<Item = Origin>) {
        let mut text = one_line(text);
        // Of three dashes, the second and the third are two again.
        while text.contains("--") {
            text = text.replace("--", "- -");
        }
        let text = text.trim_end_matches('-');
        self.push(format!("<!-- {text} -->"), origins);
    }

    /// Traffic from anywhere is let in.
    pub fn open(&mut self, traffic: Traffic, origins: impl IntoIterator<Item = Origin>) {
        self.push(format!("  {}", traffic.element()), origins);
    }

    /// Traffic from a network is let in.
    pub fn open_to(
        &mut self,
        from: IpNet,
        traffic: Traffic,
        origins: impl IntoIterator<Item = Origin>,
    ) {
        self.accept(from, &traffic.element(), origins);
    }

    /// All traffic from a network is let through.
    pub fn pass_on(&mut self, from: IpNet, origins: impl IntoIterator<Item = Origin>) {
        self.accept(from, "", origins);
    }

    /// A rule for a network. Without an element it is about all traffic.
    fn accept(&mut self, from: IpNet, element: &str, origins: impl IntoIterator<Item = Origin>) {
        let family = match from {
            IpNet::V4(_) => "ipv4",
            IpNet::V6(_) => "ipv6",
        };
        self.push(
            format!(
                r#"  <rule family="{family}"><source address="{from}"/>{element}<accept/></rule>"#
            ),
            origins,
        );
    }

    /// A network that belongs to a zone.
    pub fn source(&mut self, net: IpNet, origins: impl IntoIterator<Item = Origin>) {
        self.push(format!(r#"  <source address="{net}"/>"#), origins);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_comment_early() {
        for text in ["a -- b", "a --> <zone/>", "ends in ---", "--->"] {
            let file = Writer::<Firewalld>::document(text, "x--y.pik").finish();
            let lines = file.lines().expect("nothing is refused");
            for line in &lines[1..] {
                let inside = line.text().strip_prefix("<!-- ").expect("begins");
                let inside = inside.strip_suffix(" -->").expect("ends");
                assert!(!inside.contains("--") && !inside.ends_with('-'), "{inside}");
            }
        }
    }
}
