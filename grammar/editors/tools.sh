# What the test scripts here share: the programs, installed below $EDITORS_CACHE, and counting. Sourced, not run.
# shellcheck shell=bash

editors=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
project=$(cd "$editors/../.." && pwd)
cache=${EDITORS_CACHE:-${CARGO_TARGET_DIR:-$project/target}/tests/editors}
mkdir -p "$cache"

# The editors: those of one Debian release, unpacked and not installed, so that every machine tests the same.
release=trixie
packages=neovim,emacs-nox,hx
tree_sitter=0.27.1

# made FILE WORDS: whether FILE was made of WORDS
made() { [ "$(cat "$1" 2>/dev/null)" = "$2" ]; }

# logged NAME COMMAND...: runs a command silently; if it fails, prints the end of what it said
logged() {
  local log=$cache/$1.log
  shift
  "$@" >"$log" 2>&1 || { tail -n 30 "$log" >&2; printf 'failed: %s\n' "$*" >&2; return 1; }
}

install_editors() {
  local keyring
  if made "$cache/$release.made-of" "$packages"; then return; fi
  for keyring in /usr/share/keyrings/debian-archive-keyring.*; do break; done
  rm -rf "${cache:?}/$release"
  logged mmdebstrap mmdebstrap --quiet --variant=extract --keyring="$keyring" --include="$packages" "$release" "$cache/$release"
  printf '%s\n' "$packages" >"$cache/$release.made-of"
}

install_npm() {
  local wanted
  [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] || { echo 'Node.js 20 or later is needed' >&2; return 1; }
  wanted=$(cat "$editors/vscode/package-lock.json" <(node --version) | sha256sum | cut -d ' ' -f 1)
  if ! made "$cache/npm.made-of" "$wanted"; then
    rm -rf "$cache/npm"
    mkdir -p "$cache/npm"
    cp "$editors/vscode/package.json" "$editors/vscode/package-lock.json" "$cache/npm/"
    logged npm npm ci --prefix "$cache/npm" --ignore-scripts --no-audit --no-fund
    printf '%s\n' "$wanted" >"$cache/npm.made-of"
  fi
  ln -sfn "$cache/npm/node_modules" "$editors/vscode/node_modules"
}

# VS Code itself: its server part and its window are in an npm package. No install script runs: they would download programs, and what
# they build (a terminal, a log in C++) is not needed here.
code_server=4.96.4 playwright=1.65.1
install_vscode() {
  local wanted="$code_server $playwright" home=$cache/vscode/node_modules/code-server/lib/vscode
  if made "$cache/vscode.made-of" "$wanted"; then return; fi
  rm -rf "$cache/vscode"
  mkdir -p "$cache/vscode"
  logged vscode npm install --prefix "$cache/vscode" --ignore-scripts --no-audit --no-fund "code-server@$code_server" "playwright-core@$playwright"
  # One dependency in its lock file is a git repository; the same release is in the registry.
  rm -f "$home/npm-shrinkwrap.json"
  logged vscode-parts npm install --prefix "$home" --legacy-peer-deps --omit=dev --ignore-scripts --no-audit --no-fund
  printf '%s\n' "$wanted" >"$cache/vscode.made-of"
}

# From crates.io: the package of npm downloads a program from elsewhere. It needs to be built soon, not to be fast.
install_tree_sitter() {
  if [ -x "$cache/cargo/bin/tree-sitter" ] && made "$cache/tree-sitter.made-of" "$tree_sitter"; then return; fi
  CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_TARGET_DIR=$cache/build \
    logged tree-sitter cargo install --locked --force --root "$cache/cargo" --no-default-features "tree-sitter-cli@$tree_sitter"
  printf '%s\n' "$tree_sitter" >"$cache/tree-sitter.made-of"
}

# The tree-sitter command finds grammars and keeps what it builds where it is told here.
treesitter() {
  XDG_CACHE_HOME=$cache/xdg XDG_CONFIG_HOME=$cache/xdg TREE_SITTER_DIR=$cache/xdg "$cache/cargo/bin/tree-sitter" "$@"
}

# The parser as a library, for editors: $cache/runtime/parser/pik.so
build_parser() {
  mkdir -p "$cache/runtime/parser"
  (cd "$editors/tree-sitter-pik" && treesitter build -o "$cache/runtime/parser/pik.so" .)
}
install_parser() {
  if [ -e "$cache/runtime/parser/pik.so" ]; then return; fi
  install_tree_sitter
  build_parser
}

# debian PROGRAM ARGUMENTS...: runs a program of the unpacked release with that release's libraries
debian() {
  local root=$cache/$release program=$1
  shift
  "$root/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" --library-path "$root/usr/lib/x86_64-linux-gnu" "$root/$program" "$@"
}
nvim() { VIMRUNTIME=$cache/$release/usr/share/nvim/runtime debian usr/bin/nvim "$@"; }
emacs() {
  local share=$cache/$release/usr/share/emacs/30.1 programs=$cache/$release/usr/libexec/emacs/30.1/x86_64-linux-gnu
  EMACSLOADPATH=$(find "$share/lisp" -type d -not -name obsolete -not -name term | paste -sd :) EMACSDATA=$share/etc EMACSDOC=$share/etc \
    EMACSPATH=$programs debian usr/bin/emacs-nox --dump-file="$(echo "$programs"/emacs-*.pdmp)" "$@"
}
# A program of this name, for what starts an editor by its path
launcher() { # launcher NAME PROGRAM: a script that runs a program of the unpacked release; its path is printed
  local root=$cache/$release
  printf '#!/bin/sh\nexport VIMRUNTIME=%s/usr/share/nvim/runtime\nexec %s/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 --library-path %s/usr/lib/x86_64-linux-gnu %s/%s "$@"\n' \
    "$root" "$root" "$root" "$root" "$2" >"$cache/$1"
  chmod +x "$cache/$1"
  printf '%s\n' "$cache/$1"
}

passed=0 failed=0
# step NAME COMMAND...: one part of the tests. It counts by its closing line `N passed, N failed`, by the lines of node's test runner, or as one.
step() {
  local name=$1 log status=0 p=0 f=0 begin=$SECONDS line
  shift
  log=$cache/$(tr -c 'a-z0-9\n' - <<<"$name").log
  "$@" >"$log" 2>&1 || status=$?
  while read -r line; do
    if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then p=${BASH_REMATCH[1]} f=${BASH_REMATCH[2]}; fi
    if [[ $line =~ ^[#ℹ]\ pass\ ([0-9]+)$ ]]; then p=${BASH_REMATCH[1]}; fi
    if [[ $line =~ ^[#ℹ]\ fail\ ([0-9]+)$ ]]; then f=${BASH_REMATCH[1]}; fi
  done <"$log"
  if [ $((p + f)) -eq 0 ] && [ "$status" -eq 0 ]; then p=1; fi
  if [ "$f" -eq 0 ] && [ "$status" -ne 0 ]; then f=1; fi
  passed=$((passed + p)) failed=$((failed + f))
  if [ "$f" -eq 0 ]; then
    printf 'ok      %-34s %4d s  %d passed\n' "$name" "$((SECONDS - begin))" "$p"
  else
    printf 'FAILED  %-34s %4d s  %d passed, %d failed\n' "$name" "$((SECONDS - begin))" "$p" "$f"
    tail -n 40 "$log"
  fi
}

closing_line() {
  printf '%d passed, %d failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
