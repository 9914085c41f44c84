#!/usr/bin/env bash
# 35-packages: the programs that the other steps and Kubernetes use.
#
# Asked for by   os = raspios-trixie
# Why            small images lack some of what the kubelet, kube-proxy and kubeadm call.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

# apt interprets a name that it does not know: `vim.t` as a pattern, a trailing `+` as an order. So only a name that is in its
# index, letter for letter, is passed on.
packages=(ca-certificates conntrack curl ebtables ethtool gpg ipset iptables nftables socat)
for package in "${packages[@]}"; do
  if dry || [ -n "$(installed_version "$package")" ]; then continue; fi
  update_index
  apt-cache pkgnames "$package" | grep -xF -e "$package" >/dev/null ||
    die "no package source of this machine has a package $package; apt would treat the name as a pattern"
done
install_packages "${packages[@]}"

# An upgrade of the kernel removes the modules of the running one: loading any of them fails until the machine is rebooted.
# Kernels of one flavour share the last part of their name (6.12.75+rpt-rpi-v8: v8).
kernel=$(uname -r)
newest=''
for folder in /lib/modules/*-"${kernel##*-}"; do
  if [ -d "$folder" ]; then newest=$(printf '%s\n' "$newest" "${folder##*/}" | sort -V | tail -n 1); fi
done
later=$(printf '%s\n' "$kernel" "$newest" | sort -V | tail -n 1)
if [ "$later" != "$kernel" ]; then
  needs_reboot "the kernel $newest is installed, but $kernel is running"
fi
if [ -e /run/reboot-required ]; then needs_reboot "an upgraded package asks for it"; fi
