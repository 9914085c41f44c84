"""Hostile accounts: what root does in a home folder while its owner swaps files for links, FIFOs and worse."""

import re

from lab import must, scenario

AGAIN = "/opt/pikc/run.sh"

# Acts as the account: it replaces each file a few dozen times a second. Here it can write to /home itself, too,
# so that its home folder is no safer than the files in it.
HOSTILE = r"""
use strict; use warnings; use POSIX qw(mkfifo setuid setgid); use Socket;
my ($uid, $gid, $seed, $signal, $often) = @ARGV;
srand $seed;
$( = $) = "$gid $gid"; setgid $gid; setuid $uid; die "still root" if $< == 0 or $> == 0;
umask 0;
my @victims = ("/etc/shadow", "/root/secret", "/etc/canary", "/dev/zero", "/etc/pikc/join.conf", "/nowhere/at/all", "/proc/self/fd/0");
my @folders = ("/etc", "/root", "/root/.ssh", "/etc/pikc", "/home/pi", "/nowhere");
my $spare = 0;
sub away { my $path = shift; if (-l $path or -e _) { rename $path, "/home/heap/" . $spare++ % 400 . ".$$" or unlink $path; } }
sub any { $_[rand @_] }
sub hold { socket(my $s, PF_UNIX, SOCK_STREAM, 0); bind $s, pack_sockaddr_un($_[0]); }
sub plain { my $path = shift; open(my $f, ">", $path) or return; print $f "ssh-ed25519 AAAAmine me\n" if rand() < 0.7; chmod any(0600, 0644, 0777), $f; }
sub huge { my $path = shift; open(my $f, ">", $path) or return; truncate $f, 1 << 36; }
sub odd { my $path = shift; away($path); any(
    sub { symlink any(@victims), $path }, sub { symlink any(@victims), $path }, sub { mkfifo $path, 0666 }, sub { mkdir $path },
    sub { hold($path) }, sub { huge($path) }, sub { link "/home/heap/mine", $path }, (sub { plain($path) }) x 8,
    sub { mkdir $path; plain("$path/in-the-way") }, sub { })->(); }
sub folder { my $path = shift; away($path); any(
    sub { symlink any(@folders), $path }, sub { mkfifo $path, 0666 }, sub { plain($path) }, sub { mkdir $path, any(0700, 0777, 0500) },
    sub { hold($path) }, (sub { mkdir $path, 0700 }) x 12)->(); }
plain("/home/heap/mine");
# Processes that root starts as this account belong to the account, too.
my $mother = $$;
if (fork() == 0) {
    while (getppid() == $mother) {
        if (rand() < $often) { kill $signal, grep { $_ != $$ && $_ != $mother } map { m|(\d+)$| } glob "/proc/.real/[0-9]*"; }
        select undef, undef, undef, 0.003;
    }
    exit;
}
while (1) {
    for my $home ("/home/pi") {
        my $what = rand;
        if ($what < 0.01) { away($home); any(sub { symlink any(@folders), $home }, sub { mkfifo $home, 0666 }, sub { mkdir $home, 0755 })->(); }
        elsif (-l $home or not -d $home) { if ($what < 0.3) { away($home); mkdir $home, 0755; } }
        elsif ($what < 0.03) { away($home); mkdir $home, 0755; }
        elsif ($what < 0.15) { folder("$home/" . any(".ssh", ".kube")); }
        else { odd("$home/" . any(".ssh/authorized_keys", ".kube/config", ".ssh/authorized_keys", ".ssh/.authorized_keys.pikc-new",
                                  ".kube/.config.pikc-new")); }
    }
    select undef, undef, undef, rand 0.1;
}
"""

