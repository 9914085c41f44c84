#!/usr/bin/env bash
# 90-tidy: what pikc placed earlier, and the spec no longer wants, is gone.
#
# Asked for by   every run: whatever the spec no longer says
# Why            a setting that was taken back must not live on in a file that nobody remembers. What was edited since is
#                named and kept; what stood there before pikc came is put back. And what brought the machine up has done its
#                work: it holds the Wi-Fi's key, and a boot partition cannot keep that from anybody.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

# Only a whole run knows everything that is wanted; run.sh collects it in this file.
if dry || [ ! -e "$run/wanted" ]; then
  ok "only a whole run tidies up"
  exit 0
fi

tidy

# A network policy that the spec no longer holds would go on denying what nobody remembers.
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

# The same instance-id stays, so cloud-init takes the machine for the one that it has set up already, and does nothing again.
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
  if [ ! -w "$folder" ]; then note "$folder cannot be written: what this machine came up from stays there, its keys included"; continue; fi
  for file in "$folder/network-config" "$folder/"{user-data,network-config}.pikc-new; do
    if [ -e "$file" ]; then act "$file is gone: it has done its work" rm -f "$file"; fi
  done
  if grep -qs 'pikc\.carrier' "$folder/user-data"; then act "$folder/user-data holds nothing any more: it has done its work" spent "$folder/user-data"; fi
done
# cloud-init's own copies; it makes them anew from the seed at the next boot. It reads them until it has ended.
if [ -n "$seed" ] && [ -e /run/cloud-init/result.json ]; then
  for folder in /var/lib/cloud/instances/pikc-*; do
    if ! grep -qs 'pikc\.carrier' "$folder/user-data.txt"; then continue; fi
    act "cloud-init's copy of it is gone ($folder)" \
      rm -f "$folder"/{obj.pkl,network-config.json,cloud-config.txt,user-data.txt.i,user-data.txt}
  done
fi
# It writes the network into its log, the key included, and others than root may read that. Ubuntu's log belongs to the account
# that writes it.
keyless() {
  local log=/var/log/cloud-init.log line='Applying network configuration from .*password'
  if [ -L "$log" ] || [ ! -f "$log" ] || ! grep -q "$line" "$log"; then
    echo same
  elif sed -i -E "/$line/s/(from [^:]*:).*/\\1 (taken out by pikc: it held the key)/" "$log"; then
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
  wrote) did "/var/log/cloud-init.log is without the network's key" ;;
  *) note "/var/log/cloud-init.log holds the network's key, and could not be changed" ;;
esac
ok "nothing else is left over"
