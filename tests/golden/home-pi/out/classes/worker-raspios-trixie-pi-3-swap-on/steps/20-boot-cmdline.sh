#!/usr/bin/env bash
# 20-boot-cmdline: the kernel is started with what Kubernetes needs.
#
# Asked for by   os = raspios-trixie
#                country = JP
# Why            a Raspberry Pi's kernel leaves the memory controller off unless it is asked for, and without it the
#                kubelet does not start ("failed to find memory cgroup").
#                A radio must not transmit before it knows the country's rules.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

# The file is edited, never replaced: it holds the root partition's id, which differs from card to card, and words that a
# first boot needs once. It is one line: the firmware does not read beyond it.
candidates=(/boot/firmware/cmdline.txt)
wanted=(cgroup_enable=memory)
unwanted=(cgroup_disable=memory)
regulatory=cfg80211.ieee80211_regdom=JP
wanted+=("$regulatory")

# has_word TEXT WORD
has_word() { case " $1 " in *" $2 "*) return 0 ;; esac; return 1; }

# The live file is the first one that exists and names a root partition. Newer images leave a file in the old place that
# says "moved"; editing that one changes nothing.
file=''
for candidate in "${candidates[@]}"; do
  if [ -f "$candidate" ] && grep -q 'root=' "$candidate"; then file=$candidate; break; fi
done
if [ -z "$file" ]; then die "none of ${candidates[*]} is a kernel command line"; fi

# Words that an earlier run added and that are no longer wanted (another country, say) are removed again.
mine=''
if [ -e "$state/boot-words" ]; then mine=$(tr '\n' ' ' <"$state/boot-words"); fi

# patched FILE: its words without the unwanted ones, and with each wanted one once, on one line
patched() {
  local word line='' before
  before=$(tr '\r\n' '  ' <"$1")
  for word in $before; do
    if has_word "${unwanted[*]:-}" "$word"; then continue; fi
    if has_word "$mine" "$word" && ! has_word "${wanted[*]}" "$word"; then continue; fi
    if has_word "${wanted[*]}" "$word" && has_word "$line" "$word"; then continue; fi
    case $word in cfg80211.ieee80211_regdom=*) if [ "$word" != "$regulatory" ]; then continue; fi ;; esac
    line="$line $word"
  done
  for word in "${wanted[@]}"; do
    if ! has_word "$line" "$word"; then line="$line $word"; fi
  done
  printf '%s\n' "${line# }"
}

# remember_words FILE: the words that pikc adds, and those it added earlier; words that were there before are not its own
remember_words() {
  local word
  make_state
  {
    for word in $mine; do printf '%s\n' "$word"; done
    for word in "${wanted[@]}"; do
      if ! has_word "$(tr '\r\n' '  ' <"$1")" "$word"; then printf '%s\n' "$word"; fi
    done
  } | sort -u >"$state/boot-words.new"
  mv -f "$state/boot-words.new" "$state/boot-words"
}

# change FILE: the boot partition has no owners and modes; a copy of the original stays next to it
change() {
  local new
  new=$(patched "$1")
  if [ "$new" = "$(cat "$1")" ]; then ok "$1"; return; fi
  if dry; then would "change $1 to: $new"; needs_reboot "the kernel's command line"; return; fi
  if [ ! -e "$1.before-pikc" ]; then
    cp "$1" "$1.before-pikc.new"
    sync "$1.before-pikc.new"
    mv "$1.before-pikc.new" "$1.before-pikc"
  fi
  needs_reboot "the kernel's command line"
  : >"$run/boot-words-changed"
  remember_words "$1"
  printf '%s\n' "$new" >"$1.new"
  sync "$1.new"
  mv -f "$1.new" "$1"
  did "$1"
}

change "$file"
# Ubuntu keeps the next kernel's files next to the running one's, and switches over after an upgrade.
case $file in
  */current/cmdline.txt)
    next=${file%/current/cmdline.txt}/new/cmdline.txt
    if [ -f "$next" ]; then change "$next"; fi ;;
esac

stop_if_dry
# Check the result rather than assume it: what counts is the kernel that runs.
lacking=''
for word in "${wanted[@]}"; do
  if ! has_word "$(cat /proc/cmdline)" "$word"; then lacking="$lacking $word"; fi
done
if [ -z "$lacking" ]; then
  rm -f "$state/boot-tried"
  if ! has_word "$(tr '\n' ' ' </sys/fs/cgroup/cgroup.controllers)" memory; then
    die "the kernel was started with ${wanted[*]}, but its memory controller is off (/sys/fs/cgroup/cgroup.controllers)"
  fi
  ok "the running kernel has them"
elif [ ! -e "$run/boot-words-changed" ] && [ "$(cat "$state/boot-tried" 2>/dev/null)" = "$lacking" ]; then
  die "$file contains$lacking, but the kernel was started without it, even after a reboot:" \
    "another file is live, or the firmware fell back to an older one"
else
  # Remembered across the reboot, so that it is tried once and not forever.
  printf '%s\n' "$lacking" >"$state/boot-tried.new"
  mv -f "$state/boot-tried.new" "$state/boot-tried"
  : >"$run/boot-words-changed"
  needs_reboot "the kernel's command line"
fi
