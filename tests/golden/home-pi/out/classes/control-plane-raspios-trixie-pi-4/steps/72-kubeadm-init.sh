#!/usr/bin/env bash
# 72-kubeadm-init: the control plane is running on this machine.
#
# Asked for by   role = control-plane
# Why            kubeadm init sets up the certificates, etcd and the API server, once. It is not meant to be run again, so this
#                remembers how far it got. Only a cluster that was started here, never finished and holds nothing yet is reset.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

# Cluster state exists as soon as etcd has written its first file.
etcd=/var/lib/etcd
has_state() { [ -e "$etcd/member" ]; }
is_blank() { [ ! -e "$admin" ] && [ ! -e /etc/kubernetes/manifests/kube-apiserver.yaml ] && ! has_state; }

# init [OPTION]: --skip-token-print, because it would print a secret and this goes into a log
init() { kubeadm init --config "$etc/kubeadm.yaml" --skip-token-print "$@"; }

# first_init: if kubeadm lacks nothing but images, a registry did not deliver them, and nothing has been started yet
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
      note "the control plane has been taken down since (kubeadm reset?): setting it up again"
      begin=yes
    else
      ok "kubeadm init is done"
    fi ;;
  started)
    if ! has_state; then
      note "kubeadm init was cut short before there was a cluster: starting over"
      act "what it left behind is removed" kubeadm reset --force
      begin=yes
    else
      # etcd holds what this init wrote, and no one else could have written to it: the remaining phases destroy nothing. The
      # phases before it are complete, or the API server would not answer.
      note "kubeadm init was cut short after etcd was started: continuing from there"
      if ! dry; then systemctl start kubelet.service; fi
      show_changes 300 api_answers ||
        later "kubeadm init was cut short, and its API server does not come up: crictl ps --all and journalctl --unit" \
          "kubelet.service may show why. If the cluster holds nothing you need: sudo kubeadm reset --force, and run this again"
      act "kubeadm init is done" init --skip-phases=preflight,certs,kubeconfig,etcd,control-plane,kubelet-start
      if ! dry; then kubeadm_finished; fi
    fi ;;
  *)
    if ! is_blank; then
      die "there is a control plane here that pikc did not set up: /etc/kubernetes or $etcd is not empty." \
        "If you do not need it: sudo kubeadm reset --force, and run this again"
    fi
    begin=yes ;;
esac

if [ -n "$begin" ]; then
  if ! dry; then set_kubeadm started; fi
  printf '  running  kubeadm init: takes several minutes, most of them to fetch images\n'
  act "kubeadm init is done" first_init
  if ! dry; then kubeadm_finished; fi
fi

stop_if_dry
# Check the result rather than assume it.
show_changes 300 api_answers || later "the API server does not answer: crictl ps --all; journalctl --unit kubelet.service"
ok "the API server answers"
