//! How each function of each writer is tried, and the rules of its reader.

use super::super::*;
use super::read_back::{after, glib, sysctl_read, systemd_read};
use crate::value::{Country, Mac, SshKey};

/// The only line of a file, or nothing if the value was refused.
pub(super) fn line<F: Format>(write: impl FnOnce(&mut Writer<F>)) -> Option<String> {
    let mut file = Writer::<F>::new();
    write(&mut file);
    let written = file.finish();
    match written.lines() {
        Ok(lines) => {
            assert_eq!(lines.len(), 1);
            assert!(!lines[0].text().contains(forbidden), "{:?}", lines[0]);
            Some(lines[0].text().to_owned())
        }
        Err(refused) => {
            assert_eq!(refused.len(), 1);
            assert!(written.lines.is_empty(), "a refused value left a line");
            None
        }
    }
}

/// How one function of a writer is tried: what it writes for a value, and the value as the format's reader finds it in the line.
pub(super) type Trial = (
    &'static str,
    fn(&str) -> Option<String>,
    fn(&str) -> Option<String>,
    // Values that must pass.
    &'static [&'static str],
);

pub(super) fn trials() -> Vec<Trial> {
    [
        of_keyfile(),
        of_systemd(),
        of_sysctl(),
        of_modules(),
        of_config_txt(),
        of_apt(),
        of_dnf(),
        of_sudoers(),
        of_hosts(),
        of_command(),
        of_dhcpcd(),
        of_wpa_supplicant(),
        of_authorized_keys(),
        of_chrony(),
        of_moving_address(),
        of_lists(),
        of_node(),
        of_gitignore(),
    ]
    .concat()
}

fn of_keyfile() -> Vec<Trial> {
    vec![
        (
            "keyfile text",
            |text| line::<keyfile::Keyfile>(|file| file.text("id", text, [])),
            |line| glib(line, "id="),
            &["pikc-wlan0", " a", "a ", "a\\", "é", "[a]", "#a"],
        ),
        (
            "keyfile device",
            |text| line::<keyfile::Keyfile>(|file| file.device("parent", text, [])),
            |line| after(line, "parent="),
            &["eth0", "enp3s0.100", "bond-0"],
        ),
        (
            "keyfile driver",
            |text| line::<keyfile::Keyfile>(|file| file.driver("driver", text, [])),
            |line| after(line, "driver="),
            &["brcmfmac"],
        ),
        (
            "keyfile ssid",
            |text| line::<keyfile::Keyfile>(|file| file.ssid(text, [])),
            |line| {
                let value = line.strip_prefix("ssid=")?;
                let Some(list) = value.strip_suffix(';') else {
                    return Some(value.to_owned());
                };
                let bytes: Result<Vec<u8>, _> = list.split(';').map(str::parse).collect();
                String::from_utf8(bytes.ok()?).ok()
            },
            &["home", "104;105;", "a\nb", " a", "名前", "\u{202e}txt.exe"],
        ),
        (
            "keyfile psk",
            |text| line::<keyfile::Keyfile>(|file| file.psk(text, [])),
            |line| after(line, "psk="),
            &["00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"],
        ),
    ]
}

fn of_systemd() -> Vec<Trial> {
    vec![
        (
            "systemd hosts",
            |text| line::<systemd::Systemd>(|file| file.hosts("NTP", &[text], [])),
            |line| systemd_read(line, "NTP="),
            &["ntp.example.org", "10.0.0.1", "fd00::1"],
        ),
        (
            "systemd device",
            |text| line::<systemd::Systemd>(|file| file.device("Name", text, [])),
            |line| systemd_read(line, "Name="),
            &["wlan0"],
        ),
        (
            "systemd driver",
            |text| line::<systemd::Systemd>(|file| file.driver("Driver", text, [])),
            |line| systemd_read(line, "Driver="),
            &["r8169"],
        ),
        (
            "systemd environment",
            |text| line::<systemd::Systemd>(|file| file.environment("NO_PROXY", text, [])),
            |line| {
                let inside = line.strip_prefix("Environment=\"")?.strip_suffix('"')?;
                let value = inside.strip_prefix("NO_PROXY=")?;
                let means = |c: char| c.is_whitespace() || "\\\"'%$".contains(c);
                (!value.is_empty() && !value.contains(means)).then(|| value.to_owned())
            },
            &["http://proxy.example.org:3128", ".svc,10.0.0.0/8,::1"],
        ),
    ]
}

