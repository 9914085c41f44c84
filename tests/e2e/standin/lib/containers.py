"""The containers of the control plane: the kubelet begins one for each static pod, and each keeps the content of the files that it
was begun with, as a container does when another file takes the place of the one that is mounted in it."""

import hashlib
import json
import os
import pathlib

import yaml

STATE = pathlib.Path("/run/standin/containers.json")
MANIFESTS = pathlib.Path("/etc/kubernetes/manifests")


def load():
    return json.loads(STATE.read_text()) if STATE.exists() else {"begun": 0, "running": {}, "ended": []}


def save(state):
    new = STATE.with_suffix(".new")
    new.write_text(json.dumps(state, indent=1, sort_keys=True) + "\n")
    new.rename(STATE)


def reads(pod):
    """{path: hash} of the files on this machine that a pod has in its container; None if one of them is missing."""
    found = {}
    for volume in pod["spec"]["volumes"]:
        path = volume["hostPath"]["path"]
        if os.path.isfile(path):
            found[path] = hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
        elif volume["hostPath"].get("type") == "File":
            return None
    return found


def look():
    """What runs now. What the kubelet begins after a container has ended is there at the next look: a script has to wait for it."""
    state = load()
    for path in sorted(MANIFESTS.glob("*.yaml")):
        pod = yaml.safe_load(path.read_text())
        name = pod["metadata"]["name"]
        if name in state["running"] or name in state["ended"]:
            continue
        files = reads(pod)
        if files is not None:
            state["begun"] += 1
            state["running"][name] = {"id": f"{state['begun']:012x}", "reads": files}
    ended, state["ended"] = state["ended"], []
    save(state)
    return {name: one for name, one in state["running"].items() if name not in ended}


def end(identifier):
    """Ends a container; whether there was one."""
    state = load()
    names = [name for name, one in state["running"].items() if one["id"] == identifier]
    for name in names:
        del state["running"][name]
        state["ended"].append(name)
    save(state)
    return bool(names)
