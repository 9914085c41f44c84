#!/usr/bin/env bash
# 55-repositories: where the runtime's and Kubernetes' packages come from, and whose signature is trusted.
#
# Asked for by   kubernetes = 1.36
# Why            neither is in the system's own archive in a suitable version. Each repository has a keyring of its own
#                (Signed-By), so that its key vouches for nothing else; and a key is trusted only by its fingerprint.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

# fingerprints FILE: of each primary key in it. In a separate keyring, so that nothing is added to anyone's.
fingerprints() {
  local listing
  install -d -m 0700 "$work/gnupg"
  listing=$(gpg --homedir "$work/gnupg" --batch --with-colons --show-keys "$1" 2>/dev/null) || return 0
  awk -F: '$1 == "pub" || $1 == "sec" { primary = 1 } $1 == "fpr" && primary { print $10; primary = 0 }' <<<"$listing"
}
# expired FILE: whether a primary key in it has expired
expired() {
  local listing
  listing=$(gpg --homedir "$work/gnupg" --batch --with-colons --show-keys "$1" 2>/dev/null) || return 0
  awk -F: -v now="$(date +%s)" '$1 == "pub" && $7 != "" && $7 < now { found = 1 } END { exit !found }' <<<"$listing"
}

# keyring NAME ADDRESS FINGERPRINT: /etc/apt/keyrings/pikc-NAME.asc holds the key from ADDRESS, if it is the right one.
# FINGERPRINT "unknown": no one has confirmed it yet; the key that is trusted from now on is shown, and kept.
keyring() {
  local file=/etc/apt/keyrings/pikc-$1.asc found
  wants "$file"
  if [ -e "$file" ]; then
    found=$(fingerprints "$file")
    if [ "$found" = "$3" ] || { [ "$3" = unknown ] && is_ours "$file"; }; then
      if ! expired "$file"; then ok "$file holds $found"; return; fi
      note "the key in $file has expired: fetching it again, because upstream may have extended it"
    fi
  fi
  if dry; then would "fetch the key of $1 from $2"; return; fi
  download "the key of $1" "$2" "$work/$1.asc" 60
  if ! grep -q '^-----BEGIN PGP PUBLIC KEY BLOCK-----' "$work/$1.asc"; then
    die "what $2 sent is not a key: $(head -c 80 "$work/$1.asc" | tr -cd '[:print:]')"
  fi
  found=$(fingerprints "$work/$1.asc")
  if [ "$3" = unknown ]; then
    case $2 in
      http://*) die "the key of $1 has no known fingerprint, and anyone may have answered for $2: specify the fingerprint, or use https" ;;
    esac
    note "trusted from now on as the key of $1: $found (from $2; pikc has no fingerprint to compare it with)"
  elif [ "$found" != "$3" ]; then
    die "the key of $1 from $2 has the fingerprint $(printf '%s' "$found" | tr '\n' ' '), not $3: it is not used"
  fi
  rm -f "$run/index-is-fresh"
  place "$work/$1.asc" "$file" 0644 root:root
}

make_scratch
work=$scratch
install -d -m 0755 /etc/apt/keyrings # older releases come without it

# The packages of Kubernetes 1.36.
keyring kubernetes https://pkgs.k8s.io/core:/stable:/v1.36/deb/Release.key DE15B14486CD377B9E876E1A234654DA9A296436
if ! dry; then rm -f "$run/index-is-fresh"; fi
put /etc/apt/sources.list.d/pikc-kubernetes.sources

# The packages of CRI-O 1.36.
keyring crio https://download.opensuse.org/repositories/isv:/cri-o:/stable:/v1.36/deb/Release.key 85B67D5C50100B1AC8CEFE49CBA9C85640A2B579
if ! dry; then rm -f "$run/index-is-fresh"; fi
put /etc/apt/sources.list.d/pikc-crio.sources

# Lists left by older instructions, for addresses that no longer answer, would make every `apt update` fail.
gone=(apt.kubernetes.io download.opensuse.org/repositories/devel:/kubic:/libcontainers:/ download.opensuse.org/repositories/devel:kubic:libcontainers: packages.cloud.google.com/apt pkgs.k8s.io/addons:/cri-o:/)
for list in /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
  if [ ! -e "$list" ]; then continue; fi
  for address in "${gone[@]}"; do
    if grep -v '^#' "$list" | grep -F -- "$address" >/dev/null; then
      act "$list uses $address, which no longer exists: renamed to $list.disabled" mv -f "$list" "$list.disabled"
      break
    fi
  done
done
