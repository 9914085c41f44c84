#!/usr/bin/env bash
# 72-kubeadm-init: the control plane runs on this machine.
#
# Asked for by   role = control-plane
# Why            kubeadm init makes the certificates, etcd and the API server, once. It is not made to be run again, so this
#                remembers how far it came. Only what was started here, never finished, and holds nothing yet is reset.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

# There is cluster state as soon as etcd has written its first file.
has_state() { [ -e /var/lib/etcd/member ]; }
is_blank() { [ ! -e "$admin" ] && [ ! -e /etc/kubernetes/manifests/kube-apiserver.yaml ] && ! has_state; }

# init [OPTION]: --skip-token-print, because what it would print is a secret and this goes to a log
init() { kubeadm init --config "$etc/kubeadm.yaml" --skip-token-print "$@"; }

# first_init: where kubeadm misses nothing but images, a registry did not give them, and nothing has been started yet
first_init() {
  local said status=0 missing others
  said=$(mktemp)
  kubeadm init --config "$etc/kubeadm.yaml" --skip-token-print 2>&1 | tee "$said" || status=$?
  missing=$(grep -cF '[ERROR ImagePull]' "$said" || true)
  others=$(grep -F '[ERROR ' "$said" | grep -cvF '[ERROR ImagePull]' || true)
  if [ "$status" != 0 ] && [ "$missing" != 0 ] && [ "$others" = 0 ]; then
    rm -f "$said"
    later "images of the control plane could not be fetched (see above)$(network_state)"
  fi
  rm -f "$said"
  return "$status"
}

begin=''
case $(kubeadm_is) in
  finished)
    if is_blank; then
      note "the control plane was taken down since (kubeadm reset?): setting it up anew"
      begin=yes
    else
      ok "kubeadm init is done"
    fi ;;
  started)
    if ! has_state; then
      note "kubeadm init was cut short before there was a cluster: starting over"
      act "what it left behind is gone" kubeadm reset --force
      begin=yes
    else
      # etcd holds what this init wrote, and nobody else could have: what is left to do destroys nothing. The parts that
      # come before are complete, else the API server does not answer.
      note "kubeadm init was cut short after etcd was started: going on from there"
      if ! dry; then systemctl start kubelet.service; fi
      show_changes 300 api_answers ||
        later "kubeadm init was cut short, and its API server does not come up: crictl ps --all and journalctl --unit" \
          "kubelet.service may show why. If the cluster holds nothing of worth: sudo kubeadm reset --force, and run this again"
      act "kubeadm init is done" init --skip-phases=preflight,certs,kubeconfig,etcd,control-plane,kubelet-start
      if ! dry; then kubeadm_finished; fi
    fi ;;
  *)
    if ! is_blank; then
      die "there is a control plane here that pikc did not make: /etc/kubernetes or /var/lib/etcd is not empty." \
        "If it is of no worth: sudo kubeadm reset --force, and run this again"
    fi
    begin=yes ;;
esac

if [ -n "$begin" ]; then
  if ! dry; then set_kubeadm started; fi
  printf '  running  kubeadm init: several minutes, most of them for fetching images\n'
  act "kubeadm init is done" first_init
  if ! dry; then kubeadm_finished; fi
fi

stop_if_dry
# The promise, verified rather than assumed.
show_changes 300 api_answers || later "the API server does not answer: crictl ps --all; journalctl --unit kubelet.service"
ok "the API server answers"
