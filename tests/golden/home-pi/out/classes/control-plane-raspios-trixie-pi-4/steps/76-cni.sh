#!/usr/bin/env bash
# 76-cni: the network of the pods is in the cluster.
#
# Asked for by   cni flannel
# Why            until a network is there, nodes stay NotReady and CoreDNS waits. The manifests are in the bundle and pinned;
#                applying them again changes nothing, and puts right what was changed by hand.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

if dry; then
  while IFS= read -r file; do would "apply $file"; done < <(in_bundle cni/)
  exit 0
fi

# Copies of what was applied: the way to remove it when the spec no longer wants it.
applied=$state/cni
install -d -m 0700 "$applied"

while IFS= read -r file; do
  answer=$(retry 5 kubectl --kubeconfig "$admin" apply --filename "$here/cni/$file") ||
    die "kubectl could not apply $file (see above)"
  if ! cmp -s "$here/cni/$file" "$applied/$file"; then
    cp "$here/cni/$file" "$applied/.new"
    mv -f "$applied/.new" "$applied/$file"
  fi
  if printf '%s\n' "$answer" | grep -v ' unchanged$' >/dev/null; then
    printf '%s\n' "$answer" | sed 's/^/           /'
    did "$file applied"
  else
    ok "$file"
  fi
done < <(in_bundle cni/)

# Taking a network away from running pods is not for a script to decide.
for file in "$applied"/*; do
  if [ -e "$file" ] && [ ! -e "$here/cni/${file##*/}" ]; then
    note "${file##*/} is no longer wanted, and still in the cluster; this removes it:" \
      "sudo kubectl --kubeconfig $admin delete --filename $file && sudo rm $file"
  fi
done
