#!/usr/bin/env bash
# 38-kubelet-settings: on a node that is set up already, changed kubelet settings come into force.
#
# Asked for by   swap = off, kubelet { ... }
# Why            kubeadm applies a node's patches when it sets the node up, and at upgrades. A node that begins to swap must
#                have told its kubelet before: it would not start after the next boot. So this comes before the swap step.
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

# The cluster's settings for kubelets, with this node's patches, are written anew; the same that an upgrade does.
act "the kubelet's settings" kubeadm upgrade node phase kubelet-config --patches "$etc/patches"
act "kubelet restarted" systemctl restart kubelet.service
if ! dry; then
  patches_hash >"$state/kubelet-patches.new"
  mv -f "$state/kubelet-patches.new" "$state/kubelet-patches"
fi
