#!/usr/bin/env bash
# 32-time: the clock is right before anything checks a date.
#
# Asked for by   time servers = [ntp.jst.mfeed.ad.jp, ntp.nict.jp]
#                time fallback = [time.google.com]
# Why            a board without a battery starts with a date in the past: apt then considers package lists not yet valid,
#                and kubeadm makes certificates that the other nodes refuse (https://github.com/siderolabs/talos/issues/3122).
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

unit=systemd-timesyncd.service
put /etc/systemd/timesyncd.conf.d/90-pikc.conf --restart "$unit"
unit_on "$unit"
restart_if_needed "$unit"

stop_if_dry
# Check the result rather than assume it. The first answer takes a few seconds; without a network it never comes.
if ! clock_is_right; then
  printf '  waiting  for the first answer from a time server, at most 5 minutes; the clock says %s\n' "$(date)"
fi
asked=(ntp.jst.mfeed.ad.jp ntp.nict.jp time.google.com)
wait_until 300 clock_is_right ||
  later "no time server has answered, and the clock says $(date). Asked, by UDP port 123:" \
    "${asked[*]:-those of the system}$(network_state)"
ok "the clock is right"
