# shellcheck shell=bash
# Helpers that every step shares. Each one leaves the machine as described or fails loudly, and reports whether it had to act.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
#
# A step prints lines that begin with one of these words; run.sh counts them:
#   ok       it was already like this     changed  it was not, and is now
#   would    what a dry run skips         note     a person should read this
#   reboot   takes effect at a reboot     FAILED   stopped for good: a person has to take a look
#   waiting  for something to arrive      LATER    stopped for now: it may well work next time
#   refused  something an account put in the way; FAILED follows once the rest is done
set -Eeuo pipefail
shopt -s inherit_errexit
umask 022
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
export APT_LISTCHANGES_FRONTEND=none NEEDRESTART_MODE=a # Raspberry Pi OS and Ubuntu would ask questions otherwise

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
state=/var/lib/pikc # what has to be remembered between runs
run=/run/pikc       # what is true of this boot only: a reboot empties it
etc=/etc/pikc       # kubeadm's file and patches, the join file

tally() { if [ -n "${PIKC_TALLY:-}" ]; then printf '%s\n' "$*" >>"$PIKC_TALLY"; fi; }
ok() { printf '  ok       %s\n' "$*"; tally ok; }
did() { printf '  changed  %s\n' "$*"; tally "changed $*"; }
would() { printf '  would    %s\n' "$*"; tally would; }
note() { printf '  note     %s\n' "$*"; tally "note $*"; }
# die WHY, later WHY: a network, a clock, a lock or a mirror that is not available now may be in a while, so run.sh retries
# on its own if no one is watching; it does not retry anything else.
die() { printf '  FAILED   %s\n' "$*" >&2; exit 9; }    # 9 and 11: the reason has already been printed
later() { printf '  LATER    %s\n' "$*" >&2; exit 11; }
unforeseen() { case $1 in 9 | 11) ;; *) die "$2 line $3: \`$4\` ended with status $1" ;; esac; }
trap 'unforeseen $? "${BASH_SOURCE[0]##*/}" "$LINENO" "$BASH_COMMAND"' ERR

# make_scratch: `scratch` is a folder only root can access, not in /tmp, and it is gone when the step ends, however it ends
scratch=''
make_scratch() { if [ -z "$scratch" ]; then scratch=$(mktemp -d "/run/pikc.$$.XXXXXX"); fi; }
trap 'if [ -n "$scratch" ]; then rm -rf "$scratch"; fi' EXIT

dry() { [ "${PIKC_DRY_RUN:-0}" = 1 ]; }

# stop_if_dry: a dry run ends here, because what follows checks the result of what it skipped
stop_if_dry() { if dry; then exit 0; fi; }

# act WHAT COMMAND...: runs the command; WHAT describes the state that it brings about
act() {
  local what=$1
  shift
  if dry; then would "$what"; return; fi
  "$@" </dev/null || die "$what: \`$*\` ended with status $?"
  did "$what"
}

# retry TIMES COMMAND...: for anything that depends on a network; waits 2, 4, 8, ... seconds between attempts
retry() {
  local left=$1 pause=2
  shift
  until "$@"; do
    left=$((left - 1))
    if [ "$left" -le 0 ]; then return 1; fi
    printf '  again in %s seconds: %s\n' "$pause" "$1" >&2
    sleep "$pause"
    pause=$((pause * 2))
  done
}

# seconds_up: since boot. The time of day (and bash's SECONDS with it) jumps when a time server answers.
seconds_up() {
  local up
  read -r up _ </proc/uptime
  printf '%s\n' "${up%.*}"
}

# wait_until SECONDS COMMAND...: true as soon as the command is; checks every three seconds
wait_until() {
  local end
  end=$(($(seconds_up) + $1))
  shift
  until "$@"; do
    if [ "$(seconds_up)" -ge "$end" ]; then return 1; fi
    sleep 3
  done
}

# fragment NAME: the file from this node's fragments, or else from its class's
fragment() {
  local folder
  for folder in fragments common-fragments; do
    if [ -f "$here/$folder/$1" ]; then printf '%s\n' "$here/$folder/$1"; return; fi
  done
  die "the bundle has no fragment $1"
}

# node_value KEY [DEFAULT]: this node's own value, from node.conf, which is read and never run. A key can occur more than
# once: one line each. No such key and no default is an error.
node_value() {
  local line found=''
  while IFS= read -r line; do
    case $line in "$1="*) printf '%s\n' "${line#*=}"; found=yes ;; esac
  done <"$here/node.conf"
  if [ -n "$found" ]; then return; fi
  if [ $# -lt 2 ]; then die "node.conf has no $1"; fi
  if [ -n "$2" ]; then printf '%s\n' "$2"; fi
}

# listed PATH: "MODE OWNER:GROUP" of a bundle file, from its list (the transport of the bundle may lose both)
listed() {
  local rights
  rights=$(awk -v path="$1" '
    { mode = $2; owner = $3; sub(/^[0-9a-f]+  [0-7]+  [^ ]+  /, "") }
    $0 == path { print mode, owner }' "$here/class.list" "$here/node.list")
  if [ -z "$rights" ]; then die "$1 is in neither class.list nor node.list"; fi
  printf '%s\n' "$rights"
}

# in_bundle FOLDER: the bundle files below FOLDER, as paths relative to it, sorted
in_bundle() {
  awk -v folder="$1" '
    { sub(/^[0-9a-f]+  [0-7]+  [^ ]+  /, "") }
    index($0, folder) == 1 { print substr($0, length(folder) + 1) }' "$here/class.list" "$here/node.list" | sort
}

# overlay_file PATH: which file of the bundle goes to PATH: this node's, else its class's; empty if there is neither
overlay_file() {
  local folder
  for folder in files common; do
    if [ -f "$here/$folder$1" ]; then printf '%s\n' "$folder$1"; return; fi
  done
}

# --- what must happen because something changed ---------------------------------------------------------------------------
# It is recorded before the change is made, so that a run that is killed between the two does not forget it.

# needs_reboot WHY: run.sh reboots before the steps that depend on it, then continues on its own
needs_reboot() {
  printf '  reboot   %s\n' "$*"
  if dry || grep -qsxF -- "$*" "$run/reboot-wanted"; then return; fi
  mkdir -p "$run"
  printf '%s\n' "$*" >>"$run/reboot-wanted"
}

# needs_restart UNIT, and restart_if_needed UNIT: a service has to be restarted to pick up a change
needs_restart() { mkdir -p "$run" && : >"$run/restart-$1"; }
restart_if_needed() {
  if [ ! -e "$run/restart-$1" ]; then return; fi
  act "$1 restarted" systemctl restart "$1"
  if ! dry; then rm -f "$run/restart-$1"; fi
}

# needs_component NAME, and component_wanted NAME: a part of the control plane has to begin again to see a changed file
needs_component() { mkdir -p "$run" && : >"$run/component-$1"; }
component_wanted() { [ -e "$run/component-$1" ]; }

# consequences [--reboot WHY] [--restart UNIT] [--component NAME]
consequences() {
  while [ $# -gt 0 ]; do
    case $1 in
      --reboot) needs_reboot "$2" ;;
      --restart) if ! dry; then needs_restart "$2"; fi ;;
      --component) if ! dry; then needs_component "$2"; fi ;;
      *) die "consequences: $1" ;;
    esac
    shift 2
  done
}

