#!/usr/bin/env bash
# 22-root-fs: the root file system fills its card.
#
# Asked for by   os = raspios-trixie
# Why            the image grows it on its own at the first boot; this step checks whether that happened, because container
#                images do not fit into the remaining space otherwise.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

root=$(findmnt --noheadings --output SOURCE / || true)
partition=$(readlink -f "${root:-unknown}" || true)
partition=${partition##*/}
# Only their own tools enlarge a logical volume, an encrypted disk or a RAID.
if [ ! -b "$root" ] || [ ! -e "/sys/class/block/$partition/partition" ]; then
  ok "the root file system (${root:-unknown}) is not on a partition: nothing to grow"
  exit 0
fi
disk=$(lsblk --nodeps --noheadings --output PKNAME "$root")
number=$(cat "/sys/class/block/$partition/partition")

# free_behind: unused MiB of the disk after the partition (the kernel counts sectors of 512 bytes)
free_behind() {
  local size start length
  size=$(cat "/sys/class/block/$disk/size")
  start=$(cat "/sys/class/block/$partition/start")
  length=$(cat "/sys/class/block/$partition/size")
  printf '%s\n' $(((size - start - length) / 2048))
}

# Only the last partition can grow into what follows it.
last=yes
for other in "/sys/class/block/$disk/$disk"*; do
  if [ -e "$other/start" ] && [ "$(cat "$other/start")" -gt "$(cat "/sys/class/block/$partition/start")" ]; then last=''; fi
done
if [ -z "$last" ]; then
  ok "another partition follows the root partition: it stays as it is"
  exit 0
fi

# Partitioning tools leave a few MiB at the end free on purpose.
if [ "$(free_behind)" -le 64 ]; then
  ok "partition $number fills /dev/$disk"
else
  # From where it starts now (","), as long as possible ("+"); the running kernel is told separately.
  grow() { printf ', +\n' | sfdisk --no-reread --force -N "$number" "/dev/$disk"; }
  act "partition $number fills /dev/$disk" grow
  act "the kernel knows the new size" partx --update --nr "$number" "/dev/$disk"
fi

type=$(findmnt --noheadings --output FSTYPE /)
if [ "$type" != ext4 ]; then
  ok "the root file system is $type: left as it is"
  exit 0
fi
filesystem_mib() {
  dumpe2fs -h "$root" 2>/dev/null | awk '/^Block count:/ { n = $3 } /^Block size:/ { print int(n * $3 / 1048576) }'
}
enlarge() { resize2fs "$root"; }
partition_mib() { printf '%s\n' $(($(cat "/sys/class/block/$partition/size") / 2048)); }
if [ $(($(partition_mib) - $(filesystem_mib))) -le 64 ]; then
  ok "the file system fills its partition: $(filesystem_mib) MiB"
else
  act "the file system fills its partition" enlarge
fi

stop_if_dry
# Check the result rather than assume it.
if [ "$(free_behind)" -gt 64 ] || [ $(($(partition_mib) - $(filesystem_mib))) -gt 64 ]; then
  die "the root file system has $(filesystem_mib) MiB; the partition has $(partition_mib) MiB, with $(free_behind) MiB free after it"
fi