# Runs one of root's steps after the other, and checks after each that nothing forbidden has happened: the account's process is
# stopped during the check. Prints a line for each failure, and totals at the end.
ROUNDS = r"""
rounds=$1 seed=$2 signal=$3 often=$4
lost() { echo "LOST round $round ($word): $*"; kill -9 "$mallory" 2>/dev/null; exit 1; }
uid=$(id -u pi) gid=$(id -g pi)
mkdir -p /root/.ssh /home/heap; chmod 0777 /home /home/heap; chown pi: /home/heap
chmod 0700 /root/.ssh
echo canary-of-root >/root/secret; chmod 0600 /root/secret
echo canary-of-etc >/etc/canary; chmod 0644 /etc/canary
echo '# none of your keys' >/root/.ssh/authorized_keys
echo 'canary:$6$CANARYOFSHADOW$x:19000:0:99999:7:::' >>/etc/shadow
# Root's files, with their permissions and content.
roots() { find /etc /root -xdev ! -path '/etc/pikc*' -printf '%p %m %U:%G %s %l\n' | sort; sha256sum /etc/shadow /root/secret /etc/canary /root/.ssh/authorized_keys /etc/passwd /etc/pikc/join.conf; }
roots >/run/roots-before
cat >/run/untidy.sh <<'IN'
. /opt/pikc/lib.sh
mkdir -p "$run"
{ cut -c67- "$state/placed" | grep -v '^/home/'; sed 's/^[^ ]*  //' "$state/blocks" | grep -v '^keys'; } >"$run/wanted"
tidy
rm -f "$run/wanted"
IN
perl /root/hostile.pl "$uid" "$gid" "$seed" "$signal" "$often" & mallory=$!
fine=0 refused=0 longest=0; : >/run/why
for round in $(seq "$rounds"); do
  case $((round % 4)) in
    0) word=tidy; command="/run/untidy.sh" ;;
    1 | 3) word=users; command=$(echo /opt/pikc/steps/25-*.sh) ;;
    2) word=kubeconfig; command=$(echo /opt/pikc/steps/74-*.sh) ;;
  esac
  begin=$SECONDS
  timeout -k 1 100 bash "$command" </dev/null >/run/said 2>&1; status=$?
  took=$((SECONDS - begin)); if [ "$took" -gt "$longest" ]; then longest=$took; fi
  kill -STOP "$mallory" || lost "the account's process has ended"
  case $status in
    0) if grep -q '  changed  /home/pi' /run/said; then fine=$((fine + 1)); fi ;;
    124 | 137) cat /run/said; lost "it hangs" ;;
    9) refused=$((refused + 1)); sed -n 's/.*FAILED *//p' /run/said >>/run/why; grep -q 'FAILED .*/home/pi' /run/said || { cat /run/said; lost "what was refused is not named"; } ;;
    *) cat /run/said; lost "it ended with $status" ;;
  esac
  roots >/run/roots-after
  cmp -s /run/roots-before /run/roots-after || { diff /run/roots-before /run/roots-after; lost "root's own files are changed"; }
  leaked=$(find /home /tmp -xdev -type f -size -3000k -print0 | xargs -0 -r grep -lE 'CANARYOFSHADOW|canary-of-root' 2>/dev/null)
  if [ -n "$leaked" ]; then ls -l $leaked; lost "a secret of root's is in $leaked"; fi
  if grep -qE 'CANARYOFSHADOW|canary-of-root' /run/said; then lost "a secret of root's is printed"; fi
  find /home -xdev ! -user pi ! -path /home | grep . >/run/roots-in-home && { cat /run/roots-in-home; lost "root has created something in the account's home"; }
  kill -CONT "$mallory"
done
kill -9 "$mallory"; wait "$mallory" 2>/dev/null
echo "what was refused, and how often:"
sort /run/why | uniq -c | sort -rn
echo "ROUNDS $rounds fine $fine refused $refused longest $longest"
chmod 0755 /home; rm -rf /home/heap /home/pi; mkdir -m 0755 /home/pi; chown pi: /home/pi
sed -i /CANARYOFSHADOW/d /etc/shadow
bash /run/untidy.sh >/run/said 2>&1 || { cat /run/said; echo "LOST: tidying up afterwards"; }
"""


def hostile(lab, rounds, seed, signal="KILL 0.003"):
    machine = lab.twin("node01")
    machine.give_text("/root/hostile.pl", HOSTILE)
    machine.give_text("/root/rounds.sh", ROUNDS)
    outcome = machine.boot(f"bash /root/rounds.sh {rounds} {seed} {signal}", timeout=240 + 40 * rounds)
    must("LOST" not in outcome.output, "nothing of root's is read, changed or waited for", outcome.output)
    found = re.search(rf"ROUNDS {rounds} fine (\d+) refused (\d+) longest (\d+)", outcome.output)
    must(found, f"all {rounds} rounds finished", outcome.output)
    must(int(found[2]) and (rounds < 20 or int(found[1])), f"some succeeded and some were refused: {found[0]}", outcome.output)
    told = outcome.output[outcome.output.index("what was refused, and how often"):found.end()]
    outcome = machine.boot(AGAIN)
    must(outcome.status == 0 and "control plane ready" in outcome.output, "without the hostile process, a run succeeds", outcome.output)
    for path, word in (("/home/pi/.ssh/authorized_keys", "pikc keys"), ("/home/pi/.kube/config", "clusters:")):
        must(word in machine.read(path), f"{path} has the right content")
        must(lab.mode(machine, path).startswith("0600 1"), f"only the account can read {path}, not {lab.mode(machine, path)}")
    again = machine.boot(AGAIN)
    must(again.status == 0 and not again.changed, "and another run changes nothing: " + "; ".join(again.changed), again.output)
    return told


@scenario("a hostile account swaps its files for links and FIFOs while root works: nothing is read or changed for it")
def short(lab):
    hostile(lab, 40, 1)


