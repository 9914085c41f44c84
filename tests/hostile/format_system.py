"""Files that parts of the system read: sudo, sysctl, bash, apt, sshd and the kubelet at its start."""

import functools
import os
import pathlib
import re
import subprocess
import tempfile

from unreadable import Unreadable


def rows(text):
    return [line for line in text.split("\n") if line.strip() and not line.lstrip().startswith("#")]


def run(command, text=None, **more):
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False, **more)


def sudoers(path, text):
    """visudo accepts it, and each entry says who it is for: an account, a group, a number, or everyone."""
    with tempfile.NamedTemporaryFile("w", suffix=".sudo") as file:
        file.write(text)
        file.flush()
        os.chmod(file.name, 0o440)
        done = run(["visudo", "--check", "--strict", "--owner", "--perms", f"--file={file.name}"])
        if done.returncode:  # older releases have no --owner
            done = run(["visudo", "-c", "-s", "-f", file.name])
        if done.returncode:
            raise Unreadable(f"{done.stdout}{done.stderr}".strip()[:300])
    found = []
    for line in rows(text.replace("\\\n", "")):
        entry = re.fullmatch(r"(\S+)\s+(\S+?)\s*=\s*(.*)", line)
        if not entry or line.startswith(("Defaults", "User_Alias", "Runas_Alias", "Host_Alias", "Cmnd_Alias", "@", "#include")):
            raise Unreadable(f"not one account's entry: {line!r}")
        kinds = [("everyone", r"ALL"), ("group", r"%.*"), ("netgroup", r"\+.*"), ("number", r"#.*"), ("all but", r"!.*"),
                 ("alias", r"[A-Z][A-Z0-9_]*"), ("several", r".*,.*"), ("account", r".*")]
        kind = next(name for name, pattern in kinds if re.fullmatch(pattern, entry[1]))
        found.append([kind, entry[1], entry[2], entry[3]])
    return found


def sysctl(path, text):
    """sysctl.d(5): KEY = VALUE, KEY with dots or slashes, a `-` before it ignores a failure."""
    found = []
    for line in text.split("\n"):
        line = line.strip()
        if not line or line[0] in "#;":
            continue
        key, sign, value = line.partition("=")
        if not sign:
            raise Unreadable(f"no setting: {line!r}")
        key = key.strip()
        found.append([key.startswith("-"), bool(re.search(r"[*?\[]", key)), key.removeprefix("-"), value.strip()])
    return found


def sourced(path, text):
    """The variables of a shell after sourcing the file, as setupcon and others do: with an empty environment, and nothing may run."""
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "file").write_text(text)
        script = ('PATH=; before=$(compgen -v); . "$1" || exit 9; for v in $(compgen -v); do case $\'\\n\'$before$\'\\n\' in '
                  '*$\'\\n\'"$v"$\'\\n\'*) ;; *) [ "$v" = before ] || printf "%s\\0%s\\0" "$v" "${!v}" ;; esac; done')
        done = subprocess.run(["/bin/bash", "--norc", "--noprofile", "-c", script, "bash", f"{folder}/file"], capture_output=True,
                              env={}, cwd=folder, check=False)
        left = sorted(os.listdir(folder))
    if done.returncode or done.stderr or left != ["file"]:
        raise Unreadable(f"status {done.returncode}, {done.stderr.decode(errors='replace')[:200]!r}, files {left}")
    words = done.stdout.decode("utf-8", "surrogateescape").split("\0")
    return {k: v for k, v in zip(words[::2], words[1::2]) if k not in ("v", "BASH_LINENO", "_", "BASH_ARGV0")}


@functools.cache
def apt_root():
    folder = tempfile.mkdtemp(prefix="pikc-hostile-apt-")
    for name in ("etc/sources.list.d", "state/lists/partial", "cache/archives/partial", "etc/preferences.d", "etc/apt.conf.d"):
        os.makedirs(f"{folder}/{name}")
    pathlib.Path(folder, "state/status").touch()
    return folder


