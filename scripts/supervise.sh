# Sourced by scripts/run: starts named parts, restarts one that dies, stops all in order.
# A part NAME is a function command_of_NAME that fills the array `command`, and perhaps ready_NAME that tells whether it is ready.
# Needs $data (folder) and sets $server_output.
# shellcheck shell=bash

# In this order parts are stopped: who calls others goes first.
STOP_ORDER=(crowd picture director server media redis)
declare -A pid_of=() started_at=()
stopping=
START_SECONDS_MAX=60
STOP_SECONDS_MAX=15

# start_part NAME: runs it in a session of its own, so that Ctrl-C reaches this script alone, and waits until it is ready.
# Should this script be killed, the kernel ends the part too.
start_part() {
  local name=$1 command=() output
  "command_of_$name"
  output=$data/log/$name.out
  if [[ $name == server ]]; then
    open_server_output
    output=/dev/fd/$server_output
  elif declare -F "ready_$name" >/dev/null; then
    : >"$output"
  fi
  setsid setpriv --pdeathsig TERM "${command[@]}" >>"$output" 2>>"$data/log/$name.log" </dev/null {lock}>&- &
  pid_of[$name]=$!
  started_at[$name]=$SECONDS
  wait_until_ready "$name"
}

# A pipe with both ends held here: the server never meets a closed one, and no file keeps what it prints.
open_server_output() {
  [[ -z ${server_output:-} ]] || return 0
  local pipe=$data/server.pipe
  rm -f "$pipe"
  mkfifo -m 600 "$pipe"
  exec {server_output}<>"$pipe"
  rm -f "$pipe"
}

wait_until_ready() {
  local name=$1 deadline=$((SECONDS + START_SECONDS_MAX))
  declare -F "ready_$name" >/dev/null || return 0
  until "ready_$name"; do
    if ! kill -0 "${pid_of[$name]}" 2>/dev/null || ((SECONDS > deadline)); then
      tail -n 20 "$data/log/$name.log" >&2
      die "$name did not start; its log is $data/log/$name.log"
    fi
    sleep 0.05
  done
}

# Waits for parts to die, and starts them again: at once the first time, later when it dies soon after its start.
supervise() {
  local died name status
  while [[ -z $stopping ]]; do
    status=0
    # bash would report the signal in words of its own.
    wait -n -p died "${pid_of[@]}" 2>/dev/null || status=$?
    [[ -n ${died:-} ]] || continue
    for name in "${!pid_of[@]}"; do
      [[ ${pid_of[$name]} == "$died" ]] || continue
      warn "$(date +%T) $name ended ($(how_it_ended "$status")); starting it again"
      ((SECONDS - started_at[$name] >= 5)) || sleep 2
      start_part "$name"
    done
  done
}
how_it_ended() { if (($1 > 128)); then echo "signal $(($1 - 128))"; else echo "status $1"; fi; }

stop_all() {
  [[ -z $stopping ]] || return 0
  stopping=1
  local name
  for name in "${STOP_ORDER[@]}"; do
    [[ -z ${pid_of[$name]:-} ]] || stop_part "$name"
  done
  [[ -z ${socket_folder:-} ]] || rm -rf "$socket_folder"
}

# SIGTERM lets a part finish what it has begun; one that has not ended in time is killed.
stop_part() {
  local name=$1 pid=${pid_of[$1]} deadline=$((SECONDS + STOP_SECONDS_MAX))
  kill -TERM "$pid" 2>/dev/null || return 0
  printf '    %s stops\n' "$name"
  while kill -0 "$pid" 2>/dev/null; do
    if ((SECONDS > deadline)); then
      warn "$name did not stop within $STOP_SECONDS_MAX s and is killed"
      kill -KILL "$pid" 2>/dev/null || true
      break
    fi
    sleep 0.05
  done
  wait "$pid" 2>/dev/null || true
}
