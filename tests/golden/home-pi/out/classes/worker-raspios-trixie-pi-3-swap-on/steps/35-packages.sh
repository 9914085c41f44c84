#!/usr/bin/env bash
# 35-packages: the programs that the other steps and Kubernetes use.
#
# Asked for by   os = raspios-trixie
# Why            small images lack some of what the kubelet, kube-proxy and kubeadm call.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

install_packages ca-certificates conntrack curl ebtables ethtool gpg ipset iptables nftables socat

# A kernel that was replaced takes the modules of the running one with it: loading any fails until the machine is rebooted.
# Kernels of one kind share the last part of their name (6.12.75+rpt-rpi-v8: v8).
kernel=$(uname -r)
newest=''
for folder in /lib/modules/*-"${kernel##*-}"; do
  if [ -d "$folder" ]; then newest=$(printf '%s\n' "$newest" "${folder##*/}" | sort -V | tail -n 1); fi
done
later=$(printf '%s\n' "$kernel" "$newest" | sort -V | tail -n 1)
if [ "$later" != "$kernel" ]; then
  needs_reboot "the kernel $newest is installed, and $kernel runs"
fi
if [ -e /run/reboot-required ]; then needs_reboot "an upgraded package asks for it"; fi
