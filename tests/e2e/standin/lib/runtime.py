"""What starting CRI-O does that others notice: a socket, and a refusal when its configuration is broken."""

import pathlib
import socket
import sys
import tomllib


for folder in ("/etc/crio/crio.conf.d",):
    for path in sorted(pathlib.Path(folder).glob("*.conf")):
        try:
            tomllib.loads(path.read_text())
        except tomllib.TOMLDecodeError as problem:
            print(f"crio: {path}: {problem}", file=sys.stderr)
            sys.exit(1)
place = pathlib.Path("/run/crio/crio.sock")
place.parent.mkdir(parents=True, exist_ok=True)
place.unlink(missing_ok=True)
socket.socket(socket.AF_UNIX).bind(str(place))
