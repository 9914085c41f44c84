#!/usr/bin/env bash
# Turns this machine into what the spec describes, step by step. Safe to run again at any time, even after being cut short.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
set -Eeuo pipefail
shopt -s inherit_errexit
umask 022
export LC_ALL=C

usage() {
  cat <<'END'
usage: sudo ./run.sh [what]

  (nothing)      all steps; reboots where necessary and continues on its own
  --list         the steps and what each one is for
  --status       how far this machine has got
  --dry-run      what would be changed; changes nothing
  --only STEP    one step (by name or number)
  --from STEP    that step and those after it
  --join FILE    keep FILE as the join file ("-": standard input), then all steps
  --start        all steps in the background, resumed at the next boot if power is lost: what cards and cloud-init do
  --new-join     control plane: make a new join file, because the old one has expired
  --verify       control plane: run the tree's verify.sh from standard input: do pods, DNS and services work on all nodes?
  --reset        take this machine out of the cluster: undo what the steps did. Asks first, unless --yes is given; with --dry-run:
                 what would be undone
  --no-reboot    with any of them: if a reboot is needed, say so and stop
  --help         this text

exit status: 0 done; 1 a step failed; 2 the command line is wrong; 3 a reboot is needed, or under way;
             4 a step cannot be done now (the network, the time, a lock, a mirror): run it again later;
             75 waiting for the join file
If no person started it (after a reboot, from a card, by cloud-init), a step that cannot be done now is retried
automatically, with pauses that grow to half an hour; --status says what it is waiting for. What you type takes precedence.
The bundle is kept in /opt/pikc, logs in /var/log/pikc.
END
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=/opt/pikc
carried=/opt/pikc.carrier # where cloud-init or a card's first boot puts the bundle; removed as soon as it is installed
state=/var/lib/pikc
run=/run/pikc
etc=/etc/pikc
logs=/var/log/pikc
unit=/etc/systemd/system/pikc-resume.service
barrier=50 # steps from this number on need the earlier steps' settings in force, not just written down
asks_outside='3[2-5]-*' # earlier ones that need the network: not before the reboot that puts new settings in force
pauses=(1 2 3 5 10 15 30) # minutes between tries; the last one repeats forever
log=/dev/null

say() { printf '%s\n' "$*" | tee -a "$log"; }
stop() { printf '%s\n' "$*" | tee -a "$log" >&2; exit 1; }
wrong() { printf '%s\n' "$*" "See --help." >&2; exit 2; }

# --- the command line -----------------------------------------------------------------------------------------------------

what=run only='' from='' join='' reboot=yes resumed='' reset='' yes='' later='' given=("$@")
while [ $# -gt 0 ]; do
  case $1 in
    --list | --status | --dry-run | --new-join | --verify | --start) what=${1#--} ;;
    --start-later) what=start later=yes ;; # only firstrun.sh uses this: the boot that it runs in ends in a reboot
    --only | --from | --join)
      if [ $# -lt 2 ]; then wrong "$1 needs a value after it"; fi
      case $1 in --only) only=$2 ;; --from) from=$2 ;; --join) join=$2 ;; esac
      shift ;;
    --no-reboot) reboot='' ;;
    --reset) reset=yes ;;
    --yes) yes=yes ;;
    --resume) resumed=yes ;; # only pikc-resume.service uses this
    -h | --help) usage; exit 0 ;;
    *) wrong "run.sh does not know $1" ;;
  esac
  shift
done
if [ "${PIKC_NO_REBOOT:-0}" = 1 ]; then reboot=''; fi
if [ -n "$only" ] && [ -n "$from" ]; then wrong "--only and --from cannot be combined"; fi
if [ -n "$reset" ] && [ -n "$only$from$join" ]; then wrong "--reset can only be combined with --yes and --dry-run"; fi
if [ -n "$yes" ] && [ -z "$reset" ]; then wrong "--yes answers what --reset asks"; fi

# --- the bundle -----------------------------------------------------------------------------------------------------------

# A file that is in neither list is not part of the bundle: what a file manager leaves behind is neither run nor installed.
bundle_id() { cat "$here/class.list" "$here/node.list" | sha256sum | cut -c1-12; }
bundle_files() { sed 's/^[0-9a-f]*  [0-7]*  [^ ]*  //' "$here/class.list" "$here/node.list"; }
steps() { sed -n 's|^[0-9a-f]*  [0-7]*  [^ ]*  steps/\([0-9][0-9]-[a-z0-9-]*\)\.sh$|\1|p' "$here/class.list" | sort; }
node_value() { sed -n "s/^$1=//p" "$here/node.conf"; }

