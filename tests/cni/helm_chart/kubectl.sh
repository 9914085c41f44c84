#!/usr/bin/env bash
# Stands in for kubectl, where a Helm that was killed may have left a note.
case "$*" in
  *'delete secret'*'owner=helm,name=ferry,status in (pending-install,'*)
    if grep -qs pending "$STAND"; then
      rm "$STAND"
      echo 'secret "sh.helm.release.v1.ferry.v1" deleted'
    fi ;;
  *) exit 2 ;;
esac
