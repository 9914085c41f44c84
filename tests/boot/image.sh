#!/usr/bin/env bash
# Builds the disk that every test machine boots from, once: Debian with a kernel, systemd, cloud-init and netplan, as in Debian's
# cloud images, and the packages that the steps install (the machines reach no Debian archive).
#
# usage: image.sh FOLDER SUITE    writes FOLDER/{disk.img,vmlinuz,initrd.img,image.id}, unless they are up to date.
set -euo pipefail

folder=$1 suite=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
packages=(
  linux-image-cloud-amd64 initramfs-tools zstd
  systemd systemd-sysv systemd-timesyncd systemd-resolved dbus udev kmod
  cloud-init netplan.io openssh-server sudo passwd
  apt bash ca-certificates curl gpg gpgv iproute2 iputils-ping procps util-linux mount fdisk e2fsprogs
  iptables nftables conntrack ethtool socat ebtables ipset locales tzdata
  python3-minimal python3-yaml python3-jsonschema
)

id=$(cat "$0" "$here/agent.py" "$here"/../e2e/standin/lib/*.py | sha256sum | cut -c1-16)-$suite-$(date -u +%G-%V)
if [ "$(cat "$folder/image.id" 2>/dev/null)" = "$id" ]; then exit 0; fi
mkdir -p "$folder"
# A build that was killed has this machine's /proc, /sys and devices still mounted in it: do not delete those.
awk -v folder="$(realpath "$folder")/" 'index($2, folder) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r umount --lazy
rm -rf --one-file-system "$folder/root" "$folder/image.id"
for keyring in /usr/share/keyrings/debian-archive-keyring.*; do break; done
echo "building a Debian $suite disk (about two minutes)" >&2
mmdebstrap --quiet --variant=minbase --keyring="$keyring" \
  --aptopt='Acquire::Retries "5"' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --include="$(IFS=,; echo "${packages[*]}")" "$suite" "$folder/root" >&2

root=$folder/root
# No package sources except those that the steps add: a machine installs only from the stand-in repository.
rm -rf "$root/etc/apt/sources.list" "$root"/etc/apt/sources.list.d/* "$root"/var/lib/apt/lists/*
mkdir -p "$root/var/lib/apt/lists/partial"
printf 'debian\n' >"$root/etc/hostname"
printf '127.0.0.1\tlocalhost\n127.0.1.1\tdebian\n' >"$root/etc/hosts"
printf '/dev/vda / ext4 defaults 0 1\n' >"$root/etc/fstab"
: >"$root/etc/machine-id"
rm -f "$root"/etc/ssh/ssh_host_*
# As in Debian's cloud images: no datasource except the seed.
printf 'datasource_list: [NoCloud, None]\n' >"$root/etc/cloud/cloud.cfg.d/99-sources.cfg"
for unit in systemd-networkd.service systemd-resolved.service ssh.service; do
  systemctl --root="$root" enable "$unit" >/dev/null 2>&1 || true
done
ln -sf ../run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"

# The stand-ins' library, the overrides that keep their services running, and the agent for the tests.
mkdir -p "$root/usr/local/lib/standin" "$root/srv/lan"
printf 'd /run/standin 0755 root root\n' >"$root/etc/tmpfiles.d/standin.conf"
cp "$here"/../e2e/standin/lib/*.py "$root/usr/local/lib/standin/"
for service in crio:runtime kubelet:kubelet; do
  mkdir -p "$root/etc/systemd/system/${service%:*}.service.d"
  printf '[Service]\nExecStart=\nExecStart=/bin/sh -c "python3 /usr/local/lib/standin/%s.py && exec sleep infinity"\n' "${service#*:}" \
    >"$root/etc/systemd/system/${service%:*}.service.d/90-stand-in.conf"
done
install -m 0755 "$here/agent.py" "$root/usr/local/lib/standin/agent.py"
cat >"$root/etc/systemd/system/agent.service" <<'END'
[Unit]
Description=agent of the boot tests
DefaultDependencies=no
After=local-fs.target
[Service]
ExecStart=/usr/bin/python3 /usr/local/lib/standin/agent.py /dev/ttyS1
Restart=always
[Install]
WantedBy=sysinit.target
END
systemctl --root="$root" enable agent.service >/dev/null 2>&1

cp "$root"/boot/vmlinuz-* "$folder/vmlinuz"
cp "$root"/boot/initrd.img-* "$folder/initrd.img"
rm -f "$folder/disk.img"
truncate -s 4G "$folder/disk.img"
mkfs.ext4 -q -F -L root -d "$root" "$folder/disk.img"
rm -rf "$root"
echo "$id" >"$folder/image.id"
