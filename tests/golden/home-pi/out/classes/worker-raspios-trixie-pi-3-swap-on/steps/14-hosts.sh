#!/usr/bin/env bash
# 14-hosts: the nodes know each other by name, without a name server.
#
# Asked for by   hosts = auto
# Why            a home router seldom answers for static addresses, and kubeadm warns about a host name that does not resolve.
#                The block comes first, so that this node's name resolves to its address in the cluster's network, not to
#                the 127.0.1.1 that installers write.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

lines=$(fragment hosts)
block hosts /etc/hosts "$lines" top 0644

stop_if_dry
# Check the result rather than assume it.
name=$(node_value name)
address=$(node_value address)
# Without a network the answer is the same address written as IPv6, or this node's second one.
found=$(getent ahosts "$name" | awk 'NR == 1 { sub(/^::ffff:/, "", $1); print $1 }')
if [ "$found" != "$address" ] && [ "$found" != "$(node_value address-ipv6 "$address")" ]; then die "$name resolves to ${found:-nothing} on this machine, not to $address: see /etc/hosts"; fi
ok "$name is $address"
