#!/usr/bin/env bash
# 80-join-file: the file that workers join with exists: /etc/pikc/join.conf.
#
# Asked for by   join { ttl = 24h }
# Why            a worker has to know whom to trust (the cluster's certificate authority) and needs a token that lets it ask for
#                an identity. Both are in this file, which is valid for a limited time; while it is valid, it is a secret.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

file=$etc/join.conf
ttl=24h0m0s
seconds=86400

if [ -e "$file" ] && [ "${PIKC_NEW_JOIN:-0}" != 1 ]; then
  expires=$(sed -n 's/^# expires-epoch: \([0-9]*\)$/\1/p' "$file")
  if [ -z "$expires" ] || [ "$expires" -gt "$(date +%s)" ]; then
    ok "$file"
  else
    # Not made again without need: once all workers have joined, a token lying around helps no one.
    ok "$file has expired; for another worker: sudo /opt/pikc/run.sh --new-join"
  fi
  exit 0
fi
if dry; then would "make $file, valid for $ttl"; exit 0; fi

# The token never appears in an argument list or in a log.
token=$(kubeadm token create --ttl "$ttl") || not_done "kubeadm could not make a token"
case $token in
  [a-z0-9]*.[a-z0-9]*) ;;
  *) die "kubeadm token create did not print a token" ;;
esac
server=$(awk '$1 == "server:" { print $2; exit }' "$admin") # the address that every node uses, as kubeadm wrote it
authority=$(base64 --wrap=0 /etc/kubernetes/pki/ca.crt)
expires=$(($(date +%s) + seconds))
(umask 077 && cat >"$etc/.join.conf.new" <<END
# Lets a machine join the cluster until $(date --utc --date="@$expires" '+%Y-%m-%d %H:%M UTC'). Keep it secret until then.
# expires-epoch: $expires
apiVersion: v1
kind: Config
clusters:
  - name: cluster
    cluster:
      server: $server
      certificate-authority-data: $authority
contexts:
  - name: join
    context:
      cluster: cluster
      user: join
current-context: join
users:
  - name: join
    user:
      token: $token
END
)
sync "$etc/.join.conf.new"
mv -f "$etc/.join.conf.new" "$file"
did "$file, valid for $ttl"
