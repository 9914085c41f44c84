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

if [ -e "$state/blocks" ]; then
  cp "$state/blocks" "$run/blocks"
  while IFS= read -r line; do
    block=${line#*  }
    if grep -qxF -- "$block" "$run/wanted"; then continue; fi
    as=()
    if [ "${line%%  *}" != - ]; then as=(runuser -u "${line%%  *}" --); fi
    unblock "${block%%  *}" "${block#*  }"
    as=()
  done <"$run/blocks"
  rm -f "$run/blocks"
fi

if [ -e "$state/placed" ]; then
  while IFS= read -r path; do
    if ! grep -qxF -- "$path" "$run/wanted"; then unput "$path"; fi
  done < <(placed_below /)
  # Of what was placed, the last word on each file is all that counts from now on.
  awk '{ last[substr($0, 67)] = $0 } END { for (path in last) print last[path] }' "$state/placed" | sort -k 2 >"$state/placed.new"
  if cmp -s "$state/placed.new" "$state/placed"; then rm -f "$state/placed.new"; else mv -f "$state/placed.new" "$state/placed"; fi
fi
ok "nothing else is left over"
