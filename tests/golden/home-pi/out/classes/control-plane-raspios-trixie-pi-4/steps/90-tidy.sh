#!/usr/bin/env bash
# 90-tidy: what pikc placed earlier and the spec no longer wants is removed.
#
# Asked for by   every run: what the spec no longer asks for
# Why            a setting that was withdrawn must not live on in a forgotten file. What has been edited since is named and kept;
#                what was there before pikc is restored. And the files that set the machine up are no longer needed: they hold
#                the Wi-Fi key, and a boot partition cannot hide that from anyone.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

# Only a full run knows everything that is wanted; run.sh collects it in this file.
if dry || [ ! -e "$run/wanted" ]; then
  ok "only a full run tidies up"
  exit 0
fi

tidy

# A network policy that is no longer in the spec would keep denying things long after everyone has forgotten it.
applied=$state/cni/policy/objects
wanted=$here/policy/objects.list
if [ -e "$applied" ]; then
  while IFS=/ read -r namespace name; do
    if [ ! -e "$wanted" ] || ! grep -Fxq "$namespace/$name" "$wanted"; then
      act "the network policy $name is no longer in the namespace $namespace" \
        kubectl --kubeconfig "$admin" delete networkpolicy "$name" --namespace "$namespace" --ignore-not-found
    fi
  done <"$applied"
  if [ -e "$wanted" ]; then
    grep -v '^#' "$wanted" | sort -u >"$applied.new"
    mv -f "$applied.new" "$applied"
  else
    rm -rf "${applied%/*}"
  fi
fi

# Removing the cache of the cluster's DNS while pods still ask it is not for a script to decide.
if [ -d "$state/dns" ] && [ -z "$(in_bundle dns/)" ]; then
  note "the cache of the cluster's DNS is no longer wanted, but still in the cluster; once no kubelet names its address, this removes it:" \
    "sudo kubectl --kubeconfig $admin delete --filename $state/dns && sudo rm -r $state/dns"
fi

# The instance-id stays the same, so cloud-init recognizes the machine as one that it has already set up, and does not repeat it.
spent() {
  printf '%s\n' '#cloud-config' '# This machine has been set up by pikc. What was here is in /opt/pikc, which only root can read.' \
    'manage_etc_hosts: false' >"$1.pikc-new"
  sync "$1.pikc-new"
  mv -f "$1.pikc-new" "$1"
}
seed=''
for folder in /boot/firmware /boot /var/lib/cloud/seed/nocloud /var/lib/cloud/seed/nocloud-net; do
  if ! only_roots "$folder/meta-data" || ! grep -qsE '^instance-id: "?pikc-' "$folder/meta-data"; then continue; fi
  seed=yes
  if [ ! -w "$folder" ]; then note "$folder is read-only: what this machine was set up from stays there, including its keys"; continue; fi
  for file in "$folder/network-config" "$folder/"{user-data,network-config}.pikc-new; do
    if [ -e "$file" ]; then act "$file removed: it is no longer needed" rm -f "$file"; fi
  done
  if grep -qs 'pikc\.carrier' "$folder/user-data"; then act "$folder/user-data emptied: it is no longer needed" spent "$folder/user-data"; fi
done
# cloud-init's own copies; it creates them again from the seed at the next boot. It reads them until it has finished.
if [ -n "$seed" ] && [ -e /run/cloud-init/result.json ]; then
  for folder in /var/lib/cloud/instances/pikc-*; do
    if ! grep -qs 'pikc\.carrier' "$folder/user-data.txt"; then continue; fi
    act "cloud-init's copy of it removed ($folder)" \
      rm -f "$folder"/{obj.pkl,network-config.json,cloud-config.txt,user-data.txt.i,user-data.txt}
  done
fi
# It writes the network settings, including the key, to its log, which accounts other than root may read. On Ubuntu the log
# belongs to the account that writes it.
keyless() {
  local log=/var/log/cloud-init.log line='Applying network configuration from .*password'
  if [ -L "$log" ] || [ ! -f "$log" ] || ! grep -q "$line" "$log"; then
    echo same
  elif sed -i -E "/$line/s/(from [^:]*:).*/\\1 (removed by pikc: it held the key)/" "$log"; then
    echo wrote
  else
    echo failed
  fi
}
answer=same
if only_roots /var/log/cloud-init.log; then answer=$(keyless)
elif getent passwd syslog >/dev/null; then as_account syslog keyless
fi
case $answer in
  same) ;;
  wrote) did "/var/log/cloud-init.log no longer holds the network's key" ;;
  *) note "/var/log/cloud-init.log holds the network's key, but could not be changed" ;;
esac
ok "nothing else is left over"
