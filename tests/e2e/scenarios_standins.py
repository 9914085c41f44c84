"""The stand-ins themselves: a harness that cannot fail proves nothing, so each important refusal is provoked once."""

from lab import must, scenario
from machine import PI3

SOURCES = """
install -d -m 0755 /etc/apt/keyrings
curl -fsS http://127.0.0.1:8042/kubernetes/Release.key -o /etc/apt/keyrings/k.asc
for name in kubernetes crio; do
  printf 'Types: deb\\nURIs: http://127.0.0.1:8042/%s/\\nSuites: ./\\nSigned-By: /etc/apt/keyrings/k.asc\\n' $name >/etc/apt/sources.list.d/$name.sources
done
apt-get -q update && apt-get -qy install kubelet kubeadm kubectl cri-tools kubernetes-cni cri-o
"""
CONFIG = """
apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint: {advertiseAddress: 192.168.11.57, bindPort: 6443}
nodeRegistration: {name: raspberrypi, criSocket: unix:///var/run/crio/crio.sock}
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.36.4
networking: {podSubnet: 10.244.0.0/16}
"""
READY = "swapoff -a; sed -i 's/$/ cgroup_enable=memory/' /boot/firmware/cmdline.txt; systemctl enable crio"


def prepared(lab, name="node01", **more):
    machine = lab.machine(lab.lan(), name, **more)
    done = machine.boot(SOURCES + READY)
    must(done.status == 0, "the stand-in packages install from the signed repository", done.output)
    machine.give_text("/root/k.yaml", CONFIG)
    return machine


@scenario("stand-ins: apt installs signed packages, and refuses a repository whose key it does not know")
def signed(lab):
    machine = lab.machine(lab.lan(), "node01")
    done = machine.boot(SOURCES, serve={"/kubernetes/Release.key": "/other.key"})
    must(done.status != 0 and ("not signed" in done.output or "Missing key" in done.output or "NO_PUBKEY" in done.output),
         "apt refuses the repository", done.output)
    done = machine.boot(SOURCES)
    must(done.status == 0, "and accepts it with the right key", done.output)


@scenario("stand-ins: kubeadm init works once, and refuses what the real one refuses")
def init(lab):
    machine = prepared(lab)
    forward = "swapoff -a; sysctl -qw net.ipv4.ip_forward=1; "
    done = machine.boot("swapoff -a; kubeadm init --config /root/k.yaml")
    must("ip_forward" in done.output and done.status == 1, "init needs ip_forward", done.output)
    done = machine.boot(forward + "kubeadm init --config /root/k.yaml --pod-network-cidr 10.0.0.0/8")
    must("can not mix" in done.output and done.status == 3, "init refuses flags in addition to --config", done.output)
    done = machine.boot(forward + "systemctl stop crio; kubeadm init --config /root/k.yaml")
    must("ERROR CRI" in done.output, "init needs a runtime", done.output)
    done = machine.boot(forward + "mv /usr/bin/kubelet /root; kubeadm init --config /root/k.yaml; code=$?; mv /root/kubelet /usr/bin; exit $code")
    must("FileExisting-kubelet" in done.output and done.status == 1, "init needs a kubelet", done.output)
    machine.give_text("/root/wrong.yaml", CONFIG.replace("podSubnet", "podSubnett"))
    done = machine.boot(forward + "kubeadm init --config /root/wrong.yaml")
    must("podSubnett" in done.output and done.status == 1, "init refuses an unknown field", done.output)
    machine.give_text("/root/elsewhere.yaml", CONFIG.replace("192.168.11.57", "192.168.11.9"))
    done = machine.boot(forward + "kubeadm init --config /root/elsewhere.yaml")
    must("cannot assign requested address" in done.output, "init needs an address of this machine", done.output)
    done = machine.boot("sysctl -qw net.ipv4.ip_forward=1; kubeadm init --config /root/k.yaml")
    must("kubelet is not healthy" in done.output and done.status == 1, "a kubelet does not start with swap on", done.output)
    done = machine.boot(forward + "kubeadm init --config /root/k.yaml")
    must("FileAvailable" in done.output and done.status == 1, "a half-finished control plane is in the way", done.output)
    done = machine.boot(forward + "kubeadm reset -f; kubeadm init --config /root/k.yaml && kubectl --kubeconfig /etc/kubernetes/admin.conf get nodes")
    must(done.status == 0 and "raspberrypi   NotReady" in done.output, "after a reset init works", done.output)
    done = machine.boot(forward + "kubeadm init --config /root/k.yaml")
    must("FileAvailable" in done.output and done.status == 1, "a second init is refused", done.output)


@scenario("stand-ins: a control plane of 1 GB, and a kernel without the memory controller, are refused")
def hardware(lab):
    machine = prepared(lab, hardware=PI3)
    done = machine.boot("swapoff -a; sed -i 's/ cgroup_enable=memory//' /boot/firmware/cmdline.txt; kubeadm init --config /root/k.yaml")
    must("ERROR Mem" in done.output, "1 GB is not enough", done.output)
    done = machine.boot("swapoff -a; kubeadm init --config /root/k.yaml")
    must("missing required cgroups: memory" in done.output, "the memory controller is required", done.output)


@scenario("stand-ins: a kill at the n-th program ends every process of the machine")
def kill(lab):
    machine = lab.machine(lab.lan(), "node01")
    done = machine.boot("for i in 1 2 3 4 5; do touch /root/$i; done; echo 'not' 'reached'", kill_at=3)
    must(done.event == "killed", "the machine was killed", done.output)
    must(machine.exists("/root/2") and not machine.exists("/root/3"), "killed just before the third program")
    must("not reached" not in done.output, "nothing ran afterwards", done.output)