# --- files ----------------------------------------------------------------------------------------------------------------
# state/placed holds "SHA256  PATH" for each file that pikc placed: these are the files that it may remove again, unless
# someone has edited them. state/original keeps what was there before, to be restored then. run/wanted collects what this
# run wants.

# only_roots PATH: whether only root can change what is there: every folder on the way belongs to root, and no one else can
# write to it. Anywhere else, a link or a FIFO can replace a file between a check and the next command.
only_roots() {
  local path folders=(/)
  for path in "$1" "$(realpath -m -- "${1%/*}/")/."; do # as it is written, and where its links lead
    while path=${path%/*} && [ -n "$path" ]; do folders+=("$path"); done
  done
  { stat -c '%u %g %A' -- "${folders[@]}" 2>/dev/null || true; } | awk '
    $1 != 0 || (substr($3, 1, 1) != "l" && ((substr($3, 6, 1) == "w" && $2 != 0) || substr($3, 9, 1) == "w")) { bad = 1 }
    END { exit bad }'
}

hash_of() { sha256sum <"$1" | cut -c1-64; }
wants() { if [ -e "$run/wanted" ]; then printf '%s\n' "$*" >>"$run/wanted"; fi; }
is_ours() { grep -qsxF -- "$(hash_of "$1")  $1" "$state/placed"; }
was_placed() {
  # Not by -v, which awk reads escapes in: the unit of a mount can have a backslash in its name.
  [ -e "$state/placed" ] && path=$1 awk 'substr($0, 67) == ENVIRON["path"] { found = 1 } END { exit !found }' "$state/placed"
}
make_state() { install -d -m 0700 "$state"; }
remember() {
  if grep -qsxF -- "$(hash_of "$1")  $2" "$state/placed"; then return; fi
  make_state
  printf '%s  %s\n' "$(hash_of "$1")" "$2" >>"$state/placed"
}
forget() {
  if ! was_placed "$1"; then return; fi
  path=$1 awk 'substr($0, 67) != ENVIRON["path"]' "$state/placed" >"$state/placed.new"
  mv -f "$state/placed.new" "$state/placed"
}

# keep_original PATH: what was there before pikc, once
keep_original() {
  if [ ! -f "$1" ] || [ -e "$state/original$1" ] || was_placed "$1"; then return; fi
  make_state
  mkdir -p "$state/original$(dirname "$1")"
  cp -a "$1" "$state/original$1.new"
  mv -f "$state/original$1.new" "$state/original$1"
}

# swap_in FROM PATH MODE OWNER: PATH becomes a copy of FROM atomically, even if the power fails
swap_in() {
  local new
  only_roots "$2" || die "$2 is in a folder that accounts other than root can write to: root puts nothing there"
  new=$(dirname "$2")/.$(basename "$2").pikc-new
  if [ ! -d "$(dirname "$2")" ]; then mkdir -p "$(dirname "$2")"; fi
  (umask 077 && tee "$new" <"$1" >/dev/null)
  chown "$4" "$new"
  chmod "$3" "$new"
  sync "$new"
  mv -f "$new" "$2"
}

# place FROM PATH MODE OWNER [consequences]: PATH is a copy of FROM
place() {
  local from=$1 path=$2 mode=$3 owner=$4
  shift 4
  wants "$path"
  if [ -f "$path" ] && cmp -s "$from" "$path" && [ "$(stat -c '%04a %U:%G' "$path")" = "$mode $owner" ]; then
    if ! dry; then remember "$from" "$path"; fi
    ok "$path"
    return
  fi
  if dry; then would "write $path"; consequences "$@"; return; fi
  consequences "$@"
  keep_original "$path"
  remember "$from" "$path"
  swap_in "$from" "$path" "$mode" "$owner"
  did "$path"
}

# put PATH [consequences]: the overlay's file at PATH, with the mode and owner from its list
put() {
  local path=$1 from rights
  shift
  from=$(overlay_file "$path")
  if [ -z "$from" ]; then die "the bundle has no file for $path"; fi
  rights=$(listed "$from")
  place "$here/$from" "$path" "${rights% *}" "${rights#* }" "$@"
}

# put_all FOLDER/ [consequences]: every overlay file below it; what pikc placed there and no longer wants is removed
put_all() {
  local folder=$1 path
  shift
  while IFS= read -r path; do put "$folder$path" "$@"; done < <(in_bundle "files$folder"; in_bundle "common$folder")
  while IFS= read -r path; do
    if [ -z "$(overlay_file "$path")" ]; then unput "$path" "$@"; fi
  done < <(placed_below "$folder")
}
placed_below() {
  if [ ! -e "$state/placed" ]; then return; fi
  cut -c67- "$state/placed" | sort -u | while IFS= read -r path; do
    case $path in "$1"*) printf '%s\n' "$path" ;; esac
  done
}

# unput PATH [consequences]: gone, if pikc placed it and no one has edited it since; what was there before is restored
unput() {
  local path=$1
  shift
  if ! was_placed "$path"; then return; fi
  if ! only_roots "$path"; then
    note "$path is no longer wanted, but is in a folder that accounts other than root can write to: kept"
    if ! dry; then forget "$path"; fi
    return
  fi
  if [ ! -e "$path" ]; then
    if ! dry; then forget "$path"; fi
    return
  fi
  if ! is_ours "$path"; then note "$path is no longer wanted, but has been edited since pikc placed it: kept"; return; fi
  # Without its disk a node would go on in an empty folder, with an etcd that has forgotten everything.
  case $path in
    /etc/systemd/system/*.mount | /etc/systemd/system/*.service.d/20-pikc-disks.conf)
      if [ -n "$(kubeadm_is)" ] && [ "${0##*/}" != reset.sh ]; then note "$path is no longer wanted, but this machine is a node and may need the disk: kept until a reset"; return; fi ;;
  esac
  if dry; then would "remove $path"; consequences "$@"; return; fi
  consequences "$@"
  # What is on the disk stays, and so does the mount until the next boot: something may still have files open there.
  case $path in /etc/systemd/system/*.mount)
    systemctl disable "${path##*/}"
    note "what is on the disk of ${path##*/} stays, and it stays mounted until the next boot" ;;
  esac
  # A service of pikc's ends with its unit file, which systemd needs for that.
  case $path in /etc/systemd/system/*/*) ;; /etc/systemd/system/*.service | /etc/systemd/system/*.timer) unit_off "${path##*/}" ;; esac
  if [ -e "$state/original$path" ]; then
    swap_in "$state/original$path" "$path" "$(stat -c %a "$state/original$path")" "$(stat -c %U:%G "$state/original$path")"
    rm -f "$state/original$path"
    did "$path is back to what it was before pikc"
  else
    rm -f "$path"
    did "$path removed"
  fi
  forget "$path"
  case $path in
    /etc/systemd/system/*.d/*) systemctl daemon-reload; without_drop_in "$(basename "${path%/*}" .d)" ;;
    /etc/systemd/system/*/*) ;;
    /etc/systemd/system/*.service | /etc/systemd/system/*.timer | /etc/systemd/system/*.mount) systemctl daemon-reload ;;
    /usr/local/share/ca-certificates/pikc-*) act "$path is not trusted any more" update-ca-certificates --fresh; without_drop_in crio.service ;;
  esac
}
# without_drop_in UNIT: if it runs, it runs without what a drop-in had set
without_drop_in() { if systemctl is-active --quiet "$1"; then act "$1 restarted" systemctl restart "$1"; fi; }

# --- parts of files that pikc does not own --------------------------------------------------------------------------------
# A block is enclosed in two marker lines. state/blocks holds "USER  NAME  PATH" for each (USER: "-" is root).

without_block() {
  awk -v name="$2" '
    $0 == "# BEGIN pikc " name || index($0, "# BEGIN pikc " name " (") == 1 { inside = 1; next }
    $0 == "# END pikc " name { if (inside) { inside = 0; next } }
    !inside { print }
    END { if (inside) exit 3 }' "$1"
}

# blocks_have USER NAME PATH: recorded before it is written, so that a run that is killed does not forget it
blocks_have() {
  if dry || grep -qsxF -- "$1  $2  $3" "$state/blocks"; then return; fi
  make_state
  printf '%s  %s  %s\n' "$1" "$2" "$3" >>"$state/blocks"
}
blocks_lack() { # NAME PATH
  awk -v gone="$1  $2" 'substr($0, index($0, "  ") + 2) != gone' "$state/blocks" >"$state/blocks.new"
  mv -f "$state/blocks.new" "$state/blocks"
}

# block NAME PATH FROM top|end MODE [consequences]: the lines of FROM are in PATH as the block NAME
block() {
  local name=$1 path=$2 from=$3 where=$4 mode=$5 work owner=root:root
  shift 5
  wants "$name  $path"
  if [ -e "$path" ]; then mode=$(stat -c %a "$path") owner=$(stat -c %U:%G "$path"); fi
  make_scratch
  work=$(mktemp -d "$scratch/XXXXXX")
  : >"$work/rest"
  if [ -e "$path" ]; then
    without_block "$path" "$name" >"$work/rest" || die "$path: the block \"pikc $name\" has no end line: fix it"
  fi
  { printf '# BEGIN pikc %s (what is between these two lines is overwritten)\n' "$name"; cat "$from"
    printf '# END pikc %s\n' "$name"; } >"$work/block"
  if [ "$where" = top ]; then cat "$work/block" "$work/rest"; else cat "$work/rest" "$work/block"; fi >"$work/new"
  blocks_have - "$name" "$path"
  if cmp -s "$work/new" "$path"; then
    ok "$path has the block \"pikc $name\""
  elif dry; then
    would "write the block \"pikc $name\" in $path"
    consequences "$@"
  else
    consequences "$@"
    swap_in "$work/new" "$path" "$mode" "$owner"
    did "$path: block \"pikc $name\""
  fi
  rm -rf "$work"
}

has_block() {
  [ -e "$state/blocks" ] &&
    awk -v wanted="$1" 'substr($0, index($0, "  ") + 2) == wanted { found = 1 } END { exit !found }' "$state/blocks"
}

# unblock NAME PATH [consequences]: no such block in PATH, if pikc had put one there
unblock() {
  local name=$1 path=$2 work
  shift 2
  if ! has_block "$name  $path"; then return; fi
  if [ -e "$path" ] && grep -qF -- "# BEGIN pikc $name (" "$path"; then
    if dry; then would "remove the block \"pikc $name\" from $path"; consequences "$@"; return; fi
    consequences "$@"
    make_scratch
    work=$(mktemp -d "$scratch/XXXXXX")
    without_block "$path" "$name" >"$work/new" || die "$path: the block \"pikc $name\" has no end line: fix it"
    swap_in "$work/new" "$path" "$(stat -c %a "$path")" "$(stat -c %U:%G "$path")"
    rm -rf "$work"
    did "$path: block \"pikc $name\" removed"
    if [ "$name" = firmware ]; then note "the firmware reads $path at the next boot"; fi
  fi
  if ! dry; then blocks_lack "$name" "$path"; fi
}

# --- files in an account's home folder ------------------------------------------------------------------------------------
# Their owner can replace any of them with a link, a FIFO or a device at any moment. So root opens, checks and moves nothing
# there. `at_home` does, in a process that runs as the account: root passes it the lines that are wanted and reads one word as
# its answer. The account controls that process (it can stop it, or answer in its place). So the process gets nothing of
# root's but those lines and a place for its answer, the answer is one of a fixed list or ignored, and it ends within a minute.

# at_home HOME FOLDER FILE OPERATION ARGUMENTS...: run as the account; its input is what is wanted
#   lines NAME yes|no   the block NAME holds the input, and no line of the input occurs outside of it
#   unlines NAME yes|no there is no such block
#   whole yes|no WANTED HASH...  the file is the input, whose hash is WANTED; another file is kept, unless its hash is listed
#   gone yes|no HASH... there is no such file, if its hash is listed
# yes: only report what would be done
at_home() {
  set -u -o pipefail
  umask 077
  local home=$1 folder=$2 file=$3 what=$4 name='' only='' wanted='' most=1048576 kind='' work='' new='' now='' hash
  shift 4
  tell() { # WORD: the answer, and the end
    if [ -n "$work" ]; then rm -rf -- "$work"; fi
    if [ -n "$new" ]; then rm -f -- "$new"; fi
    printf '%s\n' "$1"
    exit 0
  }
  kind_of() {
    kind=device
    if [ -L "$1" ]; then kind='link'; elif [ ! -e "$1" ]; then kind=none; elif [ -f "$1" ]; then kind='file'
    elif [ -d "$1" ]; then kind=folder; elif [ -p "$1" ]; then kind=fifo; elif [ -S "$1" ]; then kind=socket; fi
  }
  # Never through a link, never waiting for a FIFO's other end, never more than the limit.
  content() {
    if [ "$kind" = none ]; then return; fi
    dd if="./$file" iflag=nofollow,nonblock,count_bytes,fullblock bs=65536 count=$((most + 1)) status=none
  }
  # It does not matter what has happened to the folder in the meantime: this writes with the account's own rights and no more.
  replace() { # COMMAND...: the file is what it prints
    if [ "$only" = yes ]; then tell would; fi
    rm -f -- ".$file.pikc-"?????? # left behind by an earlier one that was stopped
    new=$(mktemp "./.$file.pikc-XXXXXX") || tell unwritable
    if "$@" >"$new" && sync "$new" && mv -fT -- "$new" "$file"; then tell wrote; fi
    tell unwritable
  }

  case $what in lines | unlines) name=$1; shift ;; esac
  only=$1
  shift
  if [ "$what" = whole ]; then wanted=$1; shift; fi
  # A link in place of the home folder counts only if root made it.
  if [ -L "$home" ] && [ "$(stat -c %u -- "$home")" != 0 ]; then tell home; fi
  if [ ! -d "$home" ]; then tell home; fi
  cd -- "$home" || tell home
  kind_of "$folder"
  if [ "$kind" = none ]; then
    case $what in gone | unlines) tell absent ;; esac
    if [ "$only" = yes ]; then tell would; fi
    mkdir -- "$folder" || tell unwritable
    kind_of "$folder"
  fi
  if [ "$kind" != folder ]; then tell "folder $kind"; fi
  cd -P -- "$folder" || tell unwritable
  if [ ! -O . ]; then tell "folder foreign"; fi
  if [ "$only" != yes ]; then chmod go-w . || tell unwritable; fi

  kind_of "$file"
  case $kind in none | file) ;; *) tell "$kind" ;; esac
  if [ "$kind" = file ] && [ "$(stat -c %s -- "$file")" -gt "$most" ]; then tell huge; fi
  case $what in
    lines | unlines)
      work=$(mktemp -d) || tell unwritable
      cat >"$work/wanted" || tell unwritable
      content >"$work/old" || tell unreadable
      if [ "$(stat -c %s -- "$work/old")" -gt "$most" ]; then tell huge; fi
      awk -v name="$name" -v wanted="$work/wanted" '
        BEGIN { while ((getline line <wanted) > 0) ours[line] = 1 }
        $0 == "# BEGIN pikc " name || index($0, "# BEGIN pikc " name " (") == 1 { inside = found = 1; next }
        inside && $0 == "# END pikc " name { inside = 0; next }
        !inside && !($0 in ours) { print }
        END { exit inside ? 3 : !found }' "$work/old" >"$work/new"
      case $? in
        0) ;;
        1) if [ "$what" = unlines ]; then tell absent; fi ;;
        *) tell torn ;;
      esac
      if [ "$what" = lines ]; then
        { printf '# BEGIN pikc %s (what is between these two lines is overwritten)\n' "$name"; cat "$work/wanted"
          printf '# END pikc %s\n' "$name"; } >>"$work/new"
      fi
      if [ "$kind" = file ] && [ "$(stat -c %a -- "$file")" = 600 ] && cmp -s "$work/old" "$work/new"; then tell same; fi
      replace cat "$work/new" ;;
    whole | gone)
      if [ "$kind" = none ] && [ "$what" = gone ]; then tell absent; fi
      if [ "$kind" = file ]; then
        now=$(content | sha256sum | cut -c1-64) || tell unreadable
        if [ "$now" = "$wanted" ]; then
          if [ "$(stat -c %a -- "$file")" = 600 ]; then tell same; fi
        else
          for hash in "$@" -; do if [ "$now" = "$hash" ]; then break; fi; done
          if [ "$hash" = - ]; then tell foreign; fi
        fi
      fi
      if [ "$what" = whole ]; then replace cat; fi
      if [ "$only" = yes ]; then tell would; fi
      rm -f -- "$file" || tell unwritable
      tell wrote ;;
  esac
}

# as_account USER FUNCTION ARGUMENTS...: runs the function as that account and sets `answer` to the word it answers with. It
# has a session of its own: no terminal to type on. No file of root's stays open, not even the run's lock. Its environment is
# clean.
as_account() {
  local user=$1 name=$2 answers fd
  shift 2
  make_scratch
  answers=$(mktemp "$scratch/XXXXXX")
  # shellcheck disable=SC2016 # the function's own bash expands these
  (
    for fd in /proc/self/fd/*; do
      fd=${fd##*/}
      if [ "$fd" -gt 2 ] && [ "$fd" != 255 ]; then exec {fd}>&-; fi
    done
    ulimit -c 0
    ulimit -f 4096
    cd /
    exec setsid --wait timeout --kill-after=5 60 runuser -u "$user" -- env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C \
      bash --noprofile --norc -c "$(declare -f "$name")"'; "$0" "$@"' "$name" "$@"
  ) >"$answers" 2>/dev/null || true
  answer=$(head -c 20 "$answers" | tr -cd 'a-z ')
}

