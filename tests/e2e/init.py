"""The first process of a test machine: one boot, from what the kernel does to the commands of the scenario.

It runs as process 1 of its own PID, mount, network, UTS and IPC namespaces (machine.py), fakes what the kernel, the boot
loader and the init system would have done, runs the commands in the root file system, and writes the outcome to RESULT.
When it ends, every process of the machine is gone, as after a power cut.

usage: init.py BOOT.json
"""

import configparser
import functools
import http.server
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
DTB_ARGUMENTS = "coherent_pool=1M 8250.nr_uarts=1 cgroup_disable=memory "  # what a Pi's device tree puts before cmdline.txt


def sh(*words):
    subprocess.run(words, check=True)


class Boot:
    def __init__(self, plan):
        self.plan = plan
        self.root = pathlib.Path(plan["root"])
        self.run = self.root / "run/standin"
        self.log = open(plan["log"], "ab", buffering=0)

    def text(self, path, default=""):
        place = self.root / path.lstrip("/")
        return place.read_text() if place.exists() else default

    def chroot(self, *words, env=None, **more):
        env = {"PATH": PATH, **(env or {})}
        prefix = ["chroot", str(self.root)]
        return subprocess.Popen([*prefix, *words], env=env, stdin=subprocess.DEVNULL, **more)

    # --- the kernel -------------------------------------------------------------------------------------------------

    def kernel(self):
        root = self.root
        for folder in ("proc", "sys", "run", "tmp", "dev"):
            (root / folder).mkdir(exist_ok=True)
            sh("mount", "-t", "tmpfs", "-o", "mode=1777" if folder == "tmp" else "mode=0755", "tmpfs", str(root / folder))
        (root / "srv/lan").mkdir(parents=True, exist_ok=True)
        sh("mount", "--bind", self.plan["lan"], str(root / "srv/lan"))
        self.run.mkdir(parents=True)
        (self.run / "units").mkdir()
        (root / "run/lock").mkdir()
        for name, minor in (("null", 3), ("zero", 5), ("full", 7), ("random", 8), ("urandom", 9)):
            os.mknod(root / "dev" / name, 0o020666, os.makedev(1, minor))
            os.chmod(root / "dev" / name, 0o666)
        os.mknod(root / "dev/tty", 0o020666, os.makedev(5, 0))
        for name, target in (("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
            os.symlink(target, root / "dev" / name)
        for name in ("shm", "pts"):
            (root / "dev" / name).mkdir()
        sh("mount", "-t", "devpts", "-o", "newinstance,ptmxmode=0666", "devpts", str(root / "dev/pts"))
        os.symlink("pts/ptmx", root / "dev/ptmx")
        self.proc()
        self.sys()
        hostname = self.text("/etc/hostname").strip() or "localhost"
        sh("hostname", hostname)

    def proc(self):
        proc = self.root / "proc"
        (proc / ".real").mkdir()
        sh("mount", "-t", "proc", "proc", str(proc / ".real"))
        for name in ("self", "thread-self", "mounts", "net", "filesystems", "stat", "uptime", "loadavg", "version",
                     "cpuinfo", "partitions", "devices", "diskstats", "locks"):
            os.symlink(f".real/{name}", proc / name)
        # /proc/sys is a copy: a step can set anything there without touching the machine that runs the tests.
        for folder, _, files in os.walk(proc / ".real/sys"):
            copy = proc / "sys" / os.path.relpath(folder, proc / ".real/sys")
            copy.mkdir(parents=True, exist_ok=True)
            for name in files:
                try:
                    (copy / name).write_bytes(pathlib.Path(folder, name).read_bytes())
                except OSError:
                    continue
        shutil.rmtree(proc / "sys/kernel/random")
        os.symlink("/proc/.real/sys/kernel/random", proc / "sys/kernel/random")
        shutil.rmtree(proc / "sys/net/bridge", ignore_errors=True)
        (proc / "sys/net/ipv4/ip_forward").write_text("0\n")
        (proc / "cmdline").write_text(DTB_ARGUMENTS + self.command_line() + "\n")
        kib = self.plan["hardware"]["memory-kib"]
        (proc / "meminfo").write_text(f"MemTotal:       {kib:8} kB\nMemFree:        {kib // 2:8} kB\nMemAvailable:   {kib // 2:8} kB\n"
                                      f"SwapTotal:             0 kB\nSwapFree:              0 kB\n")
        (proc / "modules").write_text("")
        (proc / "cgroups").write_text("#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpuset\t0\t1\t1\ncpu\t0\t1\t1\n")
        (proc / "swaps").write_text("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n")
        (proc / "device-tree").mkdir()

    def command_line(self):
        """Only the first line of the file counts, as for the firmware; bullseye has it in /boot itself."""
        if self.plan["hardware"].get("deaf"):
            return "console=tty1 root=PARTUUID=4f1b8a2c-02 rootwait"  # another file is in use, and it is unknown which
        firmware = (self.root / "boot/firmware").is_dir()
        lines = self.text("/boot/firmware/cmdline.txt" if firmware else "/boot/cmdline.txt").splitlines()
        return lines[0] if lines else ""

    def sys(self):
        sys_ = self.root / "sys"
        (sys_ / ".real").mkdir()
        sh("mount", "-t", "sysfs", "-o", "ro", "sysfs", str(sys_ / ".real"))
        os.symlink(".real/class", sys_ / "class")
        os.symlink(".real/devices", sys_ / "devices")
        (sys_ / "module").mkdir()
        (sys_ / "fs/cgroup").mkdir(parents=True)
        enabled = False
        for word in (DTB_ARGUMENTS + self.command_line()).split():
            enabled = {"cgroup_enable=memory": True, "cgroup_disable=memory": False}.get(word, enabled)
        (sys_ / "fs/cgroup/cgroup.controllers").write_text(f"cpuset cpu io {'memory ' if enabled else ''}pids\n")
        base = sys_ / "firmware/devicetree/base"
        base.mkdir(parents=True)
        hardware = self.plan["hardware"]
        for place in (base, self.root / "proc/device-tree"):
            (place / "compatible").write_bytes(hardware["compatible"].encode() + b"\0brcm,bcm2711\0")
            (place / "model").write_bytes(hardware["model"].encode() + b"\0")

    # --- the network ------------------------------------------------------------------------------------------------

    def network(self):
        sh("ip", "link", "set", "lo", "up")
        sh("ip", "link", "add", "wlan0", "type", "veth", "peer", "name", "router0")
        for name in ("wlan0", "router0"):
            sh("ip", "link", "set", name, "up")
        process = self.chroot("netplan", "generate", stdout=self.log, stderr=self.log)
        if process.wait() != 0:
            self.log.write(b"init: netplan generate failed\n")
        addresses = []
        for folder in ("etc/NetworkManager/system-connections", "run/NetworkManager/system-connections"):
            for path in sorted((self.root / folder).glob("*")):
                if path.stat().st_mode & 0o077:
                    continue  # NetworkManager silently ignores such files
                keyfile = configparser.ConfigParser(interpolation=None, strict=False)
                keyfile.read(path)
                if keyfile.get("connection", "interface-name", fallback="wlan0") == "wlan0" and keyfile.has_section("ipv4"):
                    for family in ("ipv4", "ipv6"):
                        pairs = keyfile.items(family) if keyfile.has_section(family) else ()
                        addresses += [v.split(",")[0] for k, v in pairs if re.fullmatch(r"address\d*", k)]
        for key in ("ip_address", "ip6_address"):
            static = re.search(rf"(?ms)^interface wlan0\n.*?static {key}=(\S+)", self.text("/etc/dhcpcd.conf"))
            addresses += [static[1]] if static else []
        # "off": the radio finds no network; "silent": it does, but the router does not answer.
        router = self.plan["hardware"].get("router", "on")
        if router == "off":
            sh("ip", "link", "set", "router0", "down")
        else:
            for address in addresses or ["192.168.11.57/24"]:  # the router's DHCP
                sh("ip", "addr", "add", address, "dev", "wlan0")
            sh("ip", "route", "add", "default", "via", "192.168.11.1", "dev", "wlan0")
        if router == "on":
            sh("ip", "neigh", "replace", "192.168.11.1", "lladdr", "02:00:00:00:00:01", "dev", "wlan0", "nud", "permanent")
        self.serve()

    def serve(self):
        """The package repositories, on the loopback address: the only server in this network."""
        plan, log = self.plan, self.plan["requests"]
        down = self.root / "root/mirror-is-down"

        class Handler(http.server.SimpleHTTPRequestHandler):
            def do_GET(self):
                if not down.exists():
                    super().do_GET()
                self.close_connection = True  # no answer at all

            def translate_path(self, path):
                path = re.sub("/+", "/", path)  # apt requests a flat repository as NAME//InRelease
                return super().translate_path(plan["serve"].get(path, path))

            def log_message(self, form, *values):
                with open(log, "a", encoding="utf-8") as out:
                    out.write(form % values + "\n")

        handler = functools.partial(Handler, directory=plan["repository"])
        server = http.server.ThreadingHTTPServer(("127.0.0.1", plan["port"]), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()

    # --- systemd ----------------------------------------------------------------------------------------------------

    def swap(self):
        """What rpi-swap's generator does: main file and drop-ins, the last value wins, a misspelt value silently means auto."""
        if not (self.root / "etc/rpi/swap.conf").exists():
            return
        word, device = "auto", "/dev/zram0"
        drop_ins = sorted((self.root / "etc/rpi/swap.conf.d").glob("*.conf"))
        for path in [self.root / "etc/rpi/swap.conf", *drop_ins]:
            for found in re.findall(r"(?m)^Mechanism=(\S+)", path.read_text()):
                word = found
        if word == "none":
            (self.root / "var/swap").unlink(missing_ok=True)
            return
        if word == "swapfile":
            device = "/var/swap"
        if word != "zram":
            (self.root / "var/swap").write_text("swap\n")
        with open(self.root / "proc/swaps", "a", encoding="utf-8") as out:
            out.write(f"{device}                              partition\t1048560\t\t0\t\t100\n")
        (self.run / "swap-units").write_text(device.strip("/").replace("/", "-") + ".swap\n")

    def enabled(self, unit):
        # The links are absolute, so outside the root file system they are dangling: only their names count.
        return any(os.path.lexists(folder / unit) for folder in (self.root / "etc/systemd/system").glob("*.wants"))

    def services(self):
        for path in sorted((self.root / "etc/modules-load.d").glob("*.conf")):
            for line in path.read_text().splitlines():
                if line.strip() and line[0] not in "#;":
                    self.chroot("modprobe", line.strip(), stdout=self.log, stderr=self.log).wait()
        for path in sorted((self.root / "etc/sysctl.d").glob("*.conf")):
            for key, value in re.findall(r"(?m)^\s*-?([a-z][^=\s#]*)\s*=\s*(.*?)\s*$", path.read_text()):
                place = self.root / "proc/sys" / key.replace(".", "/")
                if place.exists():
                    place.write_text(value + "\n")
        timers = [path.name for path in (self.root / "etc/systemd/system").glob("pikc-*.timer")]
        for unit in ("dphys-swapfile", "systemd-timesyncd", "NetworkManager", "ssh", "crio", "containerd", "kubelet", "pikc-approver", "haproxy", "pikc-haproxy",
                     "pikc-keepalived", *timers):
            if self.enabled(unit if unit in timers else f"{unit}.service"):
                self.chroot("systemctl", "start", unit, stdout=self.log, stderr=self.log).wait()

    def resume(self):
        """What systemd would start on its own: pikc's unit, if it is enabled."""
        unit = "pikc-resume.service"
        if not self.enabled(unit):
            return None
        text = self.text(f"/etc/systemd/system/{unit}")
        starts = re.findall(r"(?m)^ExecStart=[-+!@]*(.+)$", text)
        env = dict(word.strip('"').split("=", 1) for word in re.findall(r"(?m)^Environment=(.+)$", text))
        return {"unit": unit, "command": ["bash", "-c", " && ".join(starts)], "env": env}

    # --- the boot ---------------------------------------------------------------------------------------------------

    def go(self):
        self.kernel()
        self.network()
        self.swap()
        self.services()
        shutil.rmtree(self.root / "var/log/standin", ignore_errors=True)
        (self.root / "var/log/standin").mkdir()
        (self.root / "var/log/standin").chmod(0o777)
        if self.plan.get("kill-at"):
            # From here on, every program that the scripts start is counted (see standin/lib/count).
            (self.run / "kill-at").write_text(str(self.plan["kill-at"]))
            (self.run / "count").write_text("0")
        results = []
        resume = self.resume()
        work = ([resume] if resume else []) + [{"command": c, "env": {"HOME": "/root"}} for c in self.plan["commands"]]
        for item in work:
            event, status = self.watch(item)
            results.append({"command": item["command"], "unit": item.get("unit"), "event": event, "status": status})
            if event != "exited":
                break
        count = self.text("/run/standin/count", "0").strip()
        swaps = self.text("/proc/swaps").splitlines()[1:]
        return {"results": results, "count": int(count or 0), "killed": self.text("/run/standin/killed").strip(),
                "swaps": swaps, "commandline": self.text("/proc/cmdline")}

    def watch(self, item):
        env = dict(item["env"])
        if self.plan.get("kill-at"):
            env["PATH"] = "/usr/local/lib/standin/counted:" + PATH
        who = f"systemd starts {item['unit']}" if "unit" in item else "a person types"
        self.log.write(f"--- {who}: {item['command'][-1]}\n".encode())
        child = self.chroot(*item["command"], env=env, stdout=self.log, stderr=self.log, start_new_session=True)
        end = time.monotonic() + self.plan["timeout"]
        going_down = None
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if (self.run / "killed").exists():
                return "killed", None
            if pid == child.pid:
                if (self.run / "reboot").exists():
                    return "reboot", None
                return "exited", os.waitstatus_to_exitcode(status)
            if (self.run / "reboot").exists():
                going_down = going_down or time.monotonic() + 1
                if time.monotonic() > going_down:
                    os.kill(-1, signal.SIGTERM)
                    time.sleep(0.2)
                    return "reboot", None
            if time.monotonic() > end:
                os.kill(-1, signal.SIGKILL)
                return "timeout", None
            if pid == 0:
                time.sleep(0.01)


def main():
    plan = json.loads(pathlib.Path(sys.argv[1]).read_text())
    result = Boot(plan).go()
    pathlib.Path(plan["result"]).write_text(json.dumps(result))
    os.sync()
    os._exit(0)


main()
