#!/usr/bin/env bash
# 90-tidy: what pikc placed earlier, and the spec no longer wants, is gone.
#
# Asked for by   every run: whatever the spec no longer says
# Why            a setting that was taken back must not live on in a file that nobody remembers. What was edited since is
#                named and kept; what stood there before pikc came is put back.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

# Only a whole run knows everything that is wanted; run.sh collects it in this file.
if dry || [ ! -e "$run/wanted" ]; then
  ok "only a whole run tidies up"
  exit 0
fi

tidy

# A network policy that the spec no longer holds would go on denying what nobody remembers.
applied=$state/cni/policy/objects
wanted=$here/policy/objects.list
if [ -e "$applied" ]; then
  while IFS=/ read -r namespace name; do
    if [ ! -e "$wanted" ] || ! grep -Fxq "$namespace/$name" "$wanted"; then
      act "the network policy $name is no longer in the namespace $namespace" \
        kubectl --kubeconfig "$admin" delete networkpolicy "$name" --namespace "$namespace" --ignore-not-found
    fi
  done <"$applied"
  if [ -e "$wanted" ]; then
    grep -v '^#' "$wanted" | sort -u >"$applied.new"
    mv -f "$applied.new" "$applied"
  else
    rm -rf "${applied%/*}"
  fi
fi
ok "nothing else is left over"