# home USER PATH OPERATION ARGUMENTS... <LINES: sets `answer`. If something other than a file is in the way it is "refused", and
# the step stops for that only after it has done the rest: no account can keep another one's keys or rights from changing.
refusals=()
home() {
  local user=$1 path=$2 folder=${2%/*} said
  shift 2
  as_account "$user" at_home "${folder%/*}" "${folder##*/}" "${path##*/}" "$@"
  case $answer in
    same | absent | would | wrote | foreign) return ;;
    home) said="${folder%/*} is not a home folder that $user can enter" ;;
    'folder foreign') said="$folder does not belong to $user" ;;
    'folder link' | 'folder file' | 'folder fifo' | 'folder socket' | 'folder device')
      said="$folder is a ${answer#folder }, where a folder of $user's belongs" ;;
    link | fifo | socket | device | folder) said="$path is a $answer, where a file belongs" ;;
    huge) said="$path is larger than 1 MiB" ;;
    unreadable) said="$user cannot read $path" ;;
    torn) said="$path: a block of pikc's has no end line" ;;
    unwritable) said="$user cannot write $path (is the disk full?)" ;;
    *) said="the work on $path as $user was stopped, or did not finish within a minute" ;;
  esac
  said="$said. Nothing was changed there: fix it as $user, and run this again"
  printf '  refused  %s\n' "$said"
  refusals+=("$said")
  answer=refused
}
stop_if_refused() { if [ -n "${refusals[*]}" ]; then die "${refusals[@]}"; fi; }