@scenario("root writes nothing to a folder that accounts other than root can write to, and removes nothing from there")
def closed(lab):
    machine = lab.twin("node01")
    machine.boot("mkdir -m 0777 /srv/open /srv/open/in; mkdir /srv/group /srv/closed; chgrp pi /srv/group; chmod 0775 /srv/group; "
                 "ln -s /srv/open /srv/closed/link; install -d -o pi /srv/theirs")
    for folder, may in (("open/in", False), ("group", False), ("theirs", False), ("closed/link", False), ("closed", True), ("closed/new", True)):
        path = f"/srv/{folder}/file"
        done = machine.boot(f"exec 2>&1; . /opt/pikc/lib.sh; swap_in /etc/hostname {path} 0644 root:root; echo put-$((1 + 1))")
        must(("put-2" in done.output) == may, f"{path}: {'written' if may else 'refused'}", done.output)
        must(machine.exists(path) == may, f"{path} is {'there' if may else 'not there'}", done.output)
        must(may or f"FAILED   {path} is in a folder that accounts other than root can write to" in done.output, "it says why", done.output)
    # An account was deleted, and its home folder stayed: root no longer touches what pikc placed there.
    machine.boot("install -d -o 4321 /home/gone /home/gone/.kube; cp /etc/hostname /home/gone/.kube/config; "
                 "echo \"$(sha256sum </etc/hostname | cut -c1-64)  /home/gone/.kube/config\" >>/var/lib/pikc/placed")
    done = machine.boot(AGAIN)
    must(done.status == 0 and "/home/gone/.kube/config is no longer wanted" in done.output, "it is named", done.output)
    must(machine.exists("/home/gone/.kube/config"), "and left")
    again = machine.boot(AGAIN)
    must("/home/gone" not in again.output, "once", again.output)


def shadow(machine, name):
    return re.search(rf"(?m)^{name}:([^:]*):", machine.read("/etc/shadow"))[1]


@scenario("an account's password is set from its hash, which is on no command line; a later hash replaces it, and no copy stays")
def password(lab):
    machine = lab.twin("node01")
    must(not shadow(machine, "pi").startswith("$"), "without the setting there is no password")
    for word in ("first", "second"):
        made = "$6$rounds=100000$saltsaltsaltsalt$" + word[0] * 86
        machine.give(lab.bundle("node01", password=", password = secret:console", hash=made))
        must(lab.mode(machine, "/root/bundle/once/passwords/pi") == "0600 0:0", "only root can read the hash")
        outcome = machine.converge("bash /root/bundle/run.sh --only 25")
        must(outcome.status == 0 and "changed  the password of pi" in outcome.output, "it is set", outcome.output)
        must(shadow(machine, "pi") == made, f"the {word} hash is in force", shadow(machine, "pi"))
        must(made not in outcome.output and not re.search(r"[fs]{20}", outcome.output), "it is not printed", outcome.output)
        must(not machine.exists("/opt/pikc/once/passwords/pi"), "the machine's copy is gone")
        again = machine.converge(f"{AGAIN} --only 25")
        must(again.status == 0 and "the password of pi was set before" in again.output, "a second run knows that", again.output)
        must(shadow(machine, "pi") == made, "and keeps it")


@scenario("an account that puts a FIFO in the way does not block other accounts' keys or root's files")
def alone(lab):
    machine = lab.twin("node01")
    done = machine.boot("exec 2>&1; useradd --create-home eve; runuser -u eve -- sh -c 'mkdir -m 0700 ~/.ssh; mkfifo ~/.ssh/authorized_keys'; "
                        "bash -c '. /opt/pikc/lib.sh; echo key >/run/key; home_block eve more /home/eve/.ssh/authorized_keys /run/key; "
                        "home_block pi more /home/pi/.ssh/authorized_keys /run/key; place /etc/hostname /etc/not-wanted 0644 root:root; stop_if_refused'; "
                        "echo ended-$?")
    must("refused  /home/eve/.ssh/authorized_keys is a fifo" in done.output, "the FIFO is named", done.output)
    must('changed  /home/pi/.ssh/authorized_keys: block "pikc more"' in done.output, "the other account has its key", done.output)
    must("FAILED   /home/eve" in done.output and "ended-9" in done.output, "and the step fails for it", done.output)
    done = machine.boot(AGAIN)
    must(done.status == 1 and "FAILED   /home/eve" in done.output, "a file that is no longer wanted cannot be removed there", done.output)
    must("/etc/not-wanted removed" in done.output, "root's own file is removed all the same", done.output)
    must('/home/pi/.ssh/authorized_keys: block "pikc more" removed' in done.output, "and the other account's", done.output)
    machine.boot("rm /home/eve/.ssh/authorized_keys")
    must(machine.boot(AGAIN).status == 0, "with the FIFO removed, the run succeeds")


@scenario("a system account gets no key and no sudo")
def systems(lab):
    machine = lab.twin("node01")
    machine.boot("usermod --uid 150 pi")
    done = machine.boot(f"{AGAIN} --only users")
    must(done.status == 1 and "FAILED   pi is a system account here (uid 150)" in done.output, "it is refused", done.output)


@scenario("a hostile account stops the processes that root starts as it: the step ends all the same", long=True)
def stopped(lab):
    found = hostile(lab, 4, 3, "STOP 0.5")
    must(int(found.split()[-1]) in range(55, 80), f"it took the allowed time, and no longer: {found}")


@scenario("a hostile account swaps its files for links and FIFOs while root works, 1,000 rounds", long=True)
def thousand(lab):
    print(hostile(lab, 1000, 2), flush=True)