def apt(path, text):
    """What apt would fetch: apt's view of one sources file, in a root of its own."""
    root = apt_root()
    with tempfile.TemporaryDirectory(dir=root) as parts:
        name = "x.sources" if path.endswith(".sources") else "x.list"
        pathlib.Path(parts, name).write_text(text)
        done = run(["apt-get", "indextargets", "--format", "$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(SITE)|$(OPTIONS)|$(SIGNED_BY)|$(CREATED_BY)",
                    "-o", f"Dir={root}", "-o", f"Dir::Etc={root}/etc", "-o", f"Dir::State={root}/state", "-o", f"Dir::Cache={root}/cache",
                    "-o", "Dir::Etc::sourcelist=/dev/null", "-o", f"Dir::Etc::sourceparts={parts}", "-o", "Acquire::Languages=none",
                    "-o", f"Dir::State::status={root}/state/status", "-o", "APT::Architecture=amd64"], env={"PATH": os.environ["PATH"], "LC_ALL": "C"})
    said = done.stderr.replace(root, "")
    if done.returncode or "E:" in said or "W:" in said:
        raise Unreadable(said.strip()[:300])
    paragraphs = [[]]
    for line in text.split("\n"):
        if line.startswith("#"):
            continue
        if not line.strip():
            paragraphs.append([])
        else:
            paragraphs[-1].append(line)
    return {"apt": done.stdout.splitlines(), "text": [p for p in paragraphs if p]}


def apt_settings(path, text):
    """What apt reads from one file of settings: its names and values, without those of the system."""
    with tempfile.TemporaryDirectory(dir=apt_root()) as folder:
        place = pathlib.Path(folder, "90-x.conf")
        place.write_text(text)
        pathlib.Path(folder, "parts").mkdir()
        own = pathlib.Path(folder, "main.conf")
        own.write_text(f'Dir::Etc::main "/dev/null";\nDir::Etc::parts "{folder}/parts";\n')

        def dump(*more):
            done = run(["apt-config", *more, "dump", "--format", "%f=%v%n"], env={"PATH": os.environ["PATH"], "LC_ALL": "C", "APT_CONFIG": str(own)})
            if done.returncode or done.stderr.strip():
                raise Unreadable(done.stderr.replace(folder, "").strip()[:300])
            return [line for line in done.stdout.splitlines() if not line.startswith("CommandLine::")]

        before = dump()
        return [line for line in dump("-c", str(place)) if line not in before]


def keys(path, text):
    """One key per line, as sshd reads it: no options before it, and ssh-keygen accepts each."""
    found = []
    for line in text.splitlines():
        if not line.strip():
            continue
        words = line.split(None, 2)
        if not re.fullmatch(r"(ssh|ecdsa|sk-(ssh|ecdsa))-[-a-z0-9@.]+", words[0]):
            raise Unreadable(f"options before the key: {line[:60]!r}")
        done = run(["ssh-keygen", "-l", "-f", "-"], line + "\n")
        found.append([words[0], words[1] if len(words) > 1 else "", words[2] if len(words) > 2 else "", done.returncode == 0])
    return found


def kubelet_arguments(given):
    """The arguments that the kubelet gets: kubeadm writes `KUBELET_KUBEADM_ARGS="--k=v ..."`, systemd reads that line and splits it at
    white space outside quotes. Labels are then split at commas."""
    pairs = list(given.items()) if isinstance(given, dict) else [(one["name"], one.get("value", "")) for one in given]
    line = " ".join(f"--{key}={value}" for key, value in pairs)
    if "\n" in line:
        raise Unreadable("kubelet's arguments: a newline ends kubeadm-flags.env's only line")
    if re.search(r'["\\`$]', line):  # inside the double quotes of an environment file
        raise Unreadable("kubelet's arguments: a character that is special in systemd's EnvironmentFile")
    words = [word for word in re.findall(r"(?:'[^']*'|[^\s'])+|'", line)]
    found = []
    for word in words:
        if "'" in word:
            raise Unreadable("kubelet's arguments: an unclosed or removed quote")
        key, _, value = word.partition("=")
        found.append([key, [pair.split("=") for pair in value.split(",")] if key == "--node-labels" else value])
    return found
