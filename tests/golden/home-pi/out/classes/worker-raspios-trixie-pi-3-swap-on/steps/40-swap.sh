#!/usr/bin/env bash
# 40-swap: this node swaps, now and after every boot.
#
# Asked for by   swap = on
# Why            a board with little memory survives a peak. Pods do not use it: this node's kubelet is told to tolerate
#                swap before it joins (/etc/pikc/patches).
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

# in_use: what the kernel is swapping to right now, one per line
in_use() { awk 'NR > 1 { print $1 }' /proc/swaps; }

# rpi-swap sets up compressed swap in memory at each boot, according to its settings; a drop-in overrides the vendor's file.
# In memory only: swapping to the card would wear it out.
put /etc/rpi/swap.conf.d/90-pikc.conf --reboot "the swap settings"
# The file on the card that it used before is no longer needed once the settings are in force.
if [ -e /var/swap ] && ! grep -qsxF "the swap settings" "$run/reboot-wanted" &&
  ! in_use | grep -x /var/swap >/dev/null && [ -z "$(losetup --associated /var/swap)" ]; then
  act "/var/swap removed" rm -f /var/swap
fi

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
  sed 's/^#pikc-swap-off# //' /etc/fstab >"$work/fstab"
  fstab "$work/fstab"
  rm -rf "$work"
fi

stop_if_dry
# Check the result rather than assume it.
if [ -n "$(in_use)" ]; then
  ok "swap in use: $(in_use | tr '\n' ' ')"
elif grep -qsxF "the swap settings" "$run/reboot-wanted"; then
  ok "swap comes with the reboot"
else
  die "no swap in use: is there a swap mechanism on this system (rpi-swap, dphys-swapfile, an entry in /etc/fstab)?"
fi