# home_block USER NAME PATH FROM: the lines of FROM are in PATH as the block NAME, and nowhere else in it: cloud-init writes
# keys without a block at the first boot, and from there they could not be withdrawn
home_block() {
  local user=$1 name=$2 path=$3 answer='' only=no
  wants "$name  $path"
  blocks_have "$user" "$name" "$path"
  if dry; then only=yes; fi
  home "$user" "$path" lines "$name" "$only" <"$4"
  case $answer in
    same) ok "$path has the block \"pikc $name\"" ;;
    would) would "write the block \"pikc $name\" in $path" ;;
    wrote) did "$path: block \"pikc $name\"" ;;
  esac
}

# home_unblock USER NAME PATH: no such block in PATH
home_unblock() {
  local user=$1 name=$2 path=$3 answer='' only=no
  if getent passwd "$user" >/dev/null; then
    if dry; then only=yes; fi
    home "$user" "$path" unlines "$name" "$only" </dev/null
    case $answer in
      would) would "remove the block \"pikc $name\" from $path" ;;
      wrote) did "$path: block \"pikc $name\" removed" ;;
      refused) return ;;
    esac
  else
    note "the account $user no longer exists: $path is left as it is"
  fi
  if ! dry; then blocks_lack "$name" "$path"; fi
}

