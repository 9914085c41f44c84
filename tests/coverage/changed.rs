//! Another value for a setting, of the type that it has.

use pikc::ast::Value;
use pikc::schema::SettingSchema;
use pikc::value::Type;

/// Another value of the same type, or none if none is known.
pub fn changed(value: &Value, old: &str, declared: Option<&SettingSchema>) -> Option<String> {
    if let Value::List(items, span) = value {
        let first = items.first()?;
        let (from, to) = (
            (first.span().start - span.start) as usize,
            (first.span().end - span.start) as usize,
        );
        let mut new = old.to_owned();
        new.replace_range(from..to, &changed(first, &old[from..to], declared)?);
        return Some(new);
    }
    let quoted = old.starts_with('"');
    let inner = old.trim_matches('"');
    let Some(schema) = declared else {
        // An entry of an open map, or a constant.
        return Some(if inner.parse::<std::net::IpAddr>().is_ok() {
            last_number(inner, |n| n + 1)
        } else if quoted {
            let text = match inner.strip_suffix(":PreferNoSchedule") {
                Some(head) => format!("{head}:NoSchedule"),
                None if inner.parse::<u64>().is_ok() => last_number(inner, |n| n + 1),
                None => format!("x{inner}"),
            };
            format!("\"{text}\"")
        } else {
            format!("x{inner}")
        });
    };
    let plain = match schema.ty {
        Type::Boolean => if inner == "on" { "off" } else { "on" }.to_owned(),
        Type::Choice => schema.values.iter().find(|word| *word != inner)?.clone(),
        Type::Size if inner.ends_with("GiB") => inner.replace("GiB", "MiB"),
        Type::Size => last_number(inner, |n| n + 1),
        Type::Address | Type::Range | Type::Port | Type::TransportPort | Type::Integer => {
            last_number(inner, |n| {
                if n > 250 && schema.ty == Type::Address {
                    n - 1
                } else {
                    n + 1
                }
            })
        }
        Type::Cidr if inner.contains(':') => inner.replace("fd5c", "fd5d"),
        Type::Cidr => {
            let (net, prefix) = inner.split_once('/')?;
            let mut octets: Vec<u32> = net.split('.').map(|o| o.parse().unwrap_or(0)).collect();
            let index = if prefix.parse::<u8>().ok()? > 16 {
                2
            } else {
                1
            };
            let step = if prefix == "12" { 16 } else { 1 };
            octets[index] += step;
            let text: Vec<String> = octets.iter().map(u32::to_string).collect();
            format!("{}/{prefix}", text.join("."))
        }
        Type::Version => last_number(inner, |n| n - 1),
        Type::Duration if inner.contains('h') => inner.replacen("h", "h1m", 1),
        Type::Duration => last_number(inner, |n| n + 1),
        Type::Secret => format!("{inner}x"),
        Type::Country => if inner == "DE" { "JP" } else { "DE" }.to_owned(),
        Type::Timezone => "Europe/Berlin".to_owned(),
        Type::Mac => inner.replace("dc:", "da:"),
        Type::Url => format!("{inner}x"),
        Type::RegistryUrl => format!("{inner}x"),
        Type::ProxyUrl => last_number(inner, |n| n + 1),
        Type::ProxyExemption if inner.starts_with('.') => format!(".x{}", &inner[1..]),
        Type::ProxyExemption => return None,
        // One letter inside the key: it stays a valid key.
        Type::SshKey => {
            let mut words: Vec<String> = inner.split(' ').map(str::to_owned).collect();
            let key = &mut words[1];
            let at = key.len() - 10;
            let other = if key[at..].starts_with('b') { "c" } else { "b" };
            key.replace_range(at..=at, other);
            words.join(" ")
        }
        Type::Locale => "en_GB.UTF-8".to_owned(),
        Type::Reference => match schema.of.as_deref() {
            Some("os") if inner == "raspios-bookworm" => "raspios-trixie".to_owned(),
            Some("os") => "raspios-bookworm".to_owned(),
            Some("board") => "pi-4b-8g".to_owned(),
            Some("platform") => "azure".to_owned(),
            _ => return None,
        },
        Type::Endpoint if inner.starts_with(|c: char| c.is_ascii_digit()) => {
            last_number(inner, |n| n + 1)
        }
        Type::Endpoint | Type::Host => format!("x{inner}"),
        Type::Text
        | Type::Line
        | Type::Name
        | Type::Label
        | Type::DnsLabel
        | Type::LabelValue
        | Type::Path
        | Type::Package
        | Type::Account
        | Type::Group
        | Type::Interface
        | Type::Keyboard
        | Type::Registry
        | Type::CertificateName
        | Type::ArgumentValue
        | Type::Overlay
        | Type::Ssid => format!("{inner}x"),
        Type::Fingerprint | Type::Cpu | Type::Threshold | Type::PortRange => {
            last_number(inner, |n| n - 1)
        }
        Type::Code
        | Type::Date
        | Type::LabelKey
        | Type::Taint
        | Type::FeatureGate
        | Type::Argument
        | Type::Field
        | Type::Sysctl
        | Type::SysctlValue
        | Type::Sha256
        | Type::Any => return None,
    };
    Some(if quoted {
        format!("\"{plain}\"")
    } else {
        plain
    })
}

fn last_number(text: &str, change: impl Fn(u64) -> u64) -> String {
    let end = text
        .rfind(|c: char| c.is_ascii_digit())
        .map_or(0, |at| at + 1);
    let start = text[..end]
        .rfind(|c: char| !c.is_ascii_digit())
        .map_or(0, |at| at + 1);
    let number: u64 = text[start..end].parse().unwrap_or(0);
    format!("{}{}{}", &text[..start], change(number), &text[end..])
}