verify() {
  local list
  for list in class.list node.list; do
    if [ ! -f "$here/$list" ]; then stop "$here/$list is missing: copy the node's folder as a whole (scp -r, cp -rL)"; fi
    if grep -Evq '^[0-9a-f]{64}  [0-7]{4}  [a-z_][a-z0-9_-]*:[a-z_][a-z0-9_-]*  [^/ ]' "$here/$list" ||
      grep -Eq '[ /]\.\.(/|$)' "$here/$list"; then
      stop "$here/$list is damaged: copy the bundle again"
    fi
  done
  if ! (cd "$here" && cat class.list node.list | sed 's/  [0-7]*  [^ ]*  /  /' | sha256sum --check --strict --quiet -) >&2; then
    stop "the bundle in $here is not what pikc wrote (see above): nothing was done. Copy it again, or compile again."
  fi
}

# installed NAME: whether /opt/pikc is that bundle, complete
installed() {
  local path
  if [ "$(readlink "$home")" != "pikc.bundles/$1" ]; then return 1; fi
  while IFS= read -r path; do cmp -s "$here/$path" "$home/$path" || return 1; done < <(bundle_files)
}

# The bundle goes into a folder named after its content, and /opt/pikc becomes a link to it atomically.
install_bundle() {
  local name path mode
  if [ "$here" = "$home" ]; then return; fi
  name=$(bundle_id)
  if ! installed "$name"; then
    install -d -m 0700 "$home.bundles"
    rm -rf "$home.bundles/$name"
    install -d -m 0700 "$home.bundles/$name"
    { printf 'class.list\nnode.list\n'; bundle_files; } | while IFS= read -r path; do
      case $path in *.sh) mode=0700 ;; *) mode=0600 ;; esac
      install -D -m "$mode" "$here/$path" "$home.bundles/$name/$path"
    done
    sync
    ln -sfn "pikc.bundles/$name" "$home.new"
    mv -fT "$home.new" "$home"
    say "installed in $home"
  fi
  find "$home.bundles" -mindepth 1 -maxdepth 1 ! -name "$name" -exec rm -rf {} +
}

# step_named WORD: the step with that name or number
step_named() {
  local step
  for step in $(steps); do
    case $1 in "$step" | "${step%%-*}" | "${step#*-}") printf '%s\n' "$step"; return ;; esac
  done
  wrong "there is no step $1; --list shows them"
}

# --- what a person can ask --------------------------------------------------------------------------------------------------

list() {
  local step
  for step in $(steps); do printf '%-24s %s\n' "$step" "$(sed -n '2s/^# [^:]*: //p' "$here/steps/$step.sh")"; done
}

# up: seconds since boot; the time of day jumps when a time server answers
up() { cut -d . -f 1 /proc/uptime; }
minutes() { if [ "$1" -lt 90 ]; then printf '%s seconds' "$1"; else printf '%s minutes' "$((($1 + 30) / 60))"; fi; }
tries() { if [ "$1" = 1 ]; then printf 'once'; else printf '%s times' "$1"; fi; }
waiting() { sed -n "s/^$1=//p" "$state/waiting" 2>/dev/null || true; } # a value that not_now recorded

