"""The visible effects of starting a runtime: a socket, and a refusal if its configuration is broken.

usage: runtime.py [crio.service | containerd.service]
"""

import pathlib
import socket
import subprocess
import sys
import tomllib

UNIT = sys.argv[1] if len(sys.argv) > 1 else "crio.service"


def crio():
    for folder in ("/etc/crio/crio.conf.d", "/etc/containers/registries.conf.d"):
        for path in sorted(pathlib.Path(folder).glob("*.conf")):
            try:
                tomllib.loads(path.read_text())
            except tomllib.TOMLDecodeError as problem:
                sys.exit(f"crio: {path}: {problem}")
    return "/run/crio/crio.sock"


def containerd():
    done = subprocess.run(["containerd", "config", "dump"], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    pathlib.Path("/run/standin/containerd-read").write_text(done.stdout)
    return "/run/containerd/containerd.sock"


place = pathlib.Path(crio() if UNIT == "crio.service" else containerd())
place.parent.mkdir(parents=True, exist_ok=True)
place.unlink(missing_ok=True)
socket.socket(socket.AF_UNIX).bind(str(place))
