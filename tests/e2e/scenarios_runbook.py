"""The runbook's commands, as they are written in it: typed on a computer that reaches the machines over SSH."""

import re

from computer import Computer, Reachable, copy_tree
from lab import must, scenario

# Three first runs at the same time, on two cores.
PATIENCE = 900


def section(runbook, heading):
    found = re.search(rf"(?ms)^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", runbook)
    must(found, f"the runbook has a section {heading}")
    return found[1]


def rows(text):
    """A table's rows: where, and the first command between backquotes."""
    found = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("|") and cells[0].isdigit():
            command = re.search(r"`([^`]+)`", cells[2])
            found.append((cells[1], command[1] if command else None, cells[2]))
    return found


def blocks(text):
    return [block.strip() for block in re.findall(r"(?ms)^```\n(.*?)^```$", text)]


def commands(block):
    """A block's commands, a line or several each."""
    return re.split(r"(?<!\\)\n(?!  )", block)


class Table:
    """Who reads the runbook: the computer, the machines and their logins."""

    def __init__(self, lab):
        self.lab, self.reachable = lab, {}
        tree = lab.tree()
        lan = lab.lan()
        self.computer = Computer(lab.machine(lan, "computer"))
        self.where = copy_tree(tree, self.computer)
        self.runbook = (tree / "README.md").read_text()
        self.logins = {}
        for line in (tree / "hosts.txt").read_text().splitlines():
            name, login, _ = line.split()
            self.logins[name] = login
            self.reachable[name] = Reachable(self.computer, lab.machine(lan, name), login, PATIENCE)
        for machine in self.reachable.values():
            machine.up()

    def on_computer(self, command):
        return self.computer.run(command, self.where, timeout=PATIENCE)

    def on_machine(self, name, command):
        """As a person who has logged in there types it."""
        return self.computer.run(f"ssh {self.logins[name]} '{command}'", self.where, timeout=PATIENCE)

    def restarted(self, names):
        """Until machines that were about to restart have done so, and then what they do by themselves."""
        for name in names:
            self.reachable[name].up(PATIENCE, boot=2)

    def leave(self):
        for machine in self.reachable.values():
            machine.switch_off()
        self.computer.remove()


@scenario("the runbook: every command of the manual way, as written, over SSH; a cluster of four is verified", long=True)
def by_hand(lab):
    table = Table(lab)
    try:
        follow(table)
    finally:
        table.leave()


def follow(table):
    workers = [name for name in table.logins if name != "node01"]
    hand, join = section(table.runbook, "By hand"), blocks(section(table.runbook, "Joining all workers to the cluster"))
    steps = rows(hand)
    must(len(steps) == 7 and len(join) == 1, "the manual way has seven rows, and joining one block", hand)
    copied, look = commands(blocks(hand)[0])

    # 1, 2: the control plane.
    status, output = table.on_computer(steps[0][1])
    must(status == 0 and not output, "the folder is copied, and nothing is said", output)
    node01 = table.reachable["node01"].machine
    must(not (node01.inside("/home/pi/pikc/run.sh")).is_symlink(), "with the files that the links lead to")
    status, output = table.on_machine(steps[1][0], steps[1][1])
    must("changed" in output and "FAILED" not in output, "the steps run", output)
    table.restarted(["node01"])
    status, output = table.on_machine("node01", "sudo /opt/pikc/run.sh --status")
    must("control plane ready" in output, "after the restart it has gone on by itself", output)

    # 3, 4: the workers; one by its own row, the others by the loop.
    must(steps[2][1] in copied.replace('nodes/$0" "$1', f"nodes/node02 {table.logins['node02']}").replace('"', "").replace("-o BatchMode=yes -o StrictHostKeyChecking=accept-new ", ""),
         "the loop does what the row says", copied)
    status, output = table.on_computer(copied)
    must(status not in (124, 126, 127), f"one machine that restarts does not stop the loop ({status})", output)
    table.restarted(workers)
    status, output = table.on_computer(look)
    for name in workers:
        must(re.search(rf"(?m)^{name}: .*join file", output), f"{name} waits for the join file", output)

    # 5: joining.
    status, output = table.on_computer(" && ".join(line for line in commands(join[0])))
    must(status == 0 and "see join-" not in output, "every worker joins", output + logs(table, workers, "join"))
    must(not (table.computer.root / "root/out/join.conf").exists(), "and the join file is deleted")
    must(set(node01.lan.cluster()["nodes"]) == set(table.logins), "the cluster has them all")

    # 6, 7: the proof.
    status, output = table.on_machine(steps[5][0], steps[5][1])
    must(status == 0 and output.count(" Ready") == len(table.logins), "they are all Ready", output)
    status, output = table.on_computer(steps[6][1])
    must(status == 0 and "pods, DNS and services work on all nodes" in output, "and verified", output)

    # The same on the computer: the file arrives, and only its owner can read it.
    laptop = commands(blocks(section(table.runbook, "kubectl on your computer"))[0])
    status, output = table.on_computer(" && ".join(laptop[:-1]))
    must(status == 0, "the kubeconfig is copied", output)
    kept = table.computer.root / "root/.kube/home.conf"
    must(kept.read_text() == node01.read("/etc/kubernetes/admin.conf"), "as it is on the control plane")
    must(kept.stat().st_mode & 0o077 == 0, "readable by no one else")


def logs(table, names, kind):
    places = [table.computer.root / f"root/out/{kind}-{name}.log" for name in names]
    return "".join(f"\n{place.name}: {place.read_text()[-800:]}" for place in places if place.exists())
