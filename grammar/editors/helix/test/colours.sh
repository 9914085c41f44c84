#!/usr/bin/env bash
# Helix in a terminal: the sample has the colours that the queries say, and the language server is found. $HX is the program, $PIK_SO the
# parser, $PIKC the server.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$(mktemp -d)
socket=$folder/tmux
trap 'tmux -S "$socket" kill-server 2>/dev/null || true; rm -rf "$folder"' EXIT
mkdir -p "$folder/config/helix/themes" "$folder/runtime/grammars" "$folder/bin"
cp "$here/languages.toml" "$folder/config/helix/"
cp -r "$here/queries" "$folder/runtime/"
cp "$PIK_SO" "$folder/runtime/grammars/pik.so"
ln -s "${PIKC:-/bin/false}" "$folder/bin/pikc"
cp "$here/../neovim/test/sample.pik" "$folder/sample.pik"
# One colour of the terminal for each group, so that the screen says which group a word is in.
cat >"$folder/config/helix/themes/test.toml" <<'THEME'
"comment" = "red"
"type" = "green"
"label" = "yellow"
"variable.other.member" = "blue"
"constant.numeric" = "magenta"
"constant.builtin.boolean" = "cyan"
"string" = "white"
"constant" = "light-red"
"variable.builtin" = "light-green"
"punctuation.special" = "light-yellow"
"operator" = "light-blue"
"ui.selection" = { bg = "black" }
THEME
printf 'theme = "test"\n[editor]\ntrue-color = false\n[editor.lsp]\nenable = false\n' >"$folder/config/helix/config.toml"
export HELIX_RUNTIME=$folder/runtime XDG_CONFIG_HOME=$folder/config XDG_CACHE_HOME=$folder/cache PATH=$folder/bin:$PATH TERM=xterm-256color

passed=0 failed=0
check() { # check NAME COMMAND...: one line for each check
  local name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
    printf 'ok - %s\n' "$name"
  else
    failed=$((failed + 1))
    printf 'FAILED - %s\n' "$name"
  fi
}

# The terminal's colours as words, each before the text that has it: [32]cluster.
screen() { tmux -S "$socket" capture-pane -e -p -t helix | sed -e 's/\x1b\[[0-9;]*m/&/g' -e 's/\x1b\[\([0-9;]*\)m/[\1]/g'; }
shows() { grep -qF -- "$1" "$folder/screen"; }

health=$("$HX" --health pik | sed 's/\x1b\[[0-9;]*m//g')
for line in 'Tree-sitter parser: ✓' 'Highlight queries: ✓' 'Textobject queries: ✓' 'Indent queries: ✓' '✓ pikc'; do
  check "health: $line" grep -qF -- "$line" <<<"$health"
done

tmux -S "$socket" -f /dev/null new-session -d -s helix -x 100 -y 30 "$HX" "$folder/sample.pik"
for _ in $(seq 100); do
  screen >"$folder/screen"
  if shows ']kubernetes'; then break; fi
  sleep 0.1
done
colour() { # colour NUMBER WORDS: the words begin in this colour
  local words
  words=$(printf '%s' "$2" | sed 's/[][$.*{}]/\\&/g')
  check "colour of $2" grep -qE -- "\\[(38;5;)?$1\\](\\[[0-9;]*\\])*$words" "$folder/screen"
}
colour 1 '#'
colour 2 cluster
colour 3 home
colour 4 kubernetes
colour 5 1.36
colour 5 192.168
# shellcheck disable=SC2016 # the sample has these
colour 9 '$router'
colour 15 '"a '
# shellcheck disable=SC2016
colour 11 '${'
colour 5 02-04
colour 6 on
colour 15 raspios-trixie
colour 10 secret:wifi
colour 12 =
tmux -S "$socket" send-keys -t helix Escape :q! Enter

printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
