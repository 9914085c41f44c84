//! How the writers are tried that put devices and folders of data disks into files.

use super::super::*;
use super::read_back::systemd_read;
use super::trials::{Trial, line};

pub(super) fn trials() -> Vec<Trial> {
    vec![
        (
            "node.conf disk's device",
            |text| disk("etcd", text, "/srv"),
            |line| word(line, 1),
            &[
                "/dev/disk/by-id/usb-A_B-0:0",
                "/dev/disk/by-path/pci-0000:01:00.0-nvme-1",
            ],
        ),
        (
            "node.conf disk's folder",
            |text| disk("etcd", "/dev/sda", text),
            |line| word(line, 3),
            &["/var/lib/etcd", "/srv/my-data_1.0"],
        ),
        (
            "node.conf disk's name",
            |text| disk(text, "/dev/sda", "/srv"),
            |line| word(line, 0),
            &["etcd", "data-1"],
        ),
        (
            "systemd folder",
            |text| line::<systemd::Systemd>(|file| file.folder("Where", text, [])),
            |line| systemd_read(line, "Where="),
            &["/var/lib/etcd"],
        ),
        (
            "systemd file system",
            |text| line::<systemd::Systemd>(|file| file.filesystem("Type", text, [])),
            |line| systemd_read(line, "Type="),
            &["ext4", "xfs"],
        ),
    ]
}

fn disk(name: &str, device: &str, mount: &str) -> Option<String> {
    line::<node_values::NodeValues>(|file| {
        file.disk(name, device, mount, ("ext4", "never"), []);
    })
}

/// As the step reads it: words between single spaces, five of them.
fn word(line: &str, at: usize) -> Option<String> {
    let words: Vec<&str> = line.strip_prefix("disk=")?.split(' ').collect();
    (words.len() == 5).then(|| words[at].to_owned())
}
