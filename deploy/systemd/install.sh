#!/bin/sh
# Makes the unpacked bundle that contains this file the installed version: the first one, a newer or an older one.
#
#   install.sh [plimsoll] [plimsoll-exporter]    the units to enable and start; without one, only the command is installed
#
# Keeps the configuration in /etc/plimsoll and the state in /var/lib. Units that are installed are replaced, and restarted if they
# run: change them in a drop-in (`systemctl edit plimsoll`).
set -eu
# The services are other users, which read what is installed.
umask 022

units=/etc/systemd/system
settings=/etc/plimsoll/plimsoll.yaml
bundle=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")

fail() {
  printf 'error: %s\nhint: %s\n' "$1" "$2" >&2
  exit "$3"
}

main() {
  [ "$(id -u)" = 0 ] || fail 'install.sh writes to /etc and /opt' 'run it as root' 5
  for name in "$@"; do
    [ -f "$bundle/deploy/systemd/$name.service" ] || fail "there is no unit $name" 'name plimsoll or plimsoll-exporter' 2
  done
  case $bundle in
    /opt/plimsoll-*) ;;
    *) fail "the bundle is in $bundle" 'unpack it in /opt: tar -xzf BUNDLE -C /opt' 2 ;;
  esac
  if [ -e /opt/plimsoll ] && [ ! -L /opt/plimsoll ]; then
    fail '/opt/plimsoll is a folder, and a link is needed there' 'move that version away: mv /opt/plimsoll /opt/plimsoll-before' 5
  fi
  # Of a version that does not run here nothing is installed.
  version=$("$bundle/bin/plimsoll" --version)

  # A link is replaced at once: no moment without a program.
  ln -sfnT "$bundle" /opt/plimsoll.new
  mv -T /opt/plimsoll.new /opt/plimsoll
  mkdir -p /usr/local/bin
  ln -sfT /opt/plimsoll/bin/plimsoll /usr/local/bin/plimsoll

  install_units "$@"
  printf 'plimsoll %s is installed\n' "$version"
}

install_units() {
  for file in "$bundle"/deploy/systemd/*.service; do
    name=$(basename "$file" .service)
    case " $* " in
      *" $name "*) ;;
      *) [ -f "$units/$name.service" ] || continue ;;
    esac
    mkdir -p "$units"
    # Through another name, so that an interruption leaves no half of a unit.
    cp "$file" "$units/$name.service.new"
    chmod 0644 "$units/$name.service.new"
    mv "$units/$name.service.new" "$units/$name.service"
  done
  [ $# = 0 ] || write_settings
  is_running || return 0
  systemctl daemon-reload
  for file in "$bundle"/deploy/systemd/*.service; do
    name=$(basename "$file")
    [ ! -f "$units/$name" ] || systemctl try-restart "$name"
  done
  for name in "$@"; do systemctl enable --now --quiet "$name.service"; done
}

write_settings() {
  [ ! -e "$settings" ] || return 0
  mkdir -p "$(dirname "$settings")"
  printf '# `plimsoll init --bootstrap BROKER:9092 --force --out %s` writes your cluster here.\nclusters: {}\n' "$settings" > "$settings.new"
  chmod 0644 "$settings.new"
  mv "$settings.new" "$settings"
}

# In an image that is being built systemd does not run (sd_booted(3)).
is_running() { [ -d /run/systemd/system ]; }

main "$@"
exit
