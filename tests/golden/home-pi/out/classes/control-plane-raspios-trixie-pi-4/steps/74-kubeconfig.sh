#!/usr/bin/env bash
# 74-kubeconfig: kubectl works for the spec's users on this machine.
#
# Asked for by   user pi
# Why            kubectl looks for ~/.kube/config. It holds all rights on the cluster, so only those who may become root get it.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

kubeconfig() { # NAME
  local folder file
  if ! getent passwd "$1" >/dev/null; then would "write the kubeconfig of $1"; return; fi
  folder=$(getent passwd "$1" | cut -d: -f6)/.kube
  file=$folder/config
  if [ -e "$file" ] && ! is_ours "$file" && ! cmp -s "$admin" "$file"; then
    note "$file was there before, or was edited: kept. The cluster's own is $admin"
    wants "$file"
    return
  fi
  # As its owner: root follows no link out of a home folder.
  as=(runuser -u "$1" --)
  if [ ! -d "$folder" ]; then act "$folder" "${as[@]}" mkdir -m 0700 "$folder"; fi
  place "$admin" "$file" 0600 "$1:$(id -gn "$1")"
  as=()
}

if dry && [ ! -e "$admin" ]; then
  would "write the users' kubeconfigs"
  exit 0
fi
kubeconfig pi
