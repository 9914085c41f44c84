#!/usr/bin/env bash
# reset: this machine is no longer a node. `run.sh --reset` asks first and starts this.
#
# Gone afterwards    what kubeadm created (certificates, etcd with everything in the cluster, the kubelet's settings), the pod
#                    network, pikc's settings for the runtime, the kernel and swap, its package sources, the holds.
# Kept               what lets you log in: address, host name, accounts, keys, locale. And the packages: they may be in use.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

socket=/var/run/crio/crio.sock
service=crio.service
bridges=(/etc/cni/net.d/10-crio-bridge.conflist /etc/cni/net.d/11-crio-ipv4-bridge.conflist /etc/cni/net.d/11-crio-ipv6-bridge.conflist /etc/cni/net.d/100-crio-bridge.conf /etc/cni/net.d/100-crio-bridge.conflist)
held=(cri-o cri-tools kubeadm kubectl kubelet kubernetes-cni)
links=(cni0 flannel.1)
conflists=(/etc/cni/net.d/10-flannel.conflist)

# --- the node -------------------------------------------------------------------------------------------------------------

# Only what pikc set up is taken down: a cluster that someone else created here is not pikc's to end.
if [ -n "$(kubeadm_is)" ]; then
  act "kubeadm has taken the node down" kubeadm reset --force --cri-socket "unix://$socket"
  if ! dry; then rm -f "$state/kubeadm" "$state/kubeadm-given" "$state/kubelet-patches"; fi
else
  ok "kubeadm has set up nothing here"
fi
unit_off kubelet.service

# --- the pod network ------------------------------------------------------------------------------------------------------

for link in "${links[@]}"; do
  if [ -e "/sys/class/net/$link" ]; then act "the link $link is gone" ip link delete "$link"; fi
done
for path in "${conflists[@]}" /var/lib/cni /run/flannel; do
  if [ -e "$path" ]; then act "$path removed" rm -rf "$path"; fi
done
for file in "${bridges[@]}"; do
  if [ -e "$file.disabled" ] && [ ! -e "$file" ]; then act "$file is back" mv -f "$file.disabled" "$file"; fi
done

# --- holds, swap, the boot command line -----------------------------------------------------------------------------------

for package in "${held[@]}"; do
  if [ "$(apt-mark showhold "$package")" = "$package" ]; then act "$package is not held" apt-mark unhold "$package"; fi
done
if grep -q '^#pikc-swap-off# ' /etc/fstab 2>/dev/null; then
  restore_fstab() { sed -i 's/^#pikc-swap-off# //' /etc/fstab; }
  act "/etc/fstab has its swap entries back" restore_fstab
fi

# Words that pikc added to the kernel's command line; the country stays, because the radio needs it.
without_words() {
  local word line=''
  for word in $(tr '\r\n' '  ' <"$1"); do
    case $word in
      cfg80211.*) ;;
      *) if grep -qxF -- "$word" "$state/boot-words"; then continue; fi ;;
    esac
    line="$line $word"
  done
  printf '%s\n' "${line# }"
}
change_line() {
  without_words "$1" >"$1.new"
  sync "$1.new"
  mv -f "$1.new" "$1"
}
lines=(/boot/firmware/cmdline.txt)
for file in "${lines[@]}"; do
  if [ ! -s "$state/boot-words" ] || [ ! -f "$file" ] || ! grep -q 'root=' "$file"; then continue; fi
  if [ "$(without_words "$file")" != "$(cat "$file")" ]; then act "$file is without pikc's words" change_line "$file"; fi
done

# --- files ----------------------------------------------------------------------------------------------------------------

# stays PATH-OR-BLOCK: without it no one could log in, or the machine would boot with another name
stays() {
  case $1 in
    /etc/NetworkManager/* | /etc/netplan/* | /etc/systemd/network/* | /etc/wpa_supplicant/* | /etc/udev/rules.d/*) ;;
    /etc/sudoers.d/* | /etc/cloud/* | /etc/default/keyboard) ;;
    'keys  '* | 'network  '* | 'links  '* | 'language  '*) ;;
    *) return 1 ;;
  esac
}
install -d -m 0755 "$run"
: >"$run/wanted"
while IFS= read -r path; do
  if stays "$path"; then wants "$path"; fi
done < <(placed_below /)
if [ -e "$state/blocks" ]; then
  while IFS= read -r line; do
    if stays "${line#*  }"; then wants "${line#*  }"; fi
  done <"$state/blocks"
fi
tidy
rm -f "$run/wanted"
for path in "$etc" "$state/cni" "$state/conflists" "$state/complete" "$state"/steps/* "$state/boot-words" "$state/boot-tried"; do
  if [ -e "$path" ]; then act "$path removed" rm -rf "$path"; fi
done
if ! dry; then rm -f "$run/reboot-wanted" "$run"/restart-*; fi

# It continues without pikc's settings.
if systemctl is-active --quiet "$service" && [ ! -e "$state/reset" ]; then
  act "$service restarted" systemctl restart "$service"
fi

stop_if_dry
# Check the result rather than assume it.
if [ -e /etc/kubernetes/kubelet.conf ] || [ -e /etc/kubernetes/manifests/kube-apiserver.yaml ]; then
  note "/etc/kubernetes is not empty: what is there was not created by pikc, and is kept"
fi
make_state
: >"$state/reset"
ok "this machine is not a node of the cluster"
