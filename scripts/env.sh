# Sourced by every script here: where the repository is, which Node it uses, and how scripts speak.
# shellcheck shell=bash
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export ROOT
LOGS=$ROOT/build/logs

# Node's own tools want 22.12 or newer. Where the machine's Node is older, scripts/setup puts one here.
NODE_HOME=$ROOT/.tools/node
if [[ -x $NODE_HOME/node_modules/.bin/node ]]; then
  export PATH=$NODE_HOME/node_modules/.bin:$PATH
fi
# Node has a list of certificate authorities of its own; this makes it trust what the machine trusts.
trust_the_machines_authorities() {
  if [[ -z ${NODE_EXTRA_CA_CERTS:-} && -r /etc/ssl/certs/ca-certificates.crt ]]; then
    export NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
  fi
}
trust_the_machines_authorities

say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
warn() { printf '!!  %s\n' "$*" >&2; }
die() {
  printf '!!  %s\n' "$*" >&2
  exit 1
}

# Prints the comment block at the top of the calling script: its help.
help_of() { sed -n '2,/^[^#]/{ /^#/!q; s/^# \{0,1\}//p; }' "$1"; }

# quietly WHAT COMMAND...: runs a long command with its output in a log, a line every ten seconds; shows the log's end if it fails.
quietly() {
  local what=$1 log started ticker status=0
  shift
  mkdir -p "$LOGS"
  log=$LOGS/$(tr -cs 'A-Za-z0-9\n' '-' <<<"$what" | tr 'A-Z' 'a-z').log
  started=$SECONDS
  say "$what"
  # The command is in the foreground, so that Ctrl-C ends it; the ticker ends by itself when this script has gone.
  (
    # Waits on a pipe that nobody writes to: a sleep of its own would outlive the step by up to ten seconds.
    exec {idle}<> <(:)
    until read -r -t 10 -u "$idle" || ! kill -0 "$$" 2>/dev/null; do
      printf '    %4d s  %.100s\n' "$((SECONDS - started))" "$(tail -n 1 "$log" | tr -d '\r')"
    done
  ) &
  ticker=$!
  "$@" >"$log" 2>&1 </dev/null || status=$?
  kill "$ticker" 2>/dev/null || true
  wait "$ticker" 2>/dev/null || true
  if ((status != 0)); then
    tail -n 40 "$log" >&2
    die "$what: failed with status $status; the whole log is in $log"
  fi
}

# node_is_new_enough: Node >= 22.12 on PATH.
node_is_new_enough() {
  local version major minor
  version=$(node --version 2>/dev/null) || return 1
  IFS=. read -r major minor _ <<<"${version#v}"
  ((major > 22 || (major == 22 && minor >= 12)))
}
