"""Whether a kubelet that is started now would keep running: status 0 means yes; otherwise it prints why, as the real one's journal does."""

import pathlib
import re
import sys

import containers
import yaml

CONFIG = pathlib.Path("/var/lib/kubelet/config.yaml")
# The meaning of the values by minor release: before 1.30 "" meant LimitedSwap and UnlimitedSwap was allowed.
version = pathlib.Path("/usr/local/lib/standin/kubelet-version").read_text().strip()
minor = int(version.split(".")[1])


def down(why):
    print(f"kubelet: {why}", file=sys.stderr)
    sys.exit(1)


if not CONFIG.exists():
    down(f"failed to load kubelet config file, path: {CONFIG}")
if not pathlib.Path("/etc/kubernetes/kubelet.conf").exists() and not pathlib.Path(
    "/etc/kubernetes/bootstrap-kubelet.conf"
).exists():
    down("unable to load bootstrap kubeconfig: stat /etc/kubernetes/bootstrap-kubelet.conf: no such file or directory")
config = yaml.safe_load(CONFIG.read_text())
flags = ""
for path in ("/var/lib/kubelet/kubeadm-flags.env", "/etc/default/kubelet"):
    if pathlib.Path(path).exists():
        flags += pathlib.Path(path).read_text()
fail_swap_on = config.get("failSwapOn", True)
override = re.findall(r"--fail-swap-on=(true|false)", flags)
if override:
    fail_swap_on = override[-1] == "true"
if fail_swap_on and len(pathlib.Path("/proc/swaps").read_text().splitlines()) > 1:
    down("running with swap on is not supported, please disable swap or set --fail-swap-on flag to false")
behaviour = (config.get("memorySwap") or {}).get("swapBehavior", "")
allowed = ["", "NoSwap", "LimitedSwap"] if minor >= 30 else ["", "LimitedSwap", "UnlimitedSwap"]
if behaviour not in allowed:
    down(f"invalid configuration: memorySwap.swapBehavior {behaviour!r}")
for flag, gone in (("--container-runtime=", 27), ("--pod-infra-container-image", 35)):
    if flag in flags and minor >= gone:
        down(f"unknown flag: {flag}")
instance = pathlib.Path("/var/lib/kubelet/instance-config.yaml")
endpoint = (yaml.safe_load(instance.read_text()) if instance.exists() else {}).get("containerRuntimeEndpoint") or ""
if not endpoint or not pathlib.Path(endpoint.removeprefix("unix://").replace("/var/run", "/run")).exists():
    down(f"validate service connection: {endpoint}: no such file or directory")
# The real one starts, and its control plane's containers are killed every few minutes (kubernetes/kubernetes#106464).
read_as = pathlib.Path("/run/standin/containerd-read")
if "containerd" in endpoint and config.get("cgroupDriver") == "systemd" and "SystemdCgroup = true" not in read_as.read_text():
    down("containers are killed again and again: containerd does not manage their cgroups with systemd")
# It begins what is in its folder.
containers.look()
