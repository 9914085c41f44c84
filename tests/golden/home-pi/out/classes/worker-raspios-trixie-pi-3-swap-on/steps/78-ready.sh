#!/usr/bin/env bash
# 78-ready: the cluster says that this node is ready for work.
#
# Asked for by   role = worker
# Why            until here everything may look well and no pod can run. Images of the network have to be fetched first, which
#                takes minutes on a small board.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

stop_if_dry
name=$(node_value name)
kubeconfig=/etc/kubernetes/kubelet.conf # a kubelet may look at its own node

# ready: or a line that says what is missing
ready() {
  local answer
  answer=$(kubectl --kubeconfig "$kubeconfig" get node "$name" \
    --output 'jsonpath={range .status.conditions[?(@.type=="Ready")]}{.status} {.message}{end}') || return 1
  case $answer in "True "*) return 0 ;; esac
  printf '%s\n' "${answer#* }"
  return 1
}

if ! show_changes 900 ready; then
  printf '  what runs on this node, and what the kubelet says:\n' >&2
  crictl ps --all >&2 || true
  journalctl --unit kubelet.service --lines 20 --no-pager >&2 || true
  # Most often images that a registry does not give out yet; the kubelet goes on trying, and so does this.
  later "$name is not Ready after 15 minutes: the last line of \"waiting\" says what is missing"
fi
ok "$name is Ready"
