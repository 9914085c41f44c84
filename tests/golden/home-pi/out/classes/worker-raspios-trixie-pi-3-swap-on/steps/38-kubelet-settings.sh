#!/usr/bin/env bash
# 38-kubelet-settings: on a node that is already set up, changed kubelet settings take effect.
#
# Asked for by   swap = on, kubelet { ... }
# Why            kubeadm applies a node's patches when it sets the node up, and at upgrades. Before a node begins to swap, its
#                kubelet has to know: otherwise it would not start after the next boot. So this comes before the swap step.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

if [ "$(kubeadm_is)" != finished ]; then
  ok "kubeadm applies them when it sets the node up"
  exit 0
fi
if dry && [ ! -d "$etc/patches" ]; then exit 0; fi
if [ "$(cat "$state/kubelet-patches" 2>/dev/null)" = "$(patches_hash)" ]; then
  ok "the kubelet has them"
  exit 0
fi

# Writes the cluster's kubelet settings again, with this node's patches, as an upgrade does.
act "the kubelet's settings" kubeadm upgrade node phase kubelet-config --patches "$etc/patches"
act "kubelet restarted" systemctl restart kubelet.service
if ! dry; then
  patches_hash >"$state/kubelet-patches.new"
  mv -f "$state/kubelet-patches.new" "$state/kubelet-patches"
fi
