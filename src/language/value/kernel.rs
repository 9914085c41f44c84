//! Names from the kernel: interfaces, and kernel settings.

use super::Bad;
use super::text::{longest, wrong_sign};

/// As the kernel accepts it (`dev_valid_name`), and udev and netplan do.
pub(super) fn interface(word: &str) -> Result<String, Bad> {
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let help = "the name of an interface consists of letters, digits, `-`, `_` and `.`";
    if word.is_empty() {
        return Err(Bad::whole(word, "is empty").help(help));
    }
    if let Some((from, to, sign)) = wrong_sign(word, fine) {
        let sign = sign.escape_debug();
        return Err(Bad::part(
            from,
            to,
            format!("is not an interface: its name contains `{sign}`"),
        )
        .help(help));
    }
    if !word.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return Err(Bad::part(
            0,
            1,
            "is not an interface: its name does not begin with a letter or a digit",
        )
        .help(help));
    }
    // The kernel has folders with these names next to those of the interfaces (`sysctl_dev_name_is_allowed`).
    if matches!(word, "all" | "default") {
        return Err(Bad::whole(
            word,
            "is not an interface: the kernel uses this name for the settings of all interfaces",
        )
        .help("write the interface's own name: `ip link` shows it"));
    }
    if word == "lo" {
        return Err(Bad::whole(
            word,
            "is the loopback interface, which reaches no other machine",
        )
        .help("write the name of a wired or wireless interface: `ip link` shows it"));
    }
    // The kernel accepts 15 bytes; a rule reports longer names, and where such a name comes from.
    longest(word, 63, "the name of an interface")?;
    Ok(word.to_owned())
}

/// The name of a kernel setting, with dots (sysctl.d(5)). To sysctl, `*`, slashes and a `-` in front have a special meaning.
pub(super) fn sysctl(word: &str) -> Result<String, Bad> {
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let help = "write its name with dots: `vm.swappiness`";
    if let Some((from, to, sign)) = wrong_sign(word, fine) {
        let sign = sign.escape_debug();
        return Err(Bad::part(
            from,
            to,
            format!("is not a kernel setting: its name contains `{sign}`"),
        )
        .help(help));
    }
    let part = |part: &str| part.starts_with(|c: char| c.is_ascii_alphanumeric());
    if !word.contains('.') || !word.split('.').all(part) {
        return Err(Bad::whole(
            word,
            "is not a kernel setting: its name must be two or more words with dots between them",
        )
        .help(help));
    }
    longest(word, 128, "the name of a kernel setting")?;
    Ok(word.to_owned())
}

/// What a kernel setting is set to. sysctl strips spaces at both ends, and the value ends with the line.
pub(super) fn sysctl_value(word: &str) -> Result<String, Bad> {
    let help = "write what `sysctl NAME` would show: `10`, `\"4096 131072 6291456\"`";
    if let Some((from, to, _)) = wrong_sign(word, |c| c == ' ' || c.is_ascii_graphic()) {
        return Err(Bad::part(from, to, "contains a character that is not ASCII").help(help));
    }
    if word.trim().len() != word.len() || word.is_empty() {
        return Err(Bad::whole(
            word,
            "is empty, or begins or ends with a space, which would be lost",
        )
        .help(help));
    }
    longest(word, 1000, "what a kernel setting is set to")?;
    Ok(word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_names_are_as_it_accepts_them() {
        for fine in ["eth0", "wlan0", "eth0.20", "enp3s0f1np1", "br-lan"] {
            assert!(interface(fine).is_ok(), "{fine}");
        }
        for wrong in [
            "", "all", "default", "lo", "a/b", "a b", "-x", "..", "a:b", "e*", "é",
        ] {
            assert!(interface(wrong).is_err(), "{wrong}");
        }
        for fine in [
            "vm.swappiness",
            "net.ipv4.conf.eth0-1.rp_filter",
            "net.core.rmem_max",
        ] {
            assert!(sysctl(fine).is_ok(), "{fine}");
        }
        for wrong in [
            "",
            "x",
            "vm.",
            ".vm",
            "a..b",
            "-vm.x",
            "net.ipv4.conf.*.x",
            "vm/swappiness",
            "a.b=1",
            "a.b\nc.d",
            "a. b",
        ] {
            assert!(sysctl(wrong).is_err(), "{wrong}");
        }
        for fine in ["10", "4096 131072 6291456", "|/usr/lib/dump %p"] {
            assert!(sysctl_value(fine).is_ok(), "{fine}");
        }
        for wrong in ["", " 1", "1 ", "10\nkernel.core_pattern = x", "é"] {
            assert!(sysctl_value(wrong).is_err(), "{wrong}");
        }
    }
}
