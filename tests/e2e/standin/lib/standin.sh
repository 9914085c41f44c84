# shellcheck shell=bash
# What the shell stand-ins share: a record of each call, and the place where the faked machine keeps its state.
set -euo pipefail
PATH=${PATH#*/counted:} # each stand-in counts as one program
name=$(basename "$0")
machine=/run/standin        # gone at each boot, as /run is
logs=/var/log/standin       # kept; the harness reads it and leaves it out of comparisons

# record: one line a call, words quoted so that odd arguments stay visible
record() {
  mkdir -p "$logs"
  printf '%s\n' "$(printf '%q ' "$name" "$@" | sed 's/ $//')" >>"$logs/$name.log"
}

fail() { printf '%s: %s\n' "$name" "$*" >&2; exit 1; }
