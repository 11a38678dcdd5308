#!/bin/sh
# Removes what install.sh installed: the command, the units and every unpacked version in /opt.
#
#   remove.sh [--purge]    --purge deletes configuration and history, too
set -eu

fail() {
  printf 'error: %s\nhint: %s\n' "$1" "$2" >&2
  exit "$3"
}

main() {
  purge=no
  for word in "$@"; do
    [ "$word" = --purge ] || fail "unknown argument $word" 'there is only --purge' 2
    purge=yes
  done
  [ "$(id -u)" = 0 ] || fail 'remove.sh deletes from /etc and /opt' 'run it as root' 5

  for name in plimsoll plimsoll-exporter; do
    [ -f "/etc/systemd/system/$name.service" ] || continue
    # Not --now with `disable`: a unit that was never enabled may run.
    if [ -d /run/systemd/system ]; then
      systemctl stop "$name.service"
      interrupt_load_tests "$name.service"
    fi
    if command -v systemctl > /dev/null; then systemctl disable --quiet "$name.service"; fi
    rm "/etc/systemd/system/$name.service"
    rm -rf "/var/cache/private/$name" "/var/cache/$name"
  done
  if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi

  [ "$(readlink /usr/local/bin/plimsoll)" != /opt/plimsoll/bin/plimsoll ] || rm /usr/local/bin/plimsoll
  for folder in /opt/plimsoll-*; do
    if [ -x "$folder/bin/plimsoll" ] && [ -x "$folder/deploy/systemd/remove.sh" ]; then rm -r "$folder"; fi
  done
  [ ! -L /opt/plimsoll ] || rm /opt/plimsoll

  if [ $purge = no ]; then
    printf 'plimsoll is removed; /etc/plimsoll and /var/lib/plimsoll* are kept\n'
    return
  fi
  # The state of a dynamic user is in /var/lib/private, with a link to it (systemd.exec(5), DynamicUser=).
  for name in plimsoll plimsoll-exporter; do
    rm -rf "/etc/systemd/system/$name.service.d" "/var/lib/private/$name" "/var/lib/$name"
  done
  rm -rf /etc/plimsoll
  printf 'plimsoll is removed, with its configuration and history\n'
}

# A stop leaves load tests running. Each needs a while to delete its topics and to complete its results.
interrupt_load_tests() {
  processes_of "$1" | while read -r pid; do kill "$pid" 2> /dev/null || :; done
  seconds=0
  while [ -n "$(processes_of "$1")" ] && [ $seconds -lt 60 ]; do
    sleep 1
    seconds=$((seconds + 1))
  done
}

# Not `systemctl kill`, which refuses a unit that is not active, whatever it left running.
processes_of() { grep -ls "/$1\$" /proc/[0-9]*/cgroup | cut -d / -f 3; }

main "$@"
exit