# placed_hashes PATH: of what pikc placed there, oldest first
placed_hashes() {
  if [ -e "$state/placed" ]; then awk -v path="$1" 'substr($0, 67) == path { print substr($0, 1, 64) }' "$state/placed"; fi
}

# home_file USER PATH FROM: PATH is a copy of FROM that only its owner can access; what someone else put there is kept
home_file() {
  local user=$1 path=$2 from=$3 answer='' only=no known=() wanted
  wants "$path"
  if dry; then only=yes; fi
  mapfile -t known < <(placed_hashes "$path")
  if ! dry; then remember "$from" "$path"; fi
  wanted=$(hash_of "$from")
  home "$user" "$path" whole "$only" "$wanted" "${known[@]}" <"$from"
  case $answer in
    same) ok "$path" ;;
    would) would "write $path" ;;
    wrote) did "$path" ;;
    *)
      # What is there now is not that copy: it is not pikc's, unless it is an earlier one of pikc's that was edited.
      if ! dry && [ -z "${known[*]}" ]; then forget "$path"; fi
      if [ "$answer" = refused ]; then return; fi
      note "$path was there before, or has been edited: kept. The cluster's own is $from" ;;
  esac
}

# home_gone USER PATH: gone, if pikc placed it and no one has edited it since
home_gone() {
  local user=$1 path=$2 answer='' only=no known=()
  if dry; then only=yes; fi
  mapfile -t known < <(placed_hashes "$path")
  home "$user" "$path" gone "$only" "${known[@]}" </dev/null
  case $answer in
    would) would "remove $path"; return ;;
    refused) return ;;
    wrote) did "$path removed" ;;
    foreign) note "$path is no longer wanted, but has been edited since pikc placed it: kept"; return ;;
  esac
  if ! dry; then forget "$path"; fi
}

# whose PATH: the account in whose home folder pikc put this; empty for all other files
whose() {
  case $1 in
    */.kube/config) getent passwd | awk -F: -v home="${1%/*/*}" '$6 == home && !found { print $1; found = 1 }' ;;
  esac
}

