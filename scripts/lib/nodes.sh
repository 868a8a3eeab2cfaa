# shellcheck shell=bash
# The nodes of scripts/run. .local/run/NAME.pid names each, with its birth, for the run that follows a killed one.

nodes_run=.local/run
declare -A node_pid=()

# node_start NAME PORT METRICS_PORT
node_start() {
    local REPLY log=.local/log/$1.log
    [[ ! -e $log ]] || mv -f "$log" "$log.1"
    PORT=$2 METRICS_PORT=$3 setsid .build/release/adelante serve </dev/null >"$log" 2>&1 8>&- &
    node_pid[$1]=$!
    disown
    if process_birth "$!"; then
        echo "$! $REPLY" >"$nodes_run/$1.pid"
    fi
}

# node_await_ready NAME URL: until it answers with 200.
node_await_ready() {
    local deadline=$((SECONDS + 60))
    until curl -fsko /dev/null --noproxy '*' --max-time 2 "$2/ready" 2>/dev/null; do
        process_alive "${node_pid[$1]}" || die_with_log "$1 ended while it started" ".local/log/$1.log"
        ((SECONDS < deadline)) || die_with_log "$1 was not ready within a minute" ".local/log/$1.log"
        nap 0.1
    done
}

# nodes_watch: returns only by ending the script, when a node has ended.
nodes_watch() {
    local name
    while true; do
        for name in "${!node_pid[@]}"; do
            process_alive "${node_pid[$name]}" || die_with_log "$name ended" ".local/log/$name.log"
        done
        nap 0.5
    done
}

# nodes_stop: those that the pid files name, of this run or of one before; all at once, since each may drain its sockets.
nodes_stop() {
    local file pid birth
    for file in "$nodes_run"/*.pid; do
        if [[ -e $file ]] && read -r pid birth <"$file" && process_alive "$pid" "$birth"; then
            kill -s TERM "$pid" 2>/dev/null || true
        fi
    done
    for file in "$nodes_run"/*.pid; do
        if [[ -e $file ]] && read -r pid birth <"$file" && ! await_end "$((${DRAIN_SECONDS:-10} + 5))" "$pid" "$birth"; then
            kill -s KILL "$pid" 2>/dev/null || true
        fi
        rm -f "$file"
    done
}
