#!/usr/bin/env bash
# 10-preflight: this is the machine that the spec describes; nothing is changed before that is certain.
#
# Asked for by   os = raspios-trixie, role = worker
#                boards of the family pi-3
# Why            a bundle copied to the wrong machine would turn it into a duplicate of another one; and a board that is too
#                small, or a 32-bit system, makes kubeadm fail much later with a more confusing message.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

wrong=0
differs() { printf '  differs  %s\n' "$*"; wrong=$((wrong + 1)); }
fits() { # WHAT WANTED FOUND
  if [ "$2" = "$3" ]; then ok "$1: $3"; else differs "$1 is ${3:-unknown} here; the spec says $2"; fi
}

# What was left out of the bundle because a secret was missing when it was compiled.
missing=$(node_value missing-secret '')
if [ -n "$missing" ]; then
  printf '%s\n' "$missing" | while IFS= read -r secret; do differs "the bundle was compiled without the secret $secret"; done
  die "compile again with the secrets (pikc compile --secrets FILE), and copy the bundle again"
fi

# --- the operating system ---
# os-release is shell text, but it is read here, not run.
os_release() { sed -n "s/^$1=//p" /etc/os-release | tr -d '"'; }
fits "operating system" debian "$(os_release ID)"
fits "its version" 13 "$(os_release VERSION_ID)"
# A 64-bit Raspberry Pi OS calls itself Debian; this file distinguishes them.
system='Raspberry Pi OS (trixie, 64-bit)'
marker=/etc/rpi-issue
if [ -e "$marker" ]; then ok "system: $system"; else differs "this is not $system: $marker is missing"; fi
# A 64-bit kernel under a 32-bit system is common on a Pi: what counts is the architecture of the packages.
fits "architecture of the packages" arm64 "$(architecture)"

# --- the board ---
if [ -r /proc/device-tree/compatible ]; then
  compatible=$(tr '\0' '\n' </proc/device-tree/compatible | head -n 1)
  if [ "$compatible" = "$(node_value compatible)" ]; then
    ok "board: $(node_value board-title)"
  else
    model=$(tr -d '\0' </proc/device-tree/model)
    differs "board is $model ($compatible) here; the spec says $(node_value board-title) ($(node_value compatible))"
  fi
else
  differs "this is not a Raspberry Pi: there is no device tree"
fi
# Firmware and graphics keep some of the memory for themselves, so a board shows less than it was sold with.
memory=$(($(sed -n 's/^MemTotal: *\([0-9]*\) kB$/\1/p' /proc/meminfo) / 1024))
sold=$(node_value memory-mib)
if [ "$memory" -lt $((sold * 3 / 4)) ]; then
  differs "memory is $memory MiB here; the spec says a board with $sold MiB"
elif [ "$memory" -gt "$sold" ]; then
  note "memory is $memory MiB, more than the $sold MiB of the board in the spec"
else
  ok "memory: $memory MiB of $sold MiB"
fi

# --- what often causes trouble, but is no reason to stop ---
free=$(df --output=avail -m / | tail -n 1 | tr -d ' ')
if [ "$free" -lt 2048 ]; then note "only $free MiB are free on the root file system: packages and images may not fit"; fi
# Kernels with larger pages (Raspberry Pi 5) work, but some programs in images do not run on them.
page=$(getconf PAGESIZE)
if [ "$page" != 4096 ]; then
  note "memory pages have $page bytes: an image may fail with \"Unsupported system page size\" (on a Pi: kernel=kernel8.img in config.txt)"
fi
# A firewall on the machine has to let the cluster through: the API server, the kubelet and the pod network.
if grep -qs '^ENABLED=yes' /etc/ufw/ufw.conf; then
  note "ufw is on: it has to let the other nodes in and forward the pods' packets (README.md lists the ports)"
fi
if command -v firewall-cmd >/dev/null && firewall-cmd --state >/dev/null 2>&1; then
  note "firewalld is on: it has to let the other nodes in and forward the pods' packets (README.md lists the ports)"
fi
# Docker drops forwarded packets, and has a bridge in 172.17.0.0/16: pods on other nodes get no answer.
if [ -e /sys/class/net/docker0 ]; then
  note "Docker is running on this machine: it drops forwarded packets (iptables FORWARD), those of pods included"
fi
# Rules in both of the kernel's packet filters: what one lets through, the other may drop.
if [ -s /proc/net/ip_tables_names ] && iptables-nft-save 2>/dev/null | grep '^-A' >/dev/null; then
  note "this machine has rules of both iptables-legacy and iptables-nft: all programs that write rules should use the same one"
fi
# A weak power supply shows as under-voltage, and later as unexplained crashes and damaged cards. Bit 0 is now, bit 16 since boot.
throttled=$(vcgencmd get_throttled 2>/dev/null || true)
case $throttled in
  '' | throttled=0x0) ;;
  throttled=0x*)
    bits=$((${throttled#throttled=}))
    if [ $((bits & 0x1)) -ne 0 ]; then note "the board has too little voltage at this moment ($throttled): another power supply or cable, or a powered hub for its disks"
    elif [ $((bits & 0x10000)) -ne 0 ]; then note "the board had too little voltage since it booted ($throttled): another power supply or cable, or a powered hub for its disks"
    else note "the board is or was throttled ($throttled): it may be too hot"; fi ;;
esac

if [ "$wrong" -gt 0 ]; then die "this is not the machine that this bundle is for ($(node_value name)): nothing was changed"; fi