# unfinished STEP WORD: why it has not finished, and what comes next
unfinished() {
  local left line
  say "not finished: $1 ($2)"
  case $2 in
    started)
      line=$(grep -h '^  [a-zA-Z]' "$(newest_log)" 2>/dev/null | tail -n 1 || true)
      case $line in '  waiting '*) printf 'waiting %s\n' "${line#  waiting  }" ;; esac ;;
    'not now: '* | failed*)
      if [ ! -e "$unit" ]; then say "it will not be retried automatically: sudo $home/run.sh"; fi ;;
  esac
  if [ ! -e "$unit" ] || [ ! -e "$state/waiting" ]; then return; fi
  printf 'tried %s in %s' "$(tries "$(waiting tries)")" "$(minutes "$(waiting seconds)")"
  if [ -e "$run/next-try" ]; then
    left=$(($(cat "$run/next-try") - $(up)))
    if [ "$left" -lt 0 ]; then left=0; fi
    printf '; next try in %s, automatically; right now: sudo %s/run.sh\n' "$(minutes "$left")" "$home"
  else
    printf ', and being retried now\n'
  fi
}
# newest_log: that of the last run since boot; else the last one by name, which is wrong if the clock was
newest_log() {
  if [ -e "$run/log" ] && [ -e "$(cat "$run/log")" ]; then cat "$run/log"; return; fi
  # shellcheck disable=SC2012 # we chose these names: each is a time
  ls -1 "$logs"/*.log 2>/dev/null | tail -n 1
}

status() {
  local step word now='' text=''
  if [ ! -d "$state" ]; then say "pikc has not run on this machine"; return; fi
  for step in $(steps); do
    word='not yet'
    if [ -e "$state/steps/$step" ]; then word=$(cat "$state/steps/$step"); fi
    printf '%-24s %s\n' "$step" "$word"
    case $word in done) ;; *) if [ -z "$now" ]; then now=$step text=$word; fi ;; esac
  done
  if [ -d "$logs" ]; then printf '%-24s %s\n' "newest log" "$(newest_log)"; fi
  local ends # kubeadm makes all of them at one time, and nothing here renews them
  if ends=$(openssl x509 -noout -enddate -in /etc/kubernetes/pki/apiserver.crt 2>/dev/null); then
    printf '%-24s %s\n' 'certificates end' "${ends#*=}, unless they are renewed before"
  fi
  if [ -e "$run/reboot-wanted" ]; then sed 's/^/a reboot is needed: /' "$run/reboot-wanted"; fi
  if [ -n "$now" ]; then
    unfinished "$now" "$text"
  elif [ "$(cat "$state/complete" 2>/dev/null)" != "$(bundle_id)" ]; then
    say "not finished: this bundle has not been run to the end"
  else
    ready
  fi
}

ready() {
  case $(node_value role) in
    control-plane) say "control plane ready" ;;
    *) say "worker ready" ;;
  esac
}

# --- reboots --------------------------------------------------------------------------------------------------------------

resume_on() {
  cat >"$unit.new" <<'END'
# Made by pikc: runs /opt/pikc/run.sh, or resumes it after a reboot that it asked for; run.sh removes this unit.
[Unit]
Description=pikc turns this machine into what the spec describes
Wants=network-online.target
After=network-online.target

[Service]
# exec: the boot does not wait for the steps to finish.
Type=exec
ExecStart=/opt/pikc/run.sh --resume
StandardOutput=journal+console
SuccessExitStatus=3 75

[Install]
WantedBy=multi-user.target
END
  sync "$unit.new"
  mv -f "$unit.new" "$unit"
  systemctl daemon-reload
  systemctl enable pikc-resume.service
}

# resume_off: nothing continues on its own any more
resume_off() {
  rm -f "$unit.new" "$state/reboots" "$state/reboots.new" "$state/waiting" "$state/waiting.new" "$run/next-try"
  if [ ! -e "$unit" ]; then return; fi
  if [ -n "$resumed" ]; then
    # This run is the unit's own. systemd keeps the unit loaded, or a run that ends with 3 or 75 would count as failed.
    systemctl --no-reload disable pikc-resume.service
    rm -f "$unit"
  else
    # The unit is between two tries, because this run has the lock: its pause is over.
    systemctl disable --now pikc-resume.service
    rm -f "$unit"
    systemctl daemon-reload
  fi
}

# resume_over STEP: the same, because STEP has come to an end; but a run of some steps alone must not stop the retries of another
resume_over() { if [ -z "$only$from" ] || [ "$(waiting step)" = "$1" ]; then resume_off; fi; }

reboot_wanted() { [ -s "$run/reboot-wanted" ]; }

# go_reboot: arranges for the run to continue afterwards, and reboots. Three in one run are enough for any machine: a fourth
# means that rebooting does not bring about what a step is waiting for.
go_reboot() {
  local count
  if [ -z "$reboot" ] || [ -n "$only" ]; then
    say "A reboot is needed:"
    sed 's/^/  /' "$run/reboot-wanted" | tee -a "$log"
    say "After it, run this again: sudo $home/run.sh"
    if [ -z "$only" ]; then resume_off; fi
    exit 3
  fi
  count=$(($(cat "$state/reboots" 2>/dev/null || echo 0) + 1))
  if [ "$count" -gt 3 ]; then
    say "Rebooted three times, and a reboot is still needed:"
    sed 's/^/  /' "$run/reboot-wanted" | tee -a "$log"
    resume_off
    stop "Stopped here, so that the machine does not reboot forever. Fix what is reported above, then run this again."
  fi
  printf '%s\n' "$count" >"$state/reboots.new"
  mv -f "$state/reboots.new" "$state/reboots"
  resume_on
  say "rebooting; the rest follows automatically"
  sync
  systemctl reboot
  exit 3
}

# --- one run --------------------------------------------------------------------------------------------------------------

mark() {
  printf '%s\n' "$2" >"$state/.step"
  mv -f "$state/.step" "$state/steps/$1"
}

# said WORD: what the step that ended last printed after that word
said() { sed -n "s/^  $1  *//p" "$log" | tail -n 1; }

# not_now STEP: what it needs is not available, but may be in a while. A person who started this is told so. If no one did, the
# same process retries, with pauses in which a person's run can go first; what it is waiting for is on the disk, and its unit
# stays, so a reboot or a power cut only shortens the pause. It never gives up: the router may be off for a week.
not_now() {
  local step=$1 reason tries=1 seconds=0 pause
  reason=$(said LATER)
  mark "$step" "not now: $reason"
  if [ -z "$resumed" ]; then
    say "Stopped at step $step, which cannot be done now: $reason"
    if [ -e "$unit" ]; then
      say "It will be retried automatically: $home/run.sh --status"
      systemctl --no-block start pikc-resume.service
    else
      say "Its output is above and in $log. It is safe to run this again at any time: sudo $home/run.sh"
    fi
    exit 4
  fi
  if [ -n "$reboot" ] && [ ! -e "$state/reboots" ] && reboot_wanted; then
    say "Step $step cannot be done now ($reason): settings that are not in force yet may be what is missing"
    go_reboot
  fi
  if [ "$(waiting step)" = "$step" ]; then
    tries=$(($(waiting tries) + 1)) seconds=$(($(waiting seconds) + $(waiting pause)))
    # A try that ended like the previous one replaces its log: otherwise retries would push out the logs of what came before.
    if [ "$(waiting reason)" = "$reason" ] && [ "$(waiting log)" != "$log" ]; then rm -f "$(waiting log)"; fi
  fi
  pause=$((${pauses[tries - 1]:-${pauses[-1]}} * 60))
  seconds=$((seconds + $(up) - began))
  printf '%s\n' "step=$step" "reason=$reason" "tries=$tries" "seconds=$seconds" "pause=$pause" "log=$log" >"$state/waiting.new"
  sync "$state/waiting.new"
  mv -f "$state/waiting.new" "$state/waiting"
  say "Step $step cannot be done now: $reason"
  say "Tried $(tries "$tries"); next try in $(minutes "$pause"), automatically, until it works. Right now: sudo $home/run.sh"
  printf '%s\n' "$(($(up) + pause))" >"$run/next-try"
  exec 9>&-
  sleep "$pause"
  exec "$home/run.sh" --resume
}

run_step() {
  local step=$1 status
  say "$step"
  if [ "$what" = dry-run ]; then
    bash "$here/steps/$step.sh" </dev/null || failed=$step
    return
  fi
  mark "$step" started
  set +e
  bash "$here/steps/$step.sh" </dev/null 2>&1 | tee -a "$log"
  status=${PIPESTATUS[0]}
  set -e
  case $status in
    0)
      mark "$step" 'done'
      if [ "$(waiting step)" = "$step" ]; then rm -f "$state/waiting"; fi ;;
    11) not_now "$step" ;;
    75)
      mark "$step" "waits for the join file"
      resume_over "$step"
      exit 75 ;;
    *)
      mark "$step" "failed: $(said FAILED)"
      resume_over "$step"
      say "Stopped at step $step. Its output is above and in $log."
      say "Once the cause is fixed, it is safe to run this again: sudo $home/run.sh"
      exit 1 ;;
  esac
}

