#!/usr/bin/env bash
# Stands in for kubectl: deletes the Secret that a killed Helm leaves behind.
case "$*" in
  *'delete secret'*'owner=helm,name=ferry,status in (pending-install,'*)
    if grep -qs pending "$STAND"; then
      rm "$STAND"
      echo 'secret "sh.helm.release.v1.ferry.v1" deleted'
    fi ;;
  *) exit 2 ;;
esac
