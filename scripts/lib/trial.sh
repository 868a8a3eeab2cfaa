# shellcheck shell=bash
# Nodes of the built server on private, throw-away PostgreSQL and Redis, for scripts that try something out on them.
# Needs common.sh, process.sh and ports.sh.

trial_nodes=()
trial_ports=()
trial_folder=

# built_server: the newest of what was built; ADELANTE names another binary.
built_server() {
    local newest=${ADELANTE-} candidate
    for candidate in .build/debug/adelante .build/release/adelante; do
        if [[ -z ${ADELANTE-} && -x $candidate && (-z $newest || $candidate -nt $newest) ]]; then
            newest=$candidate
        fi
    done
    [[ -n $newest ]] || die "there is no server: run 'swift build' first"
    printf '%s\n' "$newest"
}

# trial_start NAME BINARY: the services and a copy of the server, which a build that goes on meanwhile does not disturb.
trial_start() {
    trial_folder=$(mktemp -d "/tmp/adelante-$1-XXXXXX")
    chmod 711 "$trial_folder" # PostgreSQL may run as another user
    cp -- "$2" "$trial_folder/adelante"
    trial_database=$(scripts/services postgres start "$trial_folder/postgres" --throwaway --owner $$)
    trial_redis=$(scripts/services redis start "$trial_folder/redis" --owner $$)
    trial_secret=$(head -c 48 /dev/urandom | base64 -w 0)
}

# trial_node SETTING=VALUE...: starts a node with these settings and none of the caller's, in a folder without an .env, and
# waits until it is ready.
trial_node() {
    local port
    port=$(free_port)
    (
        cd "$trial_folder"
        exec env -i PATH="$PATH" DATABASE_URL="$trial_database" REDIS_URL="$trial_redis" SECRET_KEY="$trial_secret" \
            PORT="$port" BCRYPT_COST=4 DRAIN_SECONDS=1 LOG_LEVEL=warning "$@" ./adelante serve
    ) </dev/null >"$trial_folder/node-$port.log" 2>&1 &
    trial_nodes+=("$!")
    trial_ports+=("$port")
    trial_await_ready "$!" "$port"
}

trial_await_ready() {
    local deadline=$((SECONDS + 60))
    until curl -fso /dev/null --noproxy '*' --max-time 2 "http://localhost:$2/ready" 2>/dev/null; do
        process_alive "$1" || die_with_log "a node ended while it started" "$trial_folder/node-$2.log"
        ((SECONDS < deadline)) || die_with_log "a node was not ready within a minute" "$trial_folder/node-$2.log"
        nap 0.1
    done
}

# trial_finish: for the script's EXIT trap.
trial_finish() {
    local status=$? kind pid
    trap '' INT TERM HUP
    for pid in "${trial_nodes[@]}"; do
        end_process TERM 5 "$pid" || true
    done
    [[ -n $trial_folder ]] || exit "$status"
    for kind in redis postgres; do
        [[ ! -d $trial_folder/$kind ]] || scripts/services "$kind" stop "$trial_folder/$kind" || true
    done
    rm -rf -- "${trial_folder:?}"
    exit "$status"
}