summary() {
  local changed notes
  changed=$(grep -c '^changed' "$PIKC_TALLY" || true)
  notes=$(grep -c '^note' "$PIKC_TALLY" || true)
  if [ "$notes" -gt 0 ]; then
    say "worth reading:"
    sed -n 's/^note /  /p' "$PIKC_TALLY" | sort -u | tee -a "$log"
  fi
  if [ "$changed" = 0 ]; then say "nothing changed"; else say "$changed changed"; fi
}

# --- reset ----------------------------------------------------------------------------------------------------------------

# confirmed: a person answers with the node's name
confirmed() {
  local answer
  if [ ! -t 0 ]; then wrong "there is no terminal to answer at; --yes answers for you"; fi
  read -r -p "Type the node's name to continue: " answer
  if [ "$answer" != "$(node_value name)" ]; then stop "nothing was done"; fi
}

# ask: says first what a reset destroys
ask() {
  local name
  if [ -n "$yes" ]; then return; fi
  name=$(node_value name)
  case $(node_value role) in
    control-plane)
      echo "This ends the control plane on $name: etcd is deleted, and with it everything in the cluster." ;;
    *)
      echo "This takes $name out of the cluster. Its pods end here; they start again elsewhere only if a controller recreates them."
      echo "First, on the control plane: kubectl drain $name --ignore-daemonsets --delete-emptydir-data; kubectl delete node $name" ;;
  esac
  confirmed
}

