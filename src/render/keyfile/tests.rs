//! Each format as its reader wants it.

use proptest::prelude::*;

use super::{Dialect, KeyFile};
use crate::origin::Origin;
use crate::source::{FileId, Span};

fn text(file: KeyFile) -> String {
    file.finish().expect("it can be written").text
}

fn file(dialect: Dialect) -> KeyFile {
    KeyFile::new(dialect, false)
}

#[test]
fn a_networkmanager_connection() {
    let file = file(Dialect::NetworkManager)
        .comment("Wi-Fi of node02\n\nof cluster home", &[])
        .section("connection", &[])
        .set("id", "pikc-wlan0", &[])
        .section("wifi", &[])
        .ssid("home", &[])
        .section("ipv4", &[])
        .set("address1", "192.168.11.202/24,192.168.11.1", &[])
        .list("dns", &["192.168.11.1", "9.9.9.9"], &[])
        .set("odd", " a\\b; ", &[])
        .list("odds", &["a;b"], &[]);
    assert_eq!(
        text(file),
        "# Wi-Fi of node02\n#\n# of cluster home\n\n[connection]\nid=pikc-wlan0\n\n[wifi]\nssid=home\n\n[ipv4]\n\
         address1=192.168.11.202/24,192.168.11.1\ndns=192.168.11.1;9.9.9.9;\nodd=\\sa\\\\b;\\s\nodds=a\\;b;\n"
    );
}

#[test]
fn names_of_networks_are_bytes_where_they_could_be_taken_for_something_else() {
    for (ssid, manager, supplicant) in [
        ("My Home 5G", "ssid=My Home 5G\n", "ssid=\"My Home 5G\"\n"),
        ("1;2", "ssid=49;59;50;\n", "ssid=313b32\n"),
        ("é", "ssid=195;169;\n", "ssid=c3a9\n"),
        (" x", "ssid=32;120;\n", "ssid=2078\n"),
        ("123", "ssid=49;50;51;\n", "ssid=313233\n"),
        ("a\"b", "ssid=97;34;98;\n", "ssid=612262\n"),
    ] {
        assert_eq!(text(file(Dialect::NetworkManager).ssid(ssid, &[])), manager);
        assert_eq!(
            text(file(Dialect::WpaSupplicant).ssid(ssid, &[])),
            supplicant
        );
    }
}

#[test]
fn systemd_units_and_settings() {
    let unit = file(Dialect::SystemdUnit).section("Service", &[]).set(
        "ExecStart",
        "/opt/pikc/run.sh --at 50%",
        &[],
    );
    assert_eq!(
        text(unit),
        "[Service]\nExecStart=/opt/pikc/run.sh --at 50%%\n"
    );
    let settings = file(Dialect::SystemdSettings)
        .section("Time", &[])
        .list("NTP", &["ntp.nict.jp", "ntp.jst.mfeed.ad.jp"], &[])
        .set_some("FallbackNTP", None, &[]);
    assert_eq!(
        text(settings),
        "[Time]\nNTP=ntp.nict.jp ntp.jst.mfeed.ad.jp\n"
    );
    assert!(
        file(Dialect::SystemdUnit)
            .set("A", "b\\", &[])
            .finish()
            .is_err()
    );
    assert!(
        file(Dialect::SystemdUnit)
            .list("A", &["b c"], &[])
            .finish()
            .is_err()
    );
}

#[test]
fn apt_sources_and_preferences() {
    let stanzas = file(Dialect::Deb822)
        .section("kubelet", &[])
        .set("Package", "kubelet", &[])
        .set("Pin", "version 1.36.4-*", &[])
        .section("kubeadm", &[])
        .set("Package", "kubeadm", &[]);
    assert_eq!(
        text(stanzas),
        "Package: kubelet\nPin: version 1.36.4-*\n\nPackage: kubeadm\n"
    );
    assert!(file(Dialect::Deb822).set("URIs", "", &[]).finish().is_err());
}

#[test]
fn dhcpcd_wpa_supplicant_sysctl_and_toml() {
    let dhcpcd = file(Dialect::Dhcpcd)
        .section("wlan0", &[])
        .set("ip_address", "192.168.11.202/24", &[])
        .list("domain_name_servers", &["192.168.11.1", "9.9.9.9"], &[])
        .word("nogateway", &[]);
    assert_eq!(
        text(dhcpcd),
        "interface wlan0\nstatic ip_address=192.168.11.202/24\nstatic domain_name_servers=192.168.11.1 9.9.9.9\nnogateway\n"
    );
    let wifi = file(Dialect::WpaSupplicant)
        .set("country", "JP", &[])
        .section("network", &[])
        .ssid("home", &[])
        .set("psk", &"ab".repeat(32), &[])
        .set("scan_ssid", "1", &[]);
    let psk = "ab".repeat(32);
    assert_eq!(
        text(wifi),
        format!("country=JP\n\nnetwork={{\nssid=\"home\"\npsk={psk}\nscan_ssid=1\n}}\n")
    );
    let sysctl = file(Dialect::Sysctl).set("net.ipv4.ip_forward", "1", &[]);
    assert_eq!(text(sysctl), "net.ipv4.ip_forward = 1\n");
    let toml = file(Dialect::Toml)
        .section("crio.image", &[])
        .set("pause_image", "registry.k8s.io/pause:3.10.2", &[])
        .list("odd", &["a\"b\\"], &[])
        .set_bare("number", "3", &[]);
    assert_eq!(
        text(toml),
        "[crio.image]\npause_image = \"registry.k8s.io/pause:3.10.2\"\nodd = [\"a\\\"b\\\\\"]\nnumber = 3\n"
    );
}

#[test]
fn each_line_has_its_origins_and_a_blank_one_none() {
    let origin = Origin::Written(Span::new(FileId(0), 1, 2));
    let text = KeyFile::new(Dialect::WpaSupplicant, true)
        .comment("why", std::slice::from_ref(&origin))
        .section("network", &[])
        .ssid("home", std::slice::from_ref(&origin))
        .finish()
        .expect("it can be written");
    let expected = [vec![origin.clone()], vec![], vec![], vec![origin], vec![]];
    assert_eq!(text.lines, expected);
}

#[test]
fn an_error_names_the_key_and_not_the_value() {
    let error = file(Dialect::SystemdSettings)
        .set("psk", "secret\nvalue", &[])
        .set("key", "fine", &[])
        .finish()
        .expect_err("a newline");
    assert_eq!(
        error.to_string(),
        "`psk` cannot have this value: it holds a control character"
    );
}

const ALL: [Dialect; 9] = [
    Dialect::NetworkManager,
    Dialect::SystemdUnit,
    Dialect::SystemdSettings,
    Dialect::Deb822,
    Dialect::Dhcpcd,
    Dialect::WpaSupplicant,
    Dialect::Sysctl,
    Dialect::Toml,
    Dialect::Plain,
];

proptest! {
    /// Whatever the value, it stays on the line of its key.
    #[test]
    fn no_value_breaks_out_of_its_line(value in any::<String>(), items in prop::collection::vec(any::<String>(), 0..3)) {
        for dialect in ALL {
            for file in [
                file(dialect).set("key", &value, &[]),
                file(dialect).list("key", &items, &[]),
                file(dialect).ssid(&value, &[]),
            ] {
                if let Ok(text) = file.finish() {
                    prop_assert_eq!(text.text.matches('\n').count(), 1);
                    prop_assert!(!text.text.trim_end_matches('\n').contains(crate::render::forbidden));
                }
            }
        }
    }
}
