//! The command line from outside.

mod canary;
mod card;
mod check;
mod clear_text;
mod codes;
mod commands;
mod compile;
mod examples;
mod existing;
mod existing_forms;
mod fix;
mod fmt;
mod gitlab;
mod graph;
mod names;
mod reading;
mod secrets;
mod seed;
mod tokens;
mod vendor;
mod why;
mod width;
mod written;

/// A small valid spec.
const GOOD: &str = include_str!("minimal.pik");

/// One control plane and one worker, which has Wi-Fi and so names a secret, with this instead of the line of its CNI.
fn with_wifi(cni: &str) -> String {
    let wifi = "locale { country = JP }\n  interface wlan0 {\n    cluster = on\n    wifi { ssid = \"home\", passphrase = secret:wifi }\n  }\n}\n\nnode worker {";
    let spec = include_str!("../specs/one-worker.pik")
        .replace("SYSTEM", "ubuntu-24.04")
        .replace("MACHINE", "board = pi-4b-4g")
        .replace("  driver  = brcmfmac\n", "")
        .replace("interface eth0 {}\n}\n\nnode worker {", wifi)
        .replace("cni flannel {}", cni);
    assert!(spec.contains(wifi) && spec.contains(cni));
    spec
}
