#!/usr/bin/env bash
# 27-locale: time zone, language and keyboard.
#
# Asked for by   timezone = Asia/Tokyo
#                language = C.UTF-8
#                keyboard = jp
# Why            logs in local time are easier to read, and with the wrong keyboard layout a password typed at the machine
#                is not the intended one.
# Made by pikc from cluster.pik. Do not edit: change the spec and compile again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

timezone=Asia/Tokyo
if [ "$(timedatectl show --property=Timezone --value)" = "$timezone" ]; then
  ok "time zone $timezone"
else
  act "time zone $timezone" timedatectl set-timezone "$timezone"
fi

# A language has to be generated before it can be used; C.UTF-8 is always there. locale-gen reads its list from a file that
# belongs to the package, so ours is a block in it.
language=C.UTF-8
# generated: `locale -a` spells the encoding without the dash, in lower case
generated() { locale -a | grep -ixF -- "$(printf '%s' "$language" | sed 's/UTF-8/utf8/')" >/dev/null; }
if ! generated; then
  make_scratch
  work=$(mktemp -d "$scratch/XXXXXX")
  printf '%s UTF-8\n' "$language" >"$work/language"
  block language /etc/locale.gen "$work/language" end 0644
  rm -rf "$work"
  act "language $language generated" locale-gen
elif [ -e /etc/locale.gen ] && grep '^# BEGIN pikc language ' /etc/locale.gen >/dev/null; then
  wants "language  /etc/locale.gen" # made by an earlier run, and still wanted
fi
set_language=$(sed -n 's/^LANG=//p' /etc/default/locale 2>/dev/null | tr -d \'\" || true)
if [ "$set_language" = "$language" ]; then
  ok "language $language"
else
  act "language $language" update-locale --no-checks "LANG=$language"
fi

# The console reads this file at boot; setupcon updates the cached copies that it uses early in the boot.
put /etc/default/keyboard --restart keyboard-setup.service
if [ -e "$run/restart-keyboard-setup.service" ]; then
  if command -v setupcon >/dev/null; then act "keyboard files for the next boot" setupcon --save-only; fi
  rm -f "$run/restart-keyboard-setup.service"
fi
