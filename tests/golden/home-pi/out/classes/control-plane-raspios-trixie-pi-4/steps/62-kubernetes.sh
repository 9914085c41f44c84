#!/usr/bin/env bash
# 62-kubernetes: kubelet, kubeadm and kubectl, in exactly the cluster's version, and held at it.
#
# Asked for by   kubernetes = 1.36
# Why            an unattended upgrade of a kubelet past its control plane breaks the node. A different version that is
#                already installed is never changed here: upgrades have to follow an order, node by node.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

version=1.36.5
# The packages add a revision of their own to it (-1.1, rarely -2.1), which cannot be known in advance.
pinned=(kubeadm kubectl kubelet)
others=(cri-tools kubernetes-cni)

wanted=()
for package in "${pinned[@]}"; do
  found=$(installed_version "$package")
  case $found in
    '' | "$version"-*) wanted+=("$package=$version-*") ;;
    *)
      if [ -e "$state/kubeadm" ]; then
        note "$package $found is installed; the spec says $version. Left as it is: upgrades are done by hand, node by node"
      else
        die "$package $found is installed, but the spec says $version: apt-get remove $package, or use ${found%%-*} in the spec"
      fi ;;
  esac
done
install_packages "${wanted[@]}" "${others[@]}"
hold "${pinned[@]}" "${others[@]}"

# Until kubeadm has written its settings the kubelet starts, finds none, and tries again: that is intended.
unit_enabled kubelet.service

stop_if_dry
# Check the result rather than assume it.
for package in "${wanted[@]}"; do
  found=$(installed_version "${package%%=*}")
  case $found in "$version"-*) ;; *) die "${package%%=*} is ${found:-not installed}, not $version" ;; esac
done