fn of_sysctl() -> Vec<Trial> {
    vec![
        (
            "sysctl value",
            |text| line::<sysctl::Sysctl>(|file| file.set("vm.swappiness", text, [])),
            |line| {
                sysctl_read(line)
                    .filter(|(key, _)| key == "vm.swappiness")
                    .map(|(_, value)| value)
            },
            &["10", "1024 65000", "a=b", "#a", "|/bin/core %p"],
        ),
        (
            "sysctl key",
            |text| line::<sysctl::Sysctl>(|file| file.set(text, "1", [])),
            |line| {
                sysctl_read(line)
                    .filter(|(_, value)| value == "1")
                    .map(|(key, _)| key)
            },
            &[
                "net.ipv4.ip_forward",
                "net/ipv4/conf/eth0.100/rp_filter",
                "net.ipv4.conf.eth0/100.rp_filter",
            ],
        ),
    ]
}

fn of_gitignore() -> Vec<Trial> {
    vec![(
        "gitignore",
        |text| line::<gitignore::GitIgnore>(|file| file.path(text, [])),
        |line| {
            // As git reads it: a backslash takes the next character as it is, and a pattern matches more than one name.
            let mut found = String::new();
            let mut rest = line.strip_prefix('/')?.chars();
            while let Some(c) = rest.next() {
                match c {
                    '\\' => found.push(rest.next()?),
                    '*' | '?' | '[' => return None,
                    c => found.push(c),
                }
            }
            (!line.ends_with(' ') || line.ends_with("\\ ")).then_some(found)
        },
        &["nodes/n1/once/token", "nodes/n1/files/etc/a b[1]*"],
    )]
}

fn of_modules() -> Vec<Trial> {
    vec![(
        "modules",
        |text| line::<modules::Modules>(|file| file.module(text, [])),
        |line| {
            (!line.trim().is_empty() && !line.starts_with(['#', ';']))
                .then(|| line.trim().to_owned())
        },
        &["br_netfilter", "8021q"],
    )]
}

fn of_config_txt() -> Vec<Trial> {
    vec![
        (
            "config.txt kernel",
            |text| line::<config_txt::ConfigTxt>(|file| file.kernel(text, [])),
            |line| after(line, "kernel=").filter(|_| line.len() <= 98),
            &["kernel8.img", "kernel_2712.img"],
        ),
        (
            "config.txt overlay",
            |text| line::<config_txt::ConfigTxt>(|file| file.overlay(text, [])),
            |line| after(line, "dtoverlay=").filter(|_| line.len() <= 98),
            &["disable-bt", "gpio-fan,gpiopin=14,temp=60000"],
        ),
    ]
}

fn of_apt() -> Vec<Trial> {
    vec![
        (
            "apt uri",
            |text| line::<apt_sources::AptSources>(|file| file.uri(text, [])),
            |line| {
                after(line, "URIs: ")
                    .filter(|uri| !uri.contains(char::is_whitespace) && !uri.contains("$("))
            },
            &["https://mirror.example.org/debian/", "http://x/y"],
        ),
        (
            "apt suites",
            |text| line::<apt_sources::AptSources>(|file| file.suites(&[text], [])),
            |line| after(line, "Suites: ").filter(|suite| !suite.contains(char::is_whitespace)),
            &["/", "trixie-updates", "stable/v1.36"],
        ),
        (
            "apt signed-by",
            |text| line::<apt_sources::AptSources>(|file| file.signed_by(text, [])),
            |line| {
                after(line, "Signed-By: ")
                    .filter(|path| path.starts_with('/') && !path.contains([',', ' ']))
            },
            &["/etc/apt/keyrings/pikc-crio.asc"],
        ),
        (
            "apt proxy",
            |text| line::<apt_conf::AptConf>(|file| file.proxy(apt_conf::Scheme::Http, text, [])),
            |line| apt_value(line.strip_prefix("Acquire::http::Proxy ")?),
            &["http://proxy.example.org:3128", "https://[fd00::1]:8080"],
        ),
        (
            "apt direct",
            |text| line::<apt_conf::AptConf>(|file| file.direct(apt_conf::Scheme::Https, text, [])),
            |line| {
                let (name, value) = line
                    .strip_prefix("Acquire::https::Proxy::")?
                    .split_once(' ')?;
                (apt_value(value).as_deref() == Some("DIRECT")).then(|| name.to_owned())
            },
            &["mirror.example.org", "10.0.0.1"],
        ),
    ]
}

