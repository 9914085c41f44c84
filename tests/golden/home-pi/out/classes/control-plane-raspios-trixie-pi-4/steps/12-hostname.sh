#!/usr/bin/env bash
# 12-hostname: this machine has its node's name.
#
# Asked for by   the node's name
# Why            the kubelet registers the machine under its host name; two machines with the same name evict each other.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

name=$(node_value name)

# cloud-init, if it is installed, would restore its own idea of the name at the next boot.
if [ -d /etc/cloud/cloud.cfg.d ]; then put /etc/cloud/cloud.cfg.d/90-pikc.cfg; fi

if [ "$(uname -n)" = "$name" ] && [ "$(cat /etc/hostname)" = "$name" ]; then
  ok "the host name is $name"
else
  act "the host name is $name" hostnamectl set-hostname "$name"
fi

stop_if_dry
# Check the result rather than assume it.
if [ "$(uname -n)" != "$name" ]; then die "the host name is still $(uname -n), not $name"; fi
