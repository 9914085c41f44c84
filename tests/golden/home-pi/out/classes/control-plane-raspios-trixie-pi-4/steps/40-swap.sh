#!/usr/bin/env bash
# 40-swap: no swap on this node, now and after every boot.
#
# Asked for by   swap = off
# Why            the kubelet exits when it finds swap in use (failSwapOn), and `swapoff` alone would only last until the next
#                boot, because the system sets up its swap again each time.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

# in_use: what the kernel is swapping to right now, one per line
in_use() { awk 'NR > 1 { print $1 }' /proc/swaps; }

# rpi-swap sets up compressed swap in memory at each boot, according to its settings; a drop-in overrides the vendor's file.
# The package itself has to stay: without it, the next generator in line would create swap of its own.
put /etc/rpi/swap.conf.d/90-pikc.conf --reboot "the swap settings"

# An entry in fstab would bring swap back at each boot. It is commented out with a marker, so that it can be restored exactly.
fstab() { # NEW-CONTENT
  if cmp -s "$1" /etc/fstab; then ok "/etc/fstab"; return; fi
  if dry; then would "change the swap entries of /etc/fstab"; return; fi
  swap_in "$1" /etc/fstab "$(stat -c %a /etc/fstab)" "$(stat -c %U:%G /etc/fstab)"
  systemctl daemon-reload
  did "the swap entries of /etc/fstab"
}
if [ -e /etc/fstab ]; then
  make_scratch
  work=$(mktemp -d "$scratch/XXXXXX")
  awk '$1 !~ /^#/ && $3 == "swap" { print "#pikc-swap-off# " $0; next } { print }' /etc/fstab >"$work/fstab"
  fstab "$work/fstab"
  rm -rf "$work"
fi

# Settings do not affect swap that is in use now: it is turned off for this boot, too.
if [ -n "$(in_use)" ]; then
  # Units of the current boot still have the old settings; a reboot is the documented way to drop them.
  needs_reboot "the swap settings"
  act "swap off" swapoff --all
else
  ok "no swap in use"
fi

stop_if_dry
# Check the result rather than assume it.
if [ -n "$(in_use)" ]; then die "swap is still in use: $(in_use | tr '\n' ' ')"; fi