# tidy: every block and every file that pikc placed and that this run does not want is gone. Of the records of what was placed,
# only the last one for each file counts from then on.
tidy() {
  local line block path user
  if [ -e "$state/blocks" ]; then
    cp "$state/blocks" "$run/blocks"
    while IFS= read -r line; do
      block=${line#*  }
      if grep -qxF -- "$block" "$run/wanted"; then continue; fi
      user=${line%%  *}
      if [ "$user" = - ]; then unblock "${block%%  *}" "${block#*  }"; else home_unblock "$user" "${block%%  *}" "${block#*  }"; fi
    done <"$run/blocks"
    rm -f "$run/blocks"
  fi
  if [ -e "$state/placed" ]; then
    while IFS= read -r path; do
      if grep -qxF -- "$path" "$run/wanted"; then continue; fi
      user=$(whose "$path")
      if [ -z "$user" ]; then unput "$path"; else home_gone "$user" "$path"; fi
    done < <(placed_below /)
  fi
  if [ -e "$state/boot-order-before" ] && ! grep -qxF boot-order "$run/wanted"; then
    boot_order "$(cat "$state/boot-order-before")"
    if ! dry; then rm -f "$state/boot-order-before" "$state/boot-order-tried"; fi
  fi
  stop_if_refused
  if [ -e "$state/placed" ] && ! dry; then
    awk '{ last[substr($0, 67)] = $0 } END { for (path in last) print last[path] }' "$state/placed" | sort -k 2 >"$state/placed.new"
    if cmp -s "$state/placed.new" "$state/placed"; then rm -f "$state/placed.new"; else mv -f "$state/placed.new" "$state/placed"; fi
  fi
}

# --- the EEPROM of a Raspberry Pi 4 or 5 ----------------------------------------------------------------------------------

# boot_order VALUE: what the board tries to boot from, written at the next reboot; what it was before is remembered, once
boot_order() {
  local wanted=$1 all now
  all=$(rpi-eeprom-config) || die "rpi-eeprom-config cannot read the EEPROM of this board"
  now=$(printf '%s\n' "$all" | sed -n 's/^BOOT_ORDER=//p')
  case $now in *$'\n'*) die "the EEPROM has several lines BOOT_ORDER, for different boards: sudo -E rpi-eeprom-config --edit" ;; esac
  # Without such a line the board boots as with this one.
  if [ "${now:-0xf41}" = "$wanted" ]; then
    if ! dry; then rm -f "$state/boot-order-tried"; fi
    ok "BOOT_ORDER=$wanted in the EEPROM"
    return
  fi
  if [ "$(cat "$run/boot-order" 2>/dev/null)" = "$wanted" ]; then ok "BOOT_ORDER=$wanted is written into the EEPROM at the next reboot"; return; fi
  if dry; then would "set BOOT_ORDER=$wanted in the EEPROM"; return; fi
  if [ "$(cat "$state/boot-order-tried" 2>/dev/null)" = "$wanted" ]; then
    die "the EEPROM has BOOT_ORDER=$now after a reboot that was to write $wanted: sudo rpi-eeprom-update says what it waits for"
  fi
  make_state
  if [ ! -e "$state/boot-order-before" ]; then
    printf '%s\n' "${now:-0xf41}" >"$state/boot-order-before.new"
    mv -f "$state/boot-order-before.new" "$state/boot-order-before"
  fi
  make_scratch
  printf '%s\n' "$all" | awk -v line="BOOT_ORDER=$wanted" '
    /^BOOT_ORDER=/ { print line; done = 1; next }
    { print }
    END { if (!done) { print "[all]"; print line } }' >"$scratch/boot.conf"
  act "BOOT_ORDER=$wanted, before ${now:-0xf41}, in the EEPROM" rpi-eeprom-config --apply "$scratch/boot.conf"
  printf '%s\n' "$wanted" >"$state/boot-order-tried"
  mkdir -p "$run"
  printf '%s\n' "$wanted" >"$run/boot-order"
}

# --- services -------------------------------------------------------------------------------------------------------------

unit_exists() { systemctl cat "$1" >/dev/null 2>&1; }

# unit_on UNIT: started now and at every boot
unit_on() {
  if ! unit_exists "$1" && ! dry; then die "$1 is not installed"; fi
  unit_enabled "$1"
  if systemctl is-active --quiet "$1"; then ok "$1 is running"; else act "$1 is running" systemctl start "$1"; fi
}

# unit_enabled UNIT: started at every boot; not now
unit_enabled() {
  if systemctl is-enabled --quiet "$1" 2>/dev/null; then
    ok "$1 starts at boot"
  else
    act "$1 starts at boot" systemctl enable "$1"
  fi
}

# unit_off UNIT: stopped now and not started again, where it exists
unit_off() {
  if ! unit_exists "$1"; then ok "$1 is not installed"; return; fi
  if systemctl is-enabled --quiet "$1" 2>/dev/null || systemctl is-active --quiet "$1"; then
    act "$1 is off" systemctl disable --now "$1"
  else
    ok "$1 is off"
  fi
}

# --- what comes from outside: the network, the time, downloads --------------------------------------------------------------

clock_is_right() { [ "$(timedatectl show --property=NTPSynchronized --value)" = yes ]; }

# gateway_trouble: why nothing gets further than this machine, in words; empty if no problem is visible
gateway_trouble() {
  local gateway
  gateway=$(ip route show default | awk '$2 == "via" && !found { print $3; found = 1 }')
  if [ -z "$gateway" ]; then echo "there is no default route"; return; fi
  # Any host there has to answer the query for its hardware address, even if it answers nothing else.
  (echo >"/dev/udp/$gateway/9") 2>/dev/null || true
  sleep 3
  case $(ip neigh show to "$gateway") in
    *FAILED* | *INCOMPLETE*) echo "the gateway $gateway does not answer" ;;
  esac
}

# network_trouble: what keeps this machine off the cluster's network, in words; empty if no problem is visible
network_trouble() {
  local interface address
  interface=$(node_value interface)
  address=$(node_value address)
  if [ ! -e "/sys/class/net/$interface" ]; then
    echo "there is no interface $interface"
  elif [ "$(cat "/sys/class/net/$interface/carrier" 2>/dev/null || true)" != 1 ]; then
    if [ -e "/sys/class/net/$interface/phy80211" ]; then
      echo "$interface is not connected to a Wi-Fi network"
    else
      echo "$interface has no link: no cable, or nothing is powered on at the other end"
    fi
  elif ! ip -o addr show dev "$interface" | grep -F " $address/" >/dev/null; then
    echo "$interface does not have $address"
  else
    gateway_trouble
  fi
}

# network_state: the same, worded to follow a sentence, with what step 30 knows about the settings: new ones that have
# never worked are a different matter from old ones that worked yesterday
network_state() {
  local trouble
  trouble=$(network_trouble)
  if [ -z "$trouble" ]; then return; fi
  if [ ! -e "$state/network-tried" ]; then
    if [ -e "$state/network-worked" ]; then trouble="$trouble; the network settings have not changed since they last worked"; fi
    printf ' (%s)\n' "$trouble"
    return
  fi
  case $(cat "$state/network-tried") in
    worked) printf ' (the new network settings do not work: %s; with the previous ones the gateway answered)\n' "$trouble" ;;
    '' | none) printf ' (the new network settings do not work: %s)\n' "$trouble" ;;
    *) printf ' (the network does not work with the new settings: %s; nor did it with the previous ones: %s)\n' \
      "$trouble" "$(cat "$state/network-tried")" ;;
  esac
}

