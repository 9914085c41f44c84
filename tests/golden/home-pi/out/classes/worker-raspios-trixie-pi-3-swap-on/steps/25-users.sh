#!/usr/bin/env bash
# 25-users: the spec's accounts, with their keys and rights.
#
# Asked for by   user pi
# Why            images come without a usable account, and newer ones without passwordless sudo. Keys are kept in a marked
#                block, so that a key added by hand stays. An account that is removed from the spec loses its keys and
#                rights here, but it is not deleted: it may own files.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

account() { # NAME
  local uid
  if uid=$(id -u -- "$1" 2>/dev/null); then
    # Ids below 1000 are accounts that the system and its packages made for programs (Debian policy, 9.2.2): no person logs in as one.
    if [ "$uid" -lt 1000 ]; then die "$1 is a system account here (uid $uid): give the user another name"; fi
    ok "account $1"
  else
    # No password yet: over SSH its owner logs in by key.
    act "account $1" useradd --create-home --shell /bin/bash "$1"
  fi
}

member() { # NAME GROUP
  if ! getent group "$2" >/dev/null; then act "group $2" groupadd "$2"; fi
  if id -nG "$1" 2>/dev/null | tr ' ' '\n' | grep -x -- "$2" >/dev/null; then
    ok "$1 is in group $2"
  else
    act "$1 is in group $2" usermod --append --groups "$2" "$1"
  fi
}

# keys NAME: what is below its home folder is done as the account itself (see lib.sh)
keys() {
  local folder
  if ! getent passwd "$1" >/dev/null; then would "write the keys of $1"; return; fi
  folder=$(getent passwd "$1" | cut -d: -f6)/.ssh
  home_block "$1" keys "$folder/authorized_keys" "$(fragment "authorized_keys.$1")"
}

# sudoer NAME: sudo reads a broken file as "no one may", so it is checked before it is put in place
sudoer() {
  local file=/etc/sudoers.d/010_pikc-${1//./_} # sudo skips names with a dot
  visudo --check --quiet --file="$here/$(overlay_file "$file")" || die "sudo does not accept the bundle's $file"
  put "$file"
}

account pi
keys pi
sudoer pi

# Raspberry Pi OS ships with the SSH server off.
unit_on ssh.service
stop_if_refused

stop_if_dry
# Check the result rather than assume it: sudo accepts all its files together.
visudo --check --quiet || die "sudo does not accept its files: sudo visudo --check shows which ones"
