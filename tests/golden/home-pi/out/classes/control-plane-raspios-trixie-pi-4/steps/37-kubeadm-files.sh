#!/usr/bin/env bash
# 37-kubeadm-files: kubeadm's configuration and this node's patches, in a place where an upgrade finds them again.
#
# Asked for by   kubernetes = 1.36
# Why            what the kubelet has to know about this node (swap, for one) must be there before kubeadm starts it. kubeadm
#                refuses some options in combination with a file, so everything is in the file.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

# keep FILE PLACE: a file of the bundle, placed below /etc/pikc
keep() {
  local rights
  rights=$(listed "$1")
  place "$here/$1" "$etc/$2" "${rights% *}" "${rights#* }"
}

keep kubeadm.yaml kubeadm.yaml
if ! dry; then install -d -m 0755 "$etc/patches"; fi # kubeadm wants the folder that its file names, even if it is empty
while IFS= read -r patch; do keep "patches/$patch" "patches/$patch"; done < <(in_bundle patches/)
# The next kubeadm must not find a patch that is no longer wanted.
while IFS= read -r path; do
  if [ ! -e "$here/patches/${path#"$etc/patches/"}" ]; then unput "$path"; fi
done < <(placed_below "$etc/patches/")

# --- what the components of the control plane read -------------------------------------------------------------------------
folder=$etc/control-plane
# No longer wanted. A component that lost a file it was started with would not start again.
while IFS= read -r path; do
  if [ -n "$(overlay_file "$path")" ]; then continue; fi
  if grep -qsF -- "$path" /etc/kubernetes/manifests/*.yaml; then
    wants "$path"
    note "$path is no longer wanted, but the running control plane still reads it: kept"
  else
    unput "$path"
  fi
done < <(placed_below "$folder/")

stop_if_dry
# The settings that a running cluster was created with cannot be changed by a file: that takes kubeadm's own commands.
if [ "$(kubeadm_is)" = finished ] && [ "$(cat "$state/kubeadm-given" 2>/dev/null)" != "$(settings_hash kubeadm.yaml)" ]; then
  note "$etc/kubeadm.yaml is not the one that this node was set up with: the difference is not in force in the running cluster"
fi
