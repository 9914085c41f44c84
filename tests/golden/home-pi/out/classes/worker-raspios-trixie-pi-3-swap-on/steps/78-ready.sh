#!/usr/bin/env bash
# 78-ready: the cluster reports this node as ready.
#
# Asked for by   role = worker
# Why            up to here everything may look fine although no pod can run. Images of the pod network have to be fetched first,
#                which takes minutes on a small board.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

stop_if_dry
name=$(node_value name)
kubeconfig=/etc/kubernetes/kubelet.conf # a kubelet may read its own node

# ready: or else prints what is missing
ready() {
  local answer
  answer=$(kubectl --kubeconfig "$kubeconfig" get node "$name" \
    --output 'jsonpath={range .status.conditions[?(@.type=="Ready")]}{.status} {.message}{end}') || return 1
  case $answer in "True "*) return 0 ;; esac
  printf '%s\n' "${answer#* }"
  return 1
}

if ! show_changes 900 ready; then
  printf '  what is running on this node, and what the kubelet reports:\n' >&2
  crictl ps --all >&2 || true
  journalctl --unit kubelet.service --lines 20 --no-pager >&2 || true
  # Usually because images cannot be pulled from a registry yet; the kubelet keeps trying, and so does this.
  later "$name is not Ready after 15 minutes: the last \"waiting\" line says what is missing"
fi
ok "$name is Ready"
