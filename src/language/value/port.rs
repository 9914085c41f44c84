//! Ports with their protocol, as network policies and CNIs name them.

use serde::{Deserialize, Serialize};

use std::fmt;

use super::{Bad, quantity};

/// What carries a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

impl Protocol {
    const ALL: [Self; 3] = [Self::Tcp, Self::Udp, Self::Sctp];

    /// The word in specs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
        }
    }

    /// The word in Kubernetes objects.
    pub fn kubernetes(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::Sctp => "SCTP",
        }
    }
}

/// A port of a protocol: `443/tcp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TransportPort {
    /// 1 to 65535.
    pub port: u16,
    /// What carries the connection.
    pub protocol: Protocol,
}

impl fmt::Display for TransportPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.port, self.protocol.word())
    }
}

pub(super) fn transport_port(word: &str) -> Result<TransportPort, Bad> {
    let Some((number, protocol)) = word.split_once('/') else {
        quantity::port(word)?;
        return Err(Bad::whole(word, "does not name its protocol")
            .help(format!("write `{word}/tcp` or `{word}/udp`")));
    };
    let port = quantity::port(number)?;
    let known = Protocol::ALL
        .into_iter()
        .find(|known| known.word() == protocol);
    let Some(protocol) = known else {
        let lower = protocol.to_ascii_lowercase();
        let bad = Bad::part(
            number.len() + 1,
            word.len(),
            "does not name a protocol: pikc knows tcp, udp and sctp",
        );
        let meant = Protocol::ALL.iter().any(|known| known.word() == lower);
        return Err(if meant {
            let whole = format!("{number}/{lower}");
            bad.help(format!("write `{whole}`")).instead(whole)
        } else {
            bad.help(format!("write `{number}/tcp` or `{number}/udp`"))
        });
    };
    Ok(TransportPort { port, protocol })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_names_its_protocol() {
        let read = |word| transport_port(word).map(|port| port.to_string());
        assert_eq!(read("443/tcp"), Ok("443/tcp".to_owned()));
        assert_eq!(read("53/udp"), Ok("53/udp".to_owned()));
        assert!(read("443").is_err() && read("0/tcp").is_err() && read("70000/tcp").is_err());
        assert!(read("https/tcp").is_err() && read("443/").is_err());
        let shouted = read("443/TCP").expect_err("capitals");
        assert_eq!(shouted.instead.as_deref(), Some("443/tcp"));
        assert_eq!((shouted.from, shouted.to), (4, 7));
    }
}
