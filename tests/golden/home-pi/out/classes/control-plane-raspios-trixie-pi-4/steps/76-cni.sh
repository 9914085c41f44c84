#!/usr/bin/env bash
# 76-cni: the pod network is in the cluster.
#
# Asked for by   cni flannel
# Why            until there is a pod network, nodes stay NotReady and CoreDNS waits. The manifests are in the bundle and
#                pinned; applying them again changes nothing, except that it reverts changes made by hand.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

parts() { in_bundle cni/; }

if dry; then
  while IFS= read -r part; do would "apply $part"; done < <(parts)
  exit 0
fi

# Copies of what was applied: the way to remove it when the spec no longer wants it.
applied=$state/cni
install -d -m 0700 "$applied"

while IFS= read -r part; do
  file=$here/cni/$part
  answer=$(retry 5 kubectl --kubeconfig "$admin" apply --filename "$file") ||
    not_done "kubectl could not apply $part"
  kept=$applied/${part%.yaml}.yaml
  if ! cmp -s "$file" "$kept"; then
    cp "$file" "$applied/.new"
    mv -f "$applied/.new" "$kept"
  fi
  if printf '%s' "$answer" | grep -v ' unchanged$' >/dev/null; then
    printf '%s\n' "$answer" | sed 's/^/           /'
    did "$part applied"
  else
    ok "$part"
  fi
done < <(parts)

# Removing the network of running pods is not for a script to decide. What came last goes first: an operator cleans up its
# own objects, which it can only do while it is there.
last_first=()
for file in "$applied"/*; do last_first=("$file" "${last_first[@]}"); done
for file in "${last_first[@]}"; do
  name=${file##*/}
  if [ ! -f "$file" ] || [ -e "$here/cni/$name" ] || [ -e "$here/cni/${name%.*}" ]; then continue; fi
  if [ "$name" != "${name%.release}" ]; then
    note "${name%.release} is no longer wanted, but still in the cluster; this removes it:" "sudo $(cat "$file") && sudo rm $file"
  else
    note "$name is no longer wanted, but still in the cluster; this removes it:" \
      "sudo kubectl --kubeconfig $admin delete --filename $file && sudo rm $file"
  fi
done
