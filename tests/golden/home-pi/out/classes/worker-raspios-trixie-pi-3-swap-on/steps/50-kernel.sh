#!/usr/bin/env bash
# 50-kernel: the kernel modules and settings that pods and their network need, now and after every boot.
#
# Asked for by   kubernetes = 1.36
#                cni flannel
# Why            without br_netfilter, packets that cross a node's bridge bypass kube-proxy's rules, and services do not answer;
#                from Kubernetes 1.30 on kubeadm no longer checks that (https://github.com/kubernetes/kubernetes/pull/123464).
#                Modules come first: the settings below net.bridge do not exist before br_netfilter is loaded.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

modules=/etc/modules-load.d/pikc.conf
settings=/etc/sysctl.d/99-pikc.conf
put "$modules"
put "$settings"

# The lines of a file with one word, or one setting, per line that are not commented out.
lines() { sed -n 's/^[[:space:]]*\([^#;[:space:]].*\)$/\1/p' "$here/$(overlay_file "$1")"; }

# A module that is built into the kernel may have no folder of its own.
loaded() { [ -d "/sys/module/${1//-/_}" ] || grep -qs "/${1//_/[-_]}\.ko" "/lib/modules/$(uname -r)/modules.builtin"; }
while IFS= read -r module; do
  if loaded "$module"; then
    ok "module $module"
  elif ! dry && [ ! -d "/lib/modules/$(uname -r)" ] && ! modprobe --dry-run "$module" 2>/dev/null; then
    die "the modules of the running kernel $(uname -r) are missing, as after an upgrade: reboot, and run this again"
  else
    act "module $module" modprobe "$module"
  fi
done < <(lines "$modules")

# Lines are "key = value"; below /proc/sys, the dots in a key become slashes.
value_of() { tr '\t' ' ' 2>/dev/null <"/proc/sys/$(printf '%s' "$1" | tr ./ /.)" || true; }
differ=''
while read -r key _ value; do
  if [ "$(value_of "$key")" = "$value" ]; then ok "$key = $value"; else differ="$differ $key"; fi
done < <(lines "$settings")
if [ -n "$differ" ]; then act "set:$differ" sysctl --quiet --load="$settings"; fi

stop_if_dry
# Check the result rather than assume it.
while read -r key _ value; do
  if [ "$(value_of "$key")" != "$value" ]; then die "$key is $(value_of "$key"), not $value"; fi
done < <(lines "$settings")
