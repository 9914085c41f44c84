#!/usr/bin/env bash
# 30-network: this node's address, set the way its operating system does it; in force after the next boot.
#
# Asked for by   os = raspios-trixie
#                interface wlan0
# Why            certificates and etcd hold a node's address, so it must never change. Nothing here touches the running
#                network: an SSH session that started this stays connected until the reboot.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

why="the network settings"
interface=$(node_value interface)
address=$(node_value address)

# Checked before anything is written: settings for a missing interface would leave the machine without a network.
# One on USB may appear only some time after boot.
is_there() { [ -e "/sys/class/net/$interface" ]; }
if ! is_there && { dry || ! wait_until 30 is_there; }; then
  die "there is no interface $interface; this machine has: $(cd /sys/class/net && echo ./* | sed 's|\./||g')"
fi

# NetworkManager leaves the pods' links alone, and the radio does not sleep: with power saving a node's answers occasionally
# take 0.1 to 2 seconds (https://github.com/raspberrypi/linux/issues/7533).
put /etc/NetworkManager/conf.d/90-pikc.conf --reboot "$why"

# netplan merges all files in its folder, so cloud-init's file from the first boot is moved aside: its address would be added
# to ours, and a Wi-Fi network that is defined twice makes netplan refuse all of them. What netplan generates from the rest is
# tried in a separate folder first: a mistake would leave the machine without a network after the reboot.
theirs=/etc/netplan/50-cloud-init.yaml
in_force='' # whether netplan generates the same from the files that are there now
if command -v netplan >/dev/null; then
  make_scratch
  trial=$scratch/netplan
  mkdir -p "$trial/now/etc/netplan" "$trial/now/run" "$trial/then/etc/netplan" "$trial/then/run"
  for file in /etc/netplan/*.yaml; do
    if [ ! -e "$file" ]; then continue; fi
    cp -p "$file" "$trial/now/etc/netplan/"
    if [ "$file" != "$theirs" ]; then cp -p "$file" "$trial/then/etc/netplan/"; fi
  done
  while IFS= read -r file; do
    install -m 0600 "$here/files/etc/netplan/$file" "$trial/then/etc/netplan/$file"
  done < <(in_bundle files/etc/netplan/)
  netplan generate --root-dir "$trial/then" ||
    die "netplan does not accept these files together: /etc/netplan and the bundle's (see above)"
  if netplan generate --root-dir "$trial/now" 2>/dev/null && diff -r "$trial/now/run" "$trial/then/run" >/dev/null 2>&1; then
    in_force=yes
  fi
  rm -rf "$trial"
  ok "netplan accepts the settings"
elif ! dry; then
  die "this system has no netplan"
fi
# A machine that cloud-init set up already has exactly this network; then the files change and the network does not.
if [ -z "$in_force" ]; then needs_reboot "$why"; fi
if [ -e "$theirs" ]; then
  # At any moment exactly one file defines the network: with none, a machine that loses power here would boot without a network.
  put_away() {
    chmod 0600 "$theirs" # older versions leave it readable by all, and it holds the Wi-Fi key
    cp -p "$theirs" "$theirs.disabled"
    sync "$theirs.disabled"
    if [ -e /etc/netplan/90-pikc.yaml ]; then
      rm -f "$theirs"
    else
      remember "$theirs" /etc/netplan/90-pikc.yaml # so that no original is kept for later: one less copy of the key
      mv -f "$theirs" /etc/netplan/90-pikc.yaml
    fi
    sync /etc/netplan
  }
  act "cloud-init's network settings are moved aside ($theirs.disabled)" put_away
fi
put_all /etc/netplan/

# The radio on a new image is off until its country is known; the kernel's switch and NetworkManager's both remember that.
free() { printf '0\n' >"$1"; }
for switch in /var/lib/systemd/rfkill/*:wlan; do
  if [ -e "$switch" ] && [ "$(cat "$switch")" != 0 ]; then
    act "the radio stays on ($switch)" free "$switch"
  fi
done
blocked() { rfkill --noheadings --output TYPE,SOFT 2>/dev/null | grep -E '^ *wlan +blocked' >/dev/null; }
if command -v rfkill >/dev/null && blocked; then
  act "the radio is on" rfkill unblock wlan
fi
# NetworkManager writes this file when it stops, so it has to be told; if it is not running, it reads the file when it starts.
memory=/var/lib/NetworkManager/NetworkManager.state
if grep -sx 'WirelessEnabled=false' "$memory" >/dev/null; then
  if ! dry && systemctl is-active --quiet NetworkManager.service; then nmcli radio wifi on || true; fi
  act "NetworkManager's radio is on" sed -i 's/^WirelessEnabled=false$/WirelessEnabled=true/' "$memory"
fi

stop_if_dry
# Check the result rather than assume it: the address is there now, or else after the reboot.
has_address() { ip -o addr show dev "$interface" | grep -F " $address/" >/dev/null; }
tried=$state/network-tried # new settings that have not worked yet, and how the previous ones did: "worked", "none", or why not
# Without a link no address is set; a radio may lack a link because its country is not in force yet.
has_no_cable() {
  [ ! -e "/sys/class/net/$interface/phy80211" ] && [ "$(cat "/sys/class/net/$interface/carrier" 2>/dev/null || true)" != 1 ]
}
if grep -qsxF -- "$why" "$run/reboot-wanted"; then
  # Written, but not in force: what is in force now is still the old network, which serves for comparison.
  before=$(gateway_trouble)
  if [ -z "$(ip -o addr show scope global)" ]; then before=none; fi
  make_state
  rm -f "$state/network-worked"
  printf '%s\n' "${before:-worked}" >"$tried"
elif wait_until 60 has_address; then # Wi-Fi may take its time after a boot
  ok "$interface has $address"
  trouble=$(network_trouble)
  if [ -z "$trouble" ]; then
    make_state
    rm -f "$tried"
    : >"$state/network-worked"
  else
    note "$trouble"
  fi
elif [ -e "$tried" ] || [ -e "$state/network-worked" ] || has_no_cable; then
  # A reboot has not helped, or would not: the router may be late, so wait for it.
  later "$interface has no network$(network_state): check the cable, the router, and the Wi-Fi's name and passphrase"
else
  # In place before this run (a prepared card), but not in force.
  make_state
  printf 'none\n' >"$tried"
  needs_reboot "$why"
fi