# aside NAME SCRIPT [ARGUMENT]: runs a script that is no step, with a log of its own
aside() {
  log=$logs/$(date -u +%Y%m%dT%H%M%SZ).log
  : >>"$log"
  printf '%s\n' "$log" >"$run/log"
  export PIKC_TALLY=$run/tally
  : >"$PIKC_TALLY"
  say "$1"
  set +e
  bash "${@:2}" </dev/null 2>&1 | tee -a "$log"
  status=${PIPESTATUS[0]}
  set -e
  if [ "$status" != 0 ]; then stop "The $1 stopped (see above and $log). Once the cause is fixed, it is safe to run it again."; fi
  summary
}

undo() {
  resume_off
  aside reset "$here/reset.sh"
  if grep -q '^changed' "$PIKC_TALLY"; then
    say "Packet filter rules and settings of the running kernel stay until the next boot: sudo reboot"
    say "The bundle is still in $home: sudo $home/run.sh makes this machine a node again. What is left of pikc is in"
    say "$home, $home.bundles, $state and $logs."
  fi
}

case $what in
  list) verify; list; exit 0 ;;
esac
if [ "$(id -u)" != 0 ]; then stop "this needs root: sudo $0 ${given[*]}"; fi
verify
case $what in
  status) status; exit 0 ;;
esac

if [ -n "$only" ]; then only=$(step_named "$only"); fi
if [ -n "$from" ]; then from=$(step_named "$from"); fi
if [ "$what" = new-join ]; then
  if ! steps | grep -x '[0-9]*-join-file' >/dev/null; then wrong "only the control plane makes join files"; fi
  only=$(step_named join-file)
  export PIKC_NEW_JOIN=1
fi

if [ "$what" = verify ]; then
  if ! steps | grep -x '[0-9]*-kubeadm-init' >/dev/null; then wrong "only the control plane can verify the cluster: run it there"; fi
  if [ -t 0 ]; then wrong "--verify reads the tree's verify.sh from standard input"; fi
  script=$(cat)
  install -d -m 0755 "$run"
  exec 9>"$run/verify.lock"
  if ! flock -n 9; then stop "another run.sh --verify is at work on this machine"; fi
  if bash -c "$script" verify </dev/null; then say "pods, DNS and services work on all nodes"; exit 0; fi
  stop "The cluster does not work everywhere (see above). The runbook says what to do: If something stops."
fi

if [ -n "$reset" ] && [ "$what" = dry-run ]; then
  PIKC_DRY_RUN=1 bash "$here/reset.sh" </dev/null
  say "dry run: nothing was changed"
  exit 0
fi
if [ "$what" = dry-run ]; then
  export PIKC_DRY_RUN=1
  failed=''
  for step in $(steps); do
    if [ -n "$only" ] && [ "$step" != "$only" ]; then continue; fi
    if [ -n "$from" ] && [[ $step < $from ]]; then continue; fi
    run_step "$step"
  done
  if [ -n "$failed" ]; then stop "dry run: nothing was changed; a step found a problem that would stop it (see above)"; fi
  say "dry run: nothing was changed"
  exit 0
fi

# Before taking the lock: a pipe, a device or a folder might never deliver anything, and everyone else would have to wait, too.
if [ -n "$join" ] && [ "$join" != - ] && [ ! -f "$join" ]; then
  stop "$join is not a file: name a copy of the control plane's $etc/join.conf, or write --join - to read standard input"
fi

# One run at a time. The lock is held until the last process that has it ends, so a step that outlives a killed run keeps it.
install -d -m 0700 "$state" "$state/steps" "$logs"
install -d -m 0755 "$run"
exec 9>"$run/lock"
if [ -n "$join" ] && ! flock -n 9; then
  echo "another run.sh is at work on this machine: this one waits until it ends, and then joins"
  flock -w 1800 9 || true