fn of_dnf() -> Vec<Trial> {
    vec![
        (
            "dnf section",
            |text| line::<yum_repo::YumRepo>(|file| file.section(text, [])),
            |line| Some(line.strip_prefix('[')?.strip_suffix(']')?.to_owned()),
            &["pikc-crio", "pikc_x.y"],
        ),
        (
            "dnf title",
            |text| line::<yum_repo::YumRepo>(|file| file.title(text, [])),
            |line| dnf_value(line, "name="),
            &["The packages of CRI-O 1.36.", "#a", "a;b"],
        ),
        (
            "dnf baseurl",
            |text| line::<yum_repo::YumRepo>(|file| file.base_url(text, [])),
            |line| dnf_value(line, "baseurl=").filter(|url| !url.contains([' ', ','])),
            &["https://mirror.example.org/rpm/", "http://x/y"],
        ),
        (
            "dnf gpgkey",
            |text| line::<yum_repo::YumRepo>(|file| file.key_file(text, [])),
            |line| dnf_value(line, "gpgkey=file://").filter(|path| !path.contains([' ', ',', '%'])),
            &["/etc/pki/rpm-gpg/RPM-GPG-KEY-pikc-crio"],
        ),
        (
            "dnf excludepkgs",
            |text| line::<yum_repo::YumRepo>(|file| file.excluded(&[text], [])),
            |line| {
                dnf_value(line, "excludepkgs=").filter(|name| !name.contains([' ', ',', '*', '[']))
            },
            &["kubelet", "NetworkManager-wifi", "cri-o"],
        ),
        (
            "dnf proxy",
            |text| line::<yum_repo::YumRepo>(|file| file.proxy(text, [])),
            |line| dnf_value(line, "proxy=").filter(|url| !url.contains(' ')),
            &["http://proxy.example.org:3128", "https://[fd00::1]:8080"],
        ),
    ]
}

/// dnf: spaces around a value are cut off, and `$` begins a variable.
fn dnf_value(line: &str, key: &str) -> Option<String> {
    let value = line.strip_prefix(key)?.trim();
    (!value.contains(['$', '\\']) && !value.is_empty()).then(|| value.to_owned())
}

/// apt: a value ends at the next quote, and the line at the `;` after it.
fn apt_value(rest: &str) -> Option<String> {
    let value = rest.strip_prefix('"')?.strip_suffix("\";")?;
    (!value.contains(['"', ';']) && !value.is_empty()).then(|| value.to_owned())
}

fn of_sudoers() -> Vec<Trial> {
    vec![(
        "sudoers",
        |text| line::<sudoers::Sudoers>(|file| file.may_become_root(text, false, [])),
        |line| {
            let name = line.strip_suffix(" ALL=(ALL:ALL) NOPASSWD: ALL")?;
            let alias = name.starts_with(|c: char| c.is_ascii_uppercase())
                && name
                    .chars()
                    .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
            let means = |c: char| c.is_whitespace() || "@!=:,()\\\"%+#*".contains(c);
            (!alias && !name.contains(means)).then(|| name.to_owned())
        },
        &["pi", "a.b", "_svc"],
    )]
}

fn of_hosts() -> Vec<Trial> {
    vec![(
        "hosts",
        |text| {
            line::<hosts::Hosts>(|file| {
                file.host("10.0.0.9".parse().expect("an address"), text, [])
            })
        },
        |line| {
            let mut words = line.split('#').next()?.split_whitespace().skip(1);
            let name = words.next()?.to_owned();
            words.next().is_none().then_some(name)
        },
        &["node01", "api.example.org"],
    )]
}

fn of_command() -> Vec<Trial> {
    vec![(
        "command line",
        |text| {
            command_line::Word::new(text)
                .ok()
                .map(|word| word.to_string())
        },
        |line| {
            (line.split_whitespace().count() == 1 && !line.contains('"')).then(|| line.to_owned())
        },
        &["cfg80211.ieee80211_regdom=JP", "quiet"],
    )]
}

fn of_dhcpcd() -> Vec<Trial> {
    vec![
        (
            "dhcpcd interface",
            |text| line::<dhcpcd::Dhcpcd>(|file| file.interface(text, [])),
            |line| after(line, "interface "),
            &["wlan0"],
        ),
        (
            "dhcpcd deny",
            |text| line::<dhcpcd::Dhcpcd>(|file| file.deny(&[text], [])),
            |line| after(line, "denyinterfaces ").filter(|name| !name.contains([' ', '\\'])),
            &["cni0", "veth*", "a*"],
        ),
    ]
}

fn of_wpa_supplicant() -> Vec<Trial> {
    vec![
        (
            "wpa_supplicant ssid",
            |text| line::<wpa_supplicant::WpaSupplicant>(|file| file.ssid(text, [])),
            |line| {
                let digits = line.trim_start().strip_prefix("ssid=")?;
                let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
                let bytes: Option<Vec<u8>> = (0..digits.len()).step_by(2).map(byte).collect();
                String::from_utf8(bytes?).ok()
            },
            &["home", "a\"b", "a\nb", " "],
        ),
        (
            "wpa_supplicant country",
            |text| {
                let country = Country(text.to_owned());
                line::<wpa_supplicant::WpaSupplicant>(|file| file.country(&country, []))
            },
            |line| after(line, "country="),
            &["JP"],
        ),
    ]
}

