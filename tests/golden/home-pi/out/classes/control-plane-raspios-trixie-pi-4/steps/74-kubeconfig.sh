#!/usr/bin/env bash
# 74-kubeconfig: kubectl works for the spec's users on this machine.
#
# Asked for by   user pi
# Why            kubectl looks for ~/.kube/config. It grants full rights on the cluster, so only users who can become root get it.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

kubeconfig() { # NAME
  if ! getent passwd "$1" >/dev/null; then would "write the kubeconfig of $1"; return; fi
  home_file "$1" "$(getent passwd "$1" | cut -d: -f6)/.kube/config" "$admin"
}

if dry && [ ! -e "$admin" ]; then
  would "write the users' kubeconfigs"
  exit 0
fi
kubeconfig pi
stop_if_refused
