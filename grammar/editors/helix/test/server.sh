#!/usr/bin/env bash
# Helix's own client in a terminal: a mistake is marked, its fix is applied, and the server runs a command for it. $HX is the program,
# $PIK_SO the parser, $PIKC the server.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$(mktemp -d)
socket=$folder/tmux
trap 'tmux -S "$socket" kill-server 2>/dev/null || true; rm -rf "$folder"' EXIT
mkdir -p "$folder/config/helix" "$folder/runtime/grammars" "$folder/bin" "$folder/project/.git"
cp "$here/languages.toml" "$folder/config/helix/"
cp -r "$here/queries" "$folder/runtime/"
cp "$PIK_SO" "$folder/runtime/grammars/pik.so"
ln -s "$PIKC" "$folder/bin/pikc"
sed 's/swap    = on$/swap    = onn/' "$here/../../../examples/home-pi/cluster.pik" >"$folder/project/cluster.pik"
export HELIX_RUNTIME=$folder/runtime XDG_CONFIG_HOME=$folder/config XDG_CACHE_HOME=$folder/cache PATH=$folder/bin:$PATH TERM=xterm-256color

passed=0 failed=0
# shows NAME PATTERN: one line for each check; waits until the pattern is on the screen, 30 seconds at most
shows() {
  for _ in $(seq 300); do
    if tmux -S "$socket" capture-pane -p -t helix | grep -qE -- "$2"; then
      passed=$((passed + 1))
      printf 'ok - %s\n' "$1"
      return
    fi
    sleep 0.1
  done
  failed=$((failed + 1))
  printf 'FAILED - %s: not on the screen: %s\n' "$1" "$2"
  tmux -S "$socket" capture-pane -p -t helix
}
# run COMMAND: a command of Helix. A key right after Escape would be one with Alt.
run() {
  keys Escape
  sleep 0.5
  keys ":$1"
  sleep 0.5
  keys Enter
}
keys() { tmux -S "$socket" send-keys -t helix "$@"; }

tmux -S "$socket" -f /dev/null new-session -d -s helix -x 110 -y 60 "$HX" "$folder/project/cluster.pik"
shows 'a mistake is counted' '● 1'
keys '/onn' Enter
shows 'it is described under the cursor' 'did you mean .on.'
keys Space a
shows 'its fixes are listed' 'write .on.'
keys Enter
shows 'the fix is applied' 'swap    = on( |$)'
run w
shows 'it is saved' 'written'
run 'lsp-workspace-command pikc.compile'
shows 'the server compiles, and says so' 'next: read'
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