fn of_authorized_keys() -> Vec<Trial> {
    vec![
        (
            "authorized_keys kind",
            |text| {
                let key = ssh_key(text, "AAAA", "");
                line::<authorized_keys::AuthorizedKeys>(|file| file.key(&key, []))
            },
            |line| {
                line.strip_suffix(" AAAA")
                    .filter(|kind| kind.contains("s"))
                    .map(str::to_owned)
            },
            &["ssh-ed25519", "sk-ssh-ed25519@openssh.com"],
        ),
        (
            "authorized_keys remark",
            |text| {
                let key = ssh_key("ssh-rsa", "AAAA", text);
                line::<authorized_keys::AuthorizedKeys>(|file| file.key(&key, []))
            },
            // sshd reads the rest of the line, and nothing in it means anything.
            |line| {
                line.strip_prefix("ssh-rsa AAAA")
                    .map(|rest| rest.trim().to_owned())
            },
            &["you@laptop", "$(id) \"#"],
        ),
    ]
}

fn of_chrony() -> Vec<Trial> {
    vec![
        (
            "chrony",
            |text| line::<chrony::Chrony>(|file| file.server(text, [])),
            |line| {
                let host = line.strip_prefix("server ")?.strip_suffix(" iburst")?;
                (!host.contains(char::is_whitespace)).then(|| host.to_owned())
            },
            &["ntp.example.org", "10.0.0.1"],
        ),
        (
            "chrony sourcedir",
            |text| line::<chrony::Chrony>(|file| file.sources_in(text, [])),
            |line| after(line, "sourcedir ").filter(|path| !path.contains(char::is_whitespace)),
            &["/etc/chrony.d"],
        ),
    ]
}

/// What keeps an address on one machine, and what stands in front of the API servers: both split a line at blanks.
fn of_moving_address() -> Vec<Trial> {
    fn only<'t>(line: &'t str, before: &str, after: &str) -> Option<&'t str> {
        line.strip_prefix(before)?.strip_suffix(after)
    }
    vec![
        (
            "HAProxy server",
            |text| {
                let address = [192, 168, 11, 11].into();
                line::<haproxy::Haproxy>(|file| file.server(text, address, 6443, []))
            },
            |line| read_word(only(line, "  server ", " 192.168.11.11:6443")?),
            &["cp1", "cp-1.home.arpa"],
        ),
        (
            "keepalived machine",
            |text| line::<keepalived::Keepalived>(|file| file.machine("router_id", text, [])),
            |line| read_word(only(line, "  router_id ", "")?),
            &["cp1", "cp-1.home.arpa"],
        ),
        (
            "keepalived device",
            |text| line::<keepalived::Keepalived>(|file| file.device("interface", text, [])),
            |line| read_word(only(line, "  interface ", "")?),
            &["eth0", "enp3s0.100", "bond-0"],
        ),
    ]
}

/// A word as both read it, if nothing in it has a meaning of its own.
fn read_word(word: &str) -> Option<String> {
    let special = |c: char| c.is_whitespace() || "#!$~@\\'\"{}".contains(c);
    (!word.is_empty() && !word.contains(special)).then(|| word.to_owned())
}

fn of_lists() -> Vec<Trial> {
    vec![
        (
            "a list's file",
            |text| line::<list::List>(|file| file.fetched("00ff", text, "https://x/y", [])),
            |line| {
                let words: Vec<&str> = line.split_whitespace().collect();
                (words.len() == 3 && words[2] == "https://x/y").then(|| words[1].to_owned())
            },
            &["calico.yaml"],
        ),
        (
            "a list's object",
            |text| line::<list::List>(|file| file.object("default", text, [])),
            |line| after(line, "default/").filter(|name| !name.contains(['/', ' '])),
            &["deny-all"],
        ),
        (
            "a checksum list's path",
            |text| line::<list::List>(|file| file.listed("00ff", 0o644, "root:root", text, [])),
            |line| after(line, "00ff  0644  root:root  "),
            &["files/etc/hosts", "a b"],
        ),
    ]
}

fn of_node() -> Vec<Trial> {
    vec![(
        "node.conf device",
        |text| {
            let mac = Mac("00:11:22:33:44:55".to_owned());
            line::<node_values::NodeValues>(|file| file.device(text, Some(&mac), None, []))
        },
        |line| {
            let words: Vec<&str> = line.strip_prefix("device=")?.split(' ').collect();
            (words.len() == 3).then(|| words[0].to_owned())
        },
        &["eth0"],
    )]
}

fn ssh_key(algorithm: &str, key: &str, comment: &str) -> SshKey {
    SshKey {
        algorithm: algorithm.to_owned(),
        key: key.to_owned(),
        comment: comment.to_owned(),
    }
}