fi
if [ -n "$resumed" ]; then
  # A person's run goes first. If it has finished the job, the unit is gone.
  flock 9
  rm -f "$run/next-try"
  if [ ! -e "$unit" ]; then exit 0; fi
elif ! flock -n 9; then
  stop "another run.sh is at work on this machine: $home/run.sh --status shows how far it has got"
fi

if [ -n "$reset" ]; then
  ask
  undo
  exit 0
fi
if [ "$here" != "$home" ]; then
  install_bundle
  exec "$home/run.sh" "${given[@]}"
fi

began=$(up)
log=$logs/$(date -u +%Y%m%dT%H%M%SZ).log
: >>"$log"
printf '%s\n' "$log" >"$run/log"
# Thirty are kept, and this one always: if the clock is wrong, its name may sort before all others.
find "$logs" -name '*.log' ! -path "$log" | sort -r | tail -n +30 | while IFS= read -r old; do rm -f "$old"; done
export PIKC_TALLY=$run/tally
: >"$PIKC_TALLY"
rm -f "$run/index-is-fresh"

# The unit that resumes after a reboot also begins the run: if power is lost at any moment, it is there for the next boot.
if [ "$what" = start ]; then
  rm -f "$state/reboots" "$state/waiting"
  resume_on
  sync
  rm -rf "$carried"
  exec 9>&-
  if [ -n "$later" ]; then exit 0; fi
  systemctl --no-block restart pikc-resume.service # ends a pause between two tries
  say "started in the background: $home/run.sh --status shows how far it has got; logs are in $logs"
  exit 0
fi

if [ -n "$join" ]; then
  if ! steps | grep -x '[0-9]*-kubeadm-join' >/dev/null; then wrong "only a worker uses a join file"; fi
  install -d -m 0755 "$etc"
  from_join=(cat)
  # Anyone who can write there may have put a pipe in the file's place since.
  if [ "$join" != - ]; then from_join=(timeout 10 cat -- "$join"); fi
  (umask 077 && "${from_join[@]}" >"$etc/.discovery.conf.new") || stop "$join cannot be read"
  if ! grep -q '^kind: Config$' "$etc/.discovery.conf.new" || ! grep -q '^ *token: ' "$etc/.discovery.conf.new"; then
    rm -f "$etc/.discovery.conf.new"
    stop "$join is not a join file: on the control plane it is $etc/join.conf"
  fi
  sync "$etc/.discovery.conf.new"
  mv -f "$etc/.discovery.conf.new" "$etc/discovery.conf"
  say "the join file is now $etc/discovery.conf"
fi

if [ -z "$resumed" ]; then
  rm -f "$state/reboots"
elif [ -e "$state/waiting" ]; then
  say "retrying: $(waiting step) could not be done ($(waiting reason))"
elif [ -e "$state/reboots" ]; then
  say "continuing after the reboot"
fi
if [ -n "$resumed" ] && command -v cloud-init >/dev/null; then
  # Its last stages run at the same time as this and create accounts, too; a reboot in the middle of them would leave the machine half set up.
  timeout 600 cloud-init status --wait >/dev/null || true
fi
rm -f "$run/wanted" "$state/reset"
if [ -z "$only$from" ]; then : >"$run/wanted"; fi # a full run knows everything that is wanted, so it may tidy up at the end

for step in $(steps); do
  if [ -n "$only" ] && [ "$step" != "$only" ]; then continue; fi
  if [ -n "$from" ] && [[ $step < $from ]]; then continue; fi
  if [ -z "$only" ] && [ "${step%%-*}" -ge "$barrier" ] && reboot_wanted; then go_reboot; fi
  # Step 30 has written new network settings: the network that is up now is not theirs, and may lead nowhere.
  # shellcheck disable=SC2053 # a pattern
  if [ -z "$only" ] && [[ $step == $asks_outside ]] &&
    grep -qsx 'the network settings' "$run/reboot-wanted"; then
    say "$step"
    say "  later    after the reboot: it needs the network, whose settings have changed"
    mark "$step" "after the reboot"
    continue
  fi
  run_step "$step"
done
if reboot_wanted; then
  summary
  go_reboot
fi
if [ -z "$only$from" ]; then resume_off; fi
if [ -z "$only$from" ] && [ "$(cat "$state/complete" 2>/dev/null)" != "$(bundle_id)" ]; then
  bundle_id >"$state/complete.new"
  mv -f "$state/complete.new" "$state/complete"
fi
rm -f "$run/wanted"
summary
if [ -z "$only$from" ]; then ready; fi
