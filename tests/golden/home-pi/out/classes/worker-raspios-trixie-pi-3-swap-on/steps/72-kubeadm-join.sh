#!/usr/bin/env bash
# 72-kubeadm-join: this machine is a worker of the cluster.
#
# Asked for by   role = worker
# Why            kubeadm join is not meant to be run again, so this remembers how far it got. Whom to trust, and a token that is
#                valid for a while, come in a file that the control plane made; no one has to copy anything from a screen.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

identity=/etc/kubernetes/kubelet.conf # what the kubelet has when the cluster has accepted it
certificate=/var/lib/kubelet/pki/kubelet-client-current.pem
name=$(node_value name)

# registered: whether the cluster knows this node: 0 yes, 1 no, 2 no answer
registered() {
  local answer
  if answer=$(kubectl --kubeconfig "$identity" get node "$name" 2>&1); then return 0; fi
  case $answer in *NotFound* | *"not found"*) return 1 ;; esac
  printf '%s\n' "$answer"
  return 2
}

# waiting WHY: says what to type, and ends with the status that run.sh knows as "waiting"
waiting() {
  local user=pi
  printf '  WAITING  %s\n' "$*"
  printf '           On your computer, type this one command:\n'
  printf '           ssh %s@%s sudo cat /etc/pikc/join.conf | ssh %s@%s sudo /opt/pikc/run.sh --join -\n' \
    "$user" "$(node_value control-plane-address)" "$user" "$(node_value address)"
  exit 75
}

begin=''
case $(kubeadm_is) in
  finished)
    if [ -e "$identity" ]; then
      ok "kubeadm join is done"
    else
      note "this node has been taken out of the cluster since (kubeadm reset?): joining again"
      begin=yes
    fi ;;
  started)
    if [ -e "$identity" ] && [ -e "$certificate" ]; then
      # The cluster has accepted this machine; its kubelet registers it on its own a moment later.
      if ! dry; then systemctl start kubelet.service; fi
      if wait_until 60 registered >/dev/null; then
        did "kubeadm join is done: it was cut short after the cluster had accepted this node"
        if ! dry; then kubeadm_finished; fi
      else
        status=0
        registered || status=$?
        if [ "$status" = 2 ]; then
          later "kubeadm join was cut short, and the control plane does not answer: it is unknown whether this node belongs" \
            "to the cluster"
        fi
        note "kubeadm join was cut short, and the cluster does not know this node: starting over"
        begin=yes
      fi
    else
      note "kubeadm join was cut short before the cluster had accepted this node: starting over"
      begin=yes
    fi ;;
  *)
    if [ -e "$identity" ]; then
      die "this machine already belongs to a cluster that pikc did not add it to: $identity exists." \
        "If you do not need that: sudo kubeadm reset --force, and run this again"
    fi
    begin=yes ;;
esac

if [ -n "$begin" ]; then
  if [ ! -e "$etc/discovery.conf" ] && [ "$(kubeadm_is)" = finished ]; then
    waiting "for a join file: the earlier one was deleted after use. If the control plane's has" \
      "expired by now, run this there first: sudo /opt/pikc/run.sh --new-join"
  elif [ ! -e "$etc/discovery.conf" ]; then
    waiting "for the join file; the control plane makes it when it is ready"
  fi
  expires=$(sed -n 's/^# expires-epoch: \([0-9]*\)$/\1/p' "$etc/discovery.conf")
  if [ -n "$expires" ] && [ "$expires" -le "$(date +%s)" ]; then
    waiting "for a new join file: the one here has expired. First, on the control plane: sudo /opt/pikc/run.sh --new-join"
  fi
  if [ "$(kubeadm_is)" != '' ]; then act "what an earlier join left behind is removed" kubeadm reset --force; fi
  if dry; then
    would "kubeadm join is done"
  else
    set_kubeadm started
    make_scratch
    if kubeadm join --config "$etc/kubeadm.yaml" </dev/null 2>&1 | tee "$scratch/join"; then
      did "kubeadm join is done"
      kubeadm_finished
    # kubeadm ends with the same status whatever is wrong; only its messages (Go's, never translated) distinguish a control plane
    # that is not up yet from a join that is refused.
    elif grep -E -e 'connection refused' -e 'no route to host' -e 'network is unreachable' -e 'i/o timeout' -e 'deadline exceeded' \
      -e 'Client.Timeout' -e 'TLS handshake timeout' -e 'no such host' "$scratch/join" >/dev/null; then
      later "kubeadm could not join: the control plane does not answer (see above)$(network_state)"
    else
      die "kubeadm join failed (see above)"
    fi
  fi
fi

# Its token lets any machine that has it join.
if [ -e "$identity" ] && [ -e "$etc/discovery.conf" ]; then
  act "$etc/discovery.conf removed: it is no longer needed" rm -f "$etc/discovery.conf" "$etc/.discovery.conf.new"
fi

stop_if_dry
# Check the result rather than assume it.
if [ ! -e "$identity" ]; then die "kubeadm join did not create $identity"; fi
