"""A machine whose only way out is its proxy, in a network namespace: what the steps and apt fetch arrives at the proxy, and what is to be
reached directly arrives at its own server and never at the proxy.

usage: proxy.py PIKC"""

import http.server
import json
import os
import pathlib
import re
import shutil
import socketserver
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPEC = ROOT / "tests/specs/behind-a-proxy.pik"
PROXY, MIRROR, LISTED = "10.1.0.2", "10.1.0.7", "10.20.0.7"
ASKED = {"proxy": [], "direct": []}
COUNTED = {"proxy": 0, "direct": 0}
# apt in a root folder of its own, with the machine's files. It asks for lists that no one has, which is enough to see whom it asks.
APT = """set -e
for folder in state/lists/partial cache/archives/partial etc/preferences.d; do mkdir -p "$1/$folder"; done
: >"$1/state/status"
APT_CONFIG="$2/etc/apt/apt.conf.d/90-pikc-proxy.conf" apt-get -o Dir="$1" -o Dir::Etc="$1/etc" -o Dir::State="$1/state" -o Dir::Cache="$1/cache" -o Dir::State::status="$1/state/status" \\
  -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$2/etc/apt/sources.list.d" \\
  -o Acquire::Retries=0 -o Acquire::Languages=none -o APT::Architecture=amd64 -o APT::Sandbox::User=root update 2>&1 || true
"""
# The helpers of the steps as they are; every retry is left out, and a failure is no news here.
STEP = """PIKC_DRY_RUN=0
. "$1/lib.sh"
trap - ERR EXIT
sleep() { :; }
die() { printf 'die %s\\n' "$*"; exit 0; }
later() { printf 'later %s\\n' "$*"; exit 0; }
clock_is_right() { true; }
network_state() { :; }
download "it" "$2" "$3" 5
"""


class Answers(http.server.BaseHTTPRequestHandler):
    """Writes down who is asked for what. A tunnel is refused, once it is known where it was to lead."""

    who = ""

    def noted(self):
        COUNTED[self.who] += 1
        ASKED[self.who].append(f"{self.command} {self.path}")
        self.send_response(403 if self.command == "CONNECT" else 404)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()

    do_GET = do_HEAD = do_CONNECT = noted

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    allow_reuse_address = True
    daemon_threads = True


def serve(who, address, port):
    server = Server((address, port), type("One", (Answers,), {"who": who}))
    threading.Thread(target=server.serve_forever, daemon=True).start()


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def fetch(script, *words, environment):
    done = subprocess.run(["bash", "-c", script, "bash", *map(str, words)], capture_output=True, text=True, env=environment, check=False, timeout=120)
    return done.stdout + done.stderr


def inside(tree):
    """In the namespace: the addresses of the proxy and of what is reached directly are on the loopback device, and nothing else is anywhere."""
    ip("link", "set", "lo", "up")
    for address in (PROXY, MIRROR, LISTED):
        ip("address", "add", f"{address}/32", "dev", "lo")
    hosts = tree / "hosts"
    hosts.write_text(f"127.0.0.1 localhost\n{PROXY} proxy.office.example\n{MIRROR} mirror.office.example\n")
    subprocess.run(["mount", "--bind", hosts, "/etc/hosts"], check=True)
    for port in (3128, 3129):
        serve("proxy", PROXY, port)
    for address in (MIRROR, LISTED):
        for port in (80, 443):
            serve("direct", address, port)
    time.sleep(0.2)
    outside = json.loads((tree / "out/pikc.json").read_text())["outside"]
    # The steps fetch no image: the container runtime does.
    urls = [one["url"] for one in outside if "://" in one["url"] and not one["why"].startswith("images of ")]
    assert len(urls) > 4, urls
    clean = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
    for name in ("cp", "worker"):
        check_node(tree / "out/nodes" / name, urls, clean, tree)
    print(f"proxy: {COUNTED['proxy']} requests through it, {COUNTED['direct']} directly")


def check_node(node, urls, clean, tree):
    for one in ASKED.values():
        one.clear()
    for url in urls:
        said = fetch(STEP, node, url, tree / "fetched", environment=clean)
        assert re.search(r"^(die|later) ", said, re.M), said
    asked = {who: " ".join(found) for who, found in ASKED.items()}
    for url in urls:
        scheme, host = re.match(r"(https?)://([^/:]+)", url).groups()
        is_direct = host.endswith(".office.example") or host == LISTED
        if is_direct and scheme == "http":
            assert url.split(host, 1)[1] in asked["direct"], f"{node.name}: {url} was not asked of its own server: {asked}"
        if not is_direct:
            wanted = f"CONNECT {host}:443" if scheme == "https" else f"GET {url}"
            assert wanted in asked["proxy"], f"{node.name}: {url} was not asked of the proxy: {asked}"
        if is_direct:
            assert host not in asked["proxy"], f"{node.name}: the proxy was asked for {url}"
    # The environment of the steps is gone: apt-daily has none.
    for one in ASKED.values():
        one.clear()
    with tempfile.TemporaryDirectory(dir=tree) as root:
        said = fetch(APT, root, node / "common", environment=clean)
    through, direct = " ".join(ASKED["proxy"]), " ".join(ASKED["direct"])
    assert "CONNECT download.docker.com:443" in through, f"{node.name}: apt did not ask the proxy: {through}; {said}"
    assert "office.example" not in through and LISTED not in through, f"{node.name}: apt asked the proxy for the mirror: {through}"
    if node.name == "cp":
        assert "/debian/dists/" in direct, f"{node.name}: apt did not ask the mirror: {direct}; {said}"


def main(pikc):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        shutil.copy(SPEC, folder / "cluster.pik")
        shutil.copytree(SPEC.parent / "components", folder / "components")
        subprocess.run([pikc, "compile", folder / "cluster.pik", "-o", folder / "out"], check=True, capture_output=True)
        again = [sys.executable, __file__, "--inside", folder]
        done = subprocess.run(["unshare", "--map-root-user", "--net", "--mount", *again], check=False)
        sys.exit(done.returncode)


if __name__ == "__main__":
    if sys.argv[1] == "--inside":
        inside(pathlib.Path(sys.argv[2]))
    else:
        main(pathlib.Path(sys.argv[1]).resolve())
