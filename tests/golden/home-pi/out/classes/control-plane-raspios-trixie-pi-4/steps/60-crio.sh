#!/usr/bin/env bash
# 60-crio: CRI-O runs the containers of this node.
#
# Asked for by   runtime crio
# Why            its minor version matches that of Kubernetes. The package brings a bridge network of its own (10.85.0.0/16),
#                whose file sorts first and would give pods addresses outside the cluster's range:
#                https://github.com/cri-o/cri-o/issues/2411.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

package=cri-o
version=1.36
bridges=(/etc/cni/net.d/10-crio-bridge.conflist /etc/cni/net.d/11-crio-ipv4-bridge.conflist /etc/cni/net.d/11-crio-ipv6-bridge.conflist /etc/cni/net.d/100-crio-bridge.conf /etc/cni/net.d/100-crio-bridge.conflist)
socket=/var/run/crio/crio.sock

found=$(installed_version "$package")
case $found in
  '' | "$version".* | "$version"-*) ;;
  *) note "$package $found is installed; the spec says $version. Left as it is: to change it, remove it by hand" ;;
esac
# crictl works with any runtime; here it shows that this one answers.
install_packages "$package"='1.36.*' cri-tools
hold "$package" cri-tools

for file in "${bridges[@]}"; do
  if [ -e "$file" ]; then act "$file is moved aside" mv -f "$file" "$file.disabled"; fi
done

# If there are files of two CNIs, the runtime uses the one that sorts first. One that came with an earlier CNI of the spec is
# moved aside; one that someone else put there stays.
conflists=(/etc/cni/net.d/10-flannel.conflist)
if [ -e "$state/conflists" ]; then
  while IFS= read -r file; do
    case " ${conflists[*]} " in *" $file "*) continue ;; esac
    if [ -e "$file" ]; then act "$file is moved aside" mv -f "$file" "$file.disabled"; fi
  done <"$state/conflists"
fi
if ! dry; then
  make_state
  printf '%s\n' "${conflists[@]}" >"$state/.conflists"
  mv -f "$state/.conflists" "$state/conflists"
fi

put_all /etc/crio/crio.conf.d/ --restart crio.service
put_all /etc/containers/registries.conf.d/ --restart crio.service
unit_on crio.service
restart_if_needed crio.service

stop_if_dry
# Check the result rather than assume it: it answers on its socket.
answers() { crictl --runtime-endpoint "unix://$socket" version >/dev/null 2>&1; }
wait_until 60 answers || die "CRI-O does not answer on $socket: systemctl status crio.service; journalctl --unit crio.service"
ok "CRI-O answers on $socket"
