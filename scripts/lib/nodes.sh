# shellcheck shell=bash
# The programs of scripts/run: the nodes, and the Telegram sandbox. .local/run/NAME.pid names each, with its birth, for the run
# that follows a killed one.

nodes_run=.local/run
declare -A node_pid=()

# program_start NAME COMMAND...: its output goes to .local/log/NAME.log.
program_start() {
    local REPLY name=$1 log=.local/log/$1.log
    shift
    [[ ! -e $log ]] || mv -f "$log" "$log.1"
    : >"$log" # by us: the program's own process may open it after somebody looks for what it says
    setsid "$@" </dev/null >"$log" 2>&1 8>&- &
    node_pid[$name]=$!
    disown
    if process_birth "$!"; then
        echo "$! $REPLY" >"$nodes_run/$name.pid"
    fi
}

# node_start NAME PORT METRICS_PORT
node_start() {
    program_start "$1" env "PORT=$2" "METRICS_PORT=$3" .build/release/adelante serve
}

# sandbox_start: a Telegram to try the login on, on the port of last time if that is free. Sets sandbox_url.
sandbox_start() {
    local port=0 remembered=$nodes_run/sandbox.port log=.local/log/telegram-sandbox.log deadline=$((SECONDS + 60))
    [[ ! -s $remembered ]] || port=$(<"$remembered")
    ! port_taken "$port" || port=0
    program_start telegram-sandbox .build/release/TelegramSandbox --port "$port"
    until [[ $(<"$log") =~ (http://127\.0\.0\.1:([0-9]+))/ ]]; do
        process_alive "${node_pid[telegram-sandbox]}" || die_with_log "the Telegram sandbox ended while it started" "$log"
        ((SECONDS < deadline)) || die_with_log "the Telegram sandbox was not ready within a minute" "$log"
        nap 0.02
    done
    sandbox_url=${BASH_REMATCH[1]}
    echo "${BASH_REMATCH[2]}" >"$remembered"
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