# download WHAT ADDRESS FILE SECONDS: tries five times. A server that is down comes back; one that refuses, or that is not who
# it should be, needs a person.
download() {
  local what=$1 address=$2 file=$3 seconds=$4 left=5 pause=2 status answer
  while true; do
    status=0
    answer=$(curl --fail --silent --show-error --location --max-time "$seconds" --proto '=https,http,file' \
      --write-out '%{http_code}' --output "$file" "$address") || status=$?
    case $status in
      0) return ;;
      5 | 6 | 7 | 16 | 18 | 28 | 35 | 52 | 55 | 56 | 92) ;; # name resolution, connections that fail or break
      22)
        case $answer in
          408 | 425 | 429 | 5??) ;; # the server cannot handle it at the moment
          *) die "$what could not be fetched: $address answered $answer" ;;
        esac ;;
      60)
        if ! clock_is_right; then later "$what could not be fetched from $address: the clock is not right ($(date))"; fi
        die "$what could not be fetched: the certificate of $address is not trusted (see above)" ;;
      *) die "$what could not be fetched from $address: curl ended with status $status (see above)" ;;
    esac
    left=$((left - 1))
    if [ "$left" -le 0 ]; then break; fi
    printf '  waiting  for %s: next try in %s seconds\n' "$address" "$pause"
    sleep "$pause"
    pause=$((pause * 2))
  done
  later "$what could not be fetched: $address does not answer, or drops the connection$(network_state)"
}

# --- packages -------------------------------------------------------------------------------------------------------------

# apt never asks about a changed configuration file: ours stays. This timeout covers only dpkg's lock, not apt's others; see below.
apt() {
  apt-get --yes --quiet -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
}

# lock_holder: who holds one of apt's locks, in words; empty if no one does. The kernel knows: /proc/locks has the inode and
# the process, and the process has the file open.
lock_holder() {
  local file inode pid unit
  for file in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock /var/cache/apt/archives/lock; do
    if [ ! -e "$file" ]; then continue; fi
    inode=$(stat -c %i "$file")
    while read -r pid; do
      if [ -z "$(find "/proc/$pid/fd/" -lname "$file" 2>/dev/null || true)" ]; then continue; fi
      unit=$(sed -n 's,.*/\([^/]*\.\(service\|scope\)\).*,\1,p' "/proc/$pid/cgroup" 2>/dev/null | head -n 1 || true)
      printf '%s is held by %s (process %s%s)\n' "$file" "$(cat "/proc/$pid/comm" 2>/dev/null || true)" "$pid" "${unit:+, $unit}"
      return
    done < <(awk -v inode="$inode" '$2 == "POSIX" && $6 ~ ":" inode "$" { print $5 }' /proc/locks)
  done
}
apt_is_free() {
  local holder
  holder=$(lock_holder)
  if [ -z "$holder" ]; then return; fi
  printf 'for apt: %s\n' "$holder"
  return 1
}

# wait_for_apt: until no one else is working with packages. A first boot begins with apt-daily, which can take minutes.
wait_for_apt() {
  if show_changes 600 apt_is_free; then return; fi
  later "apt is in use: $(lock_holder)"
}

# passes_by_itself FILE: whether the problem that apt reports in FILE will go away. apt's messages are not translated (LC_ALL=C).
passes_by_itself() {
  # A captive portal's page in place of the list, and a date in the future.
  if grep -E 'network require authentication|is not valid yet' "$1" >/dev/null; then return; fi
  if grep -e NO_PUBKEY -e BADSIG -e EXPKEYSIG -e REVKEYSIG -e ERRSIG -e 'is not signed' -e 'ignature verification failed' \
    -e "couldn't be verified" -e 'be authenticated' -e 'Sub-process .*gpgv' -e 'Sub-process .*sqv' "$1" >/dev/null; then
    # Signatures have dates, too: with a wrong clock there is no telling.
    if clock_is_right; then return 1; fi
    return 0
  fi
  if grep -e 'sources could not be read' -e Malformed -e 'No space left' -e 'enough free space' -e 'Unable to locate' \
    -e 'installation candidate' -e 'was not found' -e 'unmet dependencies' -e 'dpkg returned' "$1" >/dev/null; then
    return 1
  fi
  # A mirror that is down or in the middle of its own update; a name that does not resolve; a lock that was free a moment ago.
  grep -e 'Failed to fetch' -e 'Unable to fetch' -e 'Could not resolve' -e 'Could not connect' -e 'Temporary failure' \
    -e 'Hash Sum mismatch' -e 'unexpected size' -e 'have a Release file' -e 'is expired' \
    -e 'Could not get lock' -e 'Unable to lock' -e 'Unable to acquire' "$1" >/dev/null
}

# try_apt WHAT TIMES ARGUMENT...: apt does it, or this ends with `later` or `die` and the reason
try_apt() {
  local what=$1 left=$2 pause=2 said complaint
  shift 2
  said=$(mktemp)
  while true; do
    wait_for_apt
    if apt "$@" </dev/null 2>&1 | tee "$said"; then
      rm -f "$said"
      return
    fi
    complaint=$(sed -n 's/^[EW]: //p' "$said" | head -n 1)
    if ! passes_by_itself "$said"; then
      rm -f "$said"
      die "apt could not $what: $complaint"
    fi
    left=$((left - 1))
    if [ "$left" -le 0 ]; then break; fi
    printf '  waiting  for apt: next try in %s seconds\n' "$pause"
    sleep "$pause"
    pause=$((pause * 2))
  done
  rm -f "$said"
  if ! clock_is_right; then later "apt could not $what, and the clock is not right ($(date)): $complaint"; fi
  later "apt could not $what: $complaint$(network_state)"
}

# architecture: that of the packages
architecture() { dpkg --print-architecture; }
installed_version() {
  local answer
  answer=$(dpkg-query --show --showformat='${Status}|${Version}' "$1" 2>/dev/null) || return 0
  case $answer in *" installed|"*) printf '%s\n' "${answer#*|}" ;; esac
}

