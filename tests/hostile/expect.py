"""What each type accepts: a marker for any valid value, and for types with their own rules the strings that those rules allow.

A type for numbers, addresses or names from the library accepts nothing from the hostile table except what its own pattern allows
(`STRICT`). For all others a marker shows where a value ends up (`MARKERS`); `WRAPPED` are the ways in which a hostile string can be
part of a valid value."""

import ipaddress
import re

MARK = "zqmarkqz"  # letters that occur nowhere else, in a form that every name allows
KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIExUSZybEIxVbJlmjFAM34dZiVUMjpQVQrvhBhs8eHxu"


def address(text):
    return ipaddress.ip_address(text) is not None


def network(text):
    return ipaddress.ip_network(text) is not None


def pattern(text):
    found = re.compile(text)
    return lambda value: found.fullmatch(value) is not None


def never(text):
    return False


STRICT = {
    "boolean": pattern("on|off|true|false|yes|no"),
    "integer": pattern(r"0|[1-9][0-9]{0,9}"),
    "port": pattern(r"[1-9][0-9]{0,4}"),
    "transport-port": pattern(r"[1-9][0-9]{0,4}(/(tcp|udp|sctp))?"),
    "version": pattern(r"[0-9]+(\.[0-9]+){0,2}"),
    "size": pattern(r"[0-9]+[KMGT]?i?B?"),
    "duration": pattern(r"([0-9]+(h|m|s|ms))+"),
    "mac": pattern(r"[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}"),
    "fingerprint": pattern(r"[0-9a-fA-F]{40}"),
    "address": address,
    "cidr": network,
    "range": never,
    "choice": never,
    "reference": never,
    "label reference": never,
    "label code": never,
    "country": never,
    "timezone": never,
    "path": never,
    "secret": pattern(r"secret:[A-Za-z][A-Za-z0-9_-]*"),
    "cpu": pattern(r"[0-9]+m|[0-9]+(\.[0-9]{1,3})?"),
    "threshold": pattern(r"[0-9]+%|[0-9]+[KMGT]?i?B?"),
    "port-range": pattern(r"[1-9][0-9]{0,4}-[1-9][0-9]{0,4}"),
}
# Paths on the machine: no file has to be there when the spec is compiled, so any path is one.
ON_MACHINE = {("volume", "host"), ("volume", "mount"), ("etcd", "data-dir"), ("snapshots", "to"), ("disk", "device"), ("disk", "mount")}

# By setting first, then by type.
MARKERS = {
    ("mirror", "images"): f"{MARK}.example/images",
    ("locale", "language"): "zq_ZQ.UTF-8",
    ("labels", "(key)"): f"{MARK}.example/x",
    ("taints", "(key)"): f"{MARK}.example/x",
    ("taints", "(value)"): f"{MARK}:NoSchedule",
    ("sysctls", "(key)"): f"vm.{MARK}",
    ("reserve", "cpus"): "41-42",
    ("volume", "host"): f"/{MARK}",
    ("volume", "mount"): f"/{MARK}",
    ("etcd", "data-dir"): f"/{MARK}",
    ("snapshots", "to"): f"/{MARK}",
    ("disk", "device"): f"/dev/disk/by-id/{MARK}",
    ("disk", "mount"): f"/{MARK}",
    ("external", "endpoints"): f"https://{MARK}.example:2379",
    ("oidc", "issuer"): f"https://{MARK}.example",
    "host": f"{MARK}.example",
    "certificate-name": f"{MARK}.example",
    "endpoint": f"{MARK}.example",
    "url": f"https://{MARK}.example/deb/",
    "registry-url": f"https://{MARK}.example/hub",
    "registry": f"{MARK}.example",
    "label registry": f"{MARK}.example",
    "proxy-url": f"http://{MARK}.example:3128",
    "proxy-exemption": f".{MARK}.invalid",
    "ssh-key": f"ssh-ed25519 {KEY} {MARK}",
}

# Settings whose names the program must know: the marker is as unknown as any hostile string.
KNOWN_ONLY = {("feature-gates", "(key)"), ("let", "(key)"), ("fields", "(key)")}

WRAPPED = {
    ("volume", "host"): [("/", "")],
    ("volume", "mount"): [("/", "")],
    ("etcd", "data-dir"): [("/", "")],
    ("snapshots", "to"): [("/", "")],
    ("disk", "device"): [("/dev/disk/by-id/", "")],
    ("disk", "mount"): [("/", "")],
    ("external", "endpoints"): [("https://", ":2379")],
    ("oidc", "issuer"): [("https://login.example/", "")],
    ("taints", "(value)"): [("", ":NoSchedule"), (f"{MARK}:", "")],
    ("mirror", "images"): [("mirror.example/", "")],
    ("sysctls", "(key)"): [("vm.", "")],
    ("labels", "(key)"): [("example.org/", "")],
    "registry-url": [("https://", "/hub"), ("https://mirror.example/x", "")],
    "label registry": [("", ".example")],
    "proxy-url": [("http://", ":3128")],
    "proxy-exemption": [(".", ".invalid"), ("", ".invalid")],
    "url": [("https://mirror.example/", "/deb/"), ("https://", "/deb/")],
    "ssh-key": [(f"ssh-ed25519 {KEY} ", "")],
    "secret": [("secret:", "")],
    "path": [("./", "")],
}


def strict(place):
    """Which strings are accepted, for a setting with known values; None for one that accepts texts."""
    if place.key == ("feature-gates", "(key)"):
        return pattern(r"[A-Za-z][A-Za-z0-9]{0,62}")  # a name that pikc does not know can be from a newer release
    if place.key == ("fields", "(key)"):
        return pattern(r"[A-Za-z][A-Za-z0-9]*([.][A-Za-z][A-Za-z0-9]*)*")  # likewise
    if place.key in KNOWN_ONLY:
        return never
    if place.key in ON_MACHINE:
        return None
    if place.type.name == "choice":
        return lambda text: text in place.type.values
    return STRICT.get(place.type.name)


def sound(let_in, text):
    try:
        return let_in(text)
    except ValueError:
        return False


def marker(place):
    return MARKERS.get(place.key) or MARKERS.get(place.type.name) or MARK


def wraps(place):
    """(before, after) around a hostile string: nothing, and those of its setting or type."""
    return [("", ""), *(WRAPPED.get(place.key) or WRAPPED.get(place.type.name) or [])]
