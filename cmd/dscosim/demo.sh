#!/usr/bin/env bash
# What `make demo` shows: a simulated DSCO and ShipStation on loopback, one run of dscosync between them, the table.
# It asks nothing, needs no account, and leaves nothing running and nothing behind.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
chmod 700 "$folder"
sim=
cleanup() { [ -n "$sim" ] && kill "$sim" 2>/dev/null && wait "$sim" 2>/dev/null; rm -rf "$folder"; }
trap cleanup EXIT INT TERM

say() { printf '\n\033[1m%s\033[0m\n' "$*" | if [ -t 1 ]; then cat; else sed 's/\x1b\[[0-9]*m//g'; fi; }
ends() { head -n 7 "$folder/out"; echo "..."; tail -n 4 "$folder/out"; }
show() { say "\$ dscosync $*"; bin/dscosync --config "$folder/config.yaml" "$@" 2>&1 || echo "(exit status $?)"; }

# post lets something happen at the simulator; a fresh machine may have no curl.
post() {
  local at; at=$(sed -n 's|^# dscosim at http://||p' "$folder/config.yaml")
  exec 3<>"/dev/tcp/${at%:*}/${at#*:}"
  printf 'POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n' "$1" "$at" >&3
  cat <&3 >/dev/null
  exec 3<&- 3>&-
}

say "A DSCO and a ShipStation that exist on this machine only are started, with a few dozen orders waiting in DSCO."
bin/dscosim --config "$folder/config.yaml" --state "$folder/state.db" --orders 30 >"$folder/sim.log" 2>&1 &
sim=$!
for _ in $(seq 100); do [ -f "$folder/config.yaml" ] && break; sleep 0.1; done
[ -f "$folder/config.yaml" ] || { cat "$folder/sim.log"; exit 1; }

say "What would a run do? A dry run reads both sides and changes nothing. (Its first and last lines.)"
show pull --dry-run >"$folder/out"
ends

say "Now for real, as cron does it. Silence would mean that all is well; what it says needs a person."
show sync all

say "Where does each order stand? (The first and last lines.)"
show status >"$folder/out"
ends

say "The warehouse buys labels for two orders in ShipStation, a retailer asks to cancel a third; the next run tells."
post "/sim/request-cancel?id=1026000003"
post "/sim/label?id=1026000001"
post "/sim/label?id=1026000002"
show sync all
show status --status shipped

say "The warehouse accepts, by cancelling that order in ShipStation; the next run tells DSCO."
post "/sim/cancel-in-shipstation?id=1026000003"
sleep 1 # the simulator's settings wait this long for parts that somebody may have split off just before
show cancel-sync -v

say "What needs a person, and what to do about it?"
show status --errors

say "The next run finds nothing new, and does not tell of the held order again."
show sync all -v

say "That was it. The simulator is stopped and its files are gone; README.md shows how to begin with your own account."