# repair_packages: an installation that was cut short is finished first
repair_packages() {
  if ! dry; then wait_for_apt; fi
  if [ -n "$(dpkg --audit)" ] || [ -n "$(ls -A /var/lib/dpkg/updates)" ]; then
    if dry; then would "finish an interrupted installation"; return; fi
    # This fails if a dependency has not been unpacked yet: that is fixed next.
    dpkg --configure --pending --force-confdef --force-confold || true
    did "an interrupted installation was finished"
  fi
  # Cut short during unpacking: there is no telling which of its files are there, and apt considers it installed.
  local torn=()
  mapfile -t torn < <(dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' | sed -n 's/^half-installed //p')
  if [ -n "${torn[*]}" ]; then
    if dry; then would "unpack again: ${torn[*]}"; return; fi
    update_index
    try_apt "unpack ${torn[*]} again" 3 --reinstall --allow-change-held-packages install "${torn[@]}"
    did "${torn[*]} unpacked again"
  fi
  if ! apt check >/dev/null 2>&1; then
    if dry; then would "install missing dependencies"; return; fi
    try_apt "install missing dependencies" 3 --fix-broken install
    did "missing dependencies were installed"
  fi
}

# update_index: asks the package sources what they have, once per run. A source that does not answer is an error: a missing
# package later on would be harder to explain.
update_index() {
  if [ -n "${PIKC_TALLY:-}" ] && [ -e "$run/index-is-fresh" ]; then return; fi
  try_apt "read the package sources" 5 -o APT::Update::Error-Mode=any update
  mkdir -p "$run"
  : >"$run/index-is-fresh"
}

# install_packages PACKAGE[=VERSION]...: installs those that are missing. An installed one is left as it is, whatever its
# version: changing it is never the business of a second run.
install_packages() {
  local wanted version missing=()
  repair_packages
  for wanted in "$@"; do
    version=$(installed_version "${wanted%%=*}")
    if [ -n "$version" ]; then ok "${wanted%%=*} $version"; else missing+=("$wanted"); fi
  done
  if [ -z "${missing[*]}" ]; then return; fi
  if dry; then would "install ${missing[*]}"; return; fi
  update_index
  try_apt "install ${missing[*]}" 3 --no-install-recommends install "${missing[@]}"
  for wanted in "${missing[@]}"; do
    version=$(installed_version "${wanted%%=*}")
    if [ -z "$version" ]; then die "${wanted%%=*} is not installed, although apt claims so: dpkg --status ${wanted%%=*}"; fi
    did "${wanted%%=*} $version"
  done
}

# hold PACKAGE...: unattended upgrades leave these alone
hold() {
  local package
  for package in "$@"; do
    if [ "$(apt-mark showhold "$package")" = "$package" ]; then
      ok "$package is held"
    else
      act "$package is held" apt-mark hold "$package"
    fi
  done
}

# --- kubeadm --------------------------------------------------------------------------------------------------------------
# state/kubeadm records how far init or join has got on this machine: "started" before, "finished" after it.

# shellcheck disable=SC2034 # steps use it
admin=/etc/kubernetes/admin.conf

api_answers() { kubectl --kubeconfig "$admin" get --raw /readyz >/dev/null; }

# unit_of_ours UNIT: systemd knows what was placed, and the unit runs now and after every boot
unit_of_ours() {
  if ! dry && [ -e "$run/restart-$1" ]; then systemctl daemon-reload; fi
  unit_enabled "$1"
  restart_if_needed "$1"
  unit_on "$1"
}

# containers NAME: the running containers of a component; fails if the runtime does not answer
# shellcheck disable=SC2154 # the step has set `socket`
containers() { crictl --runtime-endpoint "unix://$socket" ps --quiet --state running --name "^$1\$" 2>/dev/null; }
# began_again NAME CONTAINER: another container of it is running, and the API server answers
began_again() {
  local now
  now=$(containers "$1") || now=''
  if [ -n "$now" ] && [ "$now" != "$2" ]; then api_answers; return; fi
  printf '%s is not running\n' "$1"
  return 1
}
# begin_again NAME CONTAINER WHY: the kubelet starts a new container, which reads its files again
begin_again() {
  act "$1 restarted, because $3" crictl --runtime-endpoint "unix://$socket" stop --timeout 30 "$2"
  show_changes 300 began_again "$1" "$2" ||
    die "$1 does not run with what it reads now: crictl ps --all, and crictl logs of its last container"
}

# not_done WHAT: stops for good if the API server answers, and for now if it does not
not_done() {
  if api_answers; then die "$1 (see above)"; fi
  later "$1: the API server does not answer"
}

kubeadm_is() { cat "$state/kubeadm" 2>/dev/null || true; }
set_kubeadm() {
  make_state
  printf '%s\n' "$1" >"$state/kubeadm.new"
  sync "$state/kubeadm.new"
  mv -f "$state/kubeadm.new" "$state/kubeadm"
}

# kubeadm_finished: remembers what kubeadm was given, to notice when that changes
kubeadm_finished() {
  settings_hash kubeadm.yaml >"$state/kubeadm-given"
  patches_hash >"$state/kubelet-patches"
  # What kubeadm wrote has to be on the disk before it counts as done: after a power cut now there would be empty files that nothing
  # would write again.
  sync
  set_kubeadm finished
}
# settings_hash FILE-OR-FOLDER: of the settings below /etc/pikc; a reworded comment changes nothing
settings_hash() {
  (cd "$etc" && find "$1" -type f ! -name '.*' | sort | while IFS= read -r file; do
    printf '%s\n' "$file"
    sed '/^ *#/d' "$file"
  done) | sha256sum | cut -c1-64
}
patches_hash() { settings_hash patches; }

# show_changes SECONDS COMMAND...: runs it every three seconds until it succeeds, and shows its output whenever that changes
show_changes() {
  local end now last=''
  end=$(($(seconds_up) + $1))
  shift
  until now=$("$@" 2>&1); do
    if [ "$now" != "$last" ]; then printf '  waiting  %s\n' "${now//$'\n'/$'\n'           }"; fi
    last=$now
    if [ "$(seconds_up)" -ge "$end" ]; then return 1; fi
    sleep 3
  done
}
