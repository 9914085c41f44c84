#!/usr/bin/env python3
"""From a keystroke to its marks: drives `pikc lsp` as an editor does, and prints a table.

Types in the middle of specs of 100, 1,000 and 10,000 lines, ten keys a second, and asks for completion and hover after each key. Then
types 10,000 keys as fast as they are answered and compares the memory at 1,000 with that at the end.

    benches/lsp.py target/release/pikc [--keys 200] [--lines 100,1000,10000] [--memory 10000]
"""

import argparse
import json
import subprocess
import sys
import threading
import time

HEAD = """cluster home {
  kubernetes = 1.36
  network {
    lan      = 10.0.0.0/8
    gateway  = 10.0.0.1
    dns      = [10.0.0.1]
    pods     = 172.16.0.0/12
    services = 192.168.0.0/16
  }
  runtime containerd {}
  cni flannel { backend = vxlan }
}
profile pi {
  os = raspios-trixie
  user pi { ssh-keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleE you@laptop"] }
  interface eth0 { cluster = on }
}
node cp { profile = pi, role = control-plane, board = pi-4b-4g, address = 10.0.0.10 }
"""

NODE = """
# Rack {rack}, slot {slot}.
node w{number} {{
  profile = pi
  role    = worker
  board   = pi-4b-4g
  address = 10.1.{high}.{low}
  labels {{ "example.org/rack" = r{rack} }}
}}
"""

TYPED = ["swap = off", "taints = []", "locale { country = JP }", "# why this machine is here", "user ops { }"]


def spec(lines):
    parts, number = [HEAD], 0
    while sum(part.count("\n") for part in parts) + NODE.count("\n") <= lines or number == 0:
        number += 1
        parts.append(NODE.format(number=number, rack=number // 40, slot=number % 40, high=number // 250, low=number % 250 + 1))
    return "".join(parts)


class Server:
    def __init__(self, program):
        self.process = subprocess.Popen([program, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.number, self.answers, self.arrived = 0, {}, threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()
        pull = {"textDocument": {"diagnostic": {}}, "workspace": {"diagnostics": {"refreshSupport": True}}}
        self.ask("initialize", {"processId": None, "rootUri": None, "capabilities": pull})
        self.tell("initialized", {})

    def read(self):
        stream = self.process.stdout
        while line := stream.readline():
            length = int(line.split(b":")[1])
            stream.readline()
            message = json.loads(stream.read(length))
            if "id" in message and "method" not in message:
                with self.arrived:
                    self.answers[message["id"]] = (time.perf_counter(), message)
                    self.arrived.notify()

    def send(self, message):
        text = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(text), text))
        self.process.stdin.flush()

    def tell(self, method, params):
        self.send({"method": method, "params": params})

    def begin(self, method, params):
        self.number += 1
        self.send({"id": self.number, "method": method, "params": params})
        return self.number

    def end(self, number):
        with self.arrived:
            self.arrived.wait_for(lambda: number in self.answers, 60)
            at, message = self.answers.pop(number)
        if "error" in message:
            sys.exit(f"{message['error']}")
        return at, message["result"]

    def ask(self, method, params):
        return self.end(self.begin(method, params))[1]

    def memory(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:")) / 1024


class Typist:
    """Types the texts of TYPED into the middle of a spec, and deletes each again."""

    def __init__(self, server, text):
        self.server, self.uri, self.version = server, "file:///bench/cluster.pik", 1
        lines = text.split("\n")
        self.line = next(at for at in range(len(lines) // 2, len(lines)) if lines[at].startswith("  profile"))
        server.tell("textDocument/didOpen", {"textDocument": {"uri": self.uri, "languageId": "pik", "version": 1, "text": text}})
        self.keys = self.all_keys()

    def all_keys(self):
        while True:
            for text in TYPED:
                at = lambda column: {"line": self.line, "character": column}
                yield {"start": at(0), "end": at(0)}, "\n", at(0)
                for column, key in enumerate(text):
                    yield {"start": at(column), "end": at(column)}, key, at(column + 1)
                for column in range(len(text), 0, -1):
                    yield {"start": at(column - 1), "end": at(column)}, "", at(column - 1)
                yield {"start": at(0), "end": {"line": self.line + 1, "character": 0}}, "", at(0)

    def key(self):
        """One key; how long its marks, its completions and a hover took, in milliseconds."""
        change, text, cursor = next(self.keys)
        self.version += 1
        document = {"uri": self.uri}
        start = time.perf_counter()
        self.server.tell("textDocument/didChange", {
            "textDocument": {"uri": self.uri, "version": self.version},
            "contentChanges": [{"range": change, "text": text}],
        })
        asked = [
            self.server.begin("textDocument/diagnostic", {"textDocument": document}),
            self.server.begin("textDocument/completion", {"textDocument": document, "position": cursor}),
            self.server.begin("textDocument/hover", {"textDocument": document, "position": {"line": self.line + 2, "character": 4}}),
        ]
        return [(self.server.end(number)[0] - start) * 1000 for number in asked]


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("program")
    options.add_argument("--keys", type=int, default=200)
    options.add_argument("--lines", default="100,1000,10000")
    options.add_argument("--memory", type=int, default=10000)
    options = options.parse_args()
    print("| lines | | p50 | p95 | p99 |\n|---|---|---|---|---|")
    for lines in map(int, options.lines.split(",")):
        typist = Typist(Server(options.program), spec(lines))
        for _ in range(20):
            typist.key()
        times = []
        for _ in range(options.keys):
            start = time.perf_counter()
            times.append(typist.key())
            time.sleep(max(0, 0.1 - (time.perf_counter() - start)))
        for what, column in zip(["marks", "completion after them", "hover after both"], zip(*times)):
            shown = " | ".join(f"{percentile(column, share):.1f} ms" for share in (0.5, 0.95, 0.99))
            print(f"| {lines:,} | {what} | {shown} |", flush=True)
        typist.server.process.kill()
    if options.memory:
        server = Server(options.program)
        typist = Typist(server, spec(1000))
        for number in range(1, options.memory + 1):
            typist.key()
            if number == options.memory // 10:
                early = server.memory()
        print(f"\n{options.memory:,} keys in 1,000 lines: {early:.1f} MiB after a tenth of them, {server.memory():.1f} MiB after all")
        server.process.kill()


main()
