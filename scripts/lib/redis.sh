# shellcheck shell=bash
# A private Redis that keeps nothing on disk: `scripts/services redis`. It runs as the caller.

redis_locate() {
    sockets=$(socket_folder "$EUID")
}

redis_pid() {
    local pid
    { read -r pid <"$folder/pid"; } 2>/dev/null || return 1
    process_alive "$pid" && works_in "$pid" "$folder" || return 1
    printf '%s\n' "$pid"
}

redis_url() {
    local scheme=redis user=
    ((${#tls[@]} == 0)) || scheme=rediss
    [[ -z $password ]] || user=":$(percent_encode "$password")@"
    printf '%s://%s127.0.0.1:%s/0\n' "$scheme" "$user" "$1"
}

redis_launch() {
    command -v redis-server >/dev/null || die "Redis is not installed: run scripts/setup"
    make_socket_folder "$(id -un)"
    rm -f -- "$sockets/redis.sock" "$folder/pid"
    [[ ! -e $folder/log ]] || mv -f -- "$folder/log" "$folder/log.1"
    launch_on_port redis_try "$folder/log"
}

# redis_try PORT: one attempt; fails when the server does not come up.
redis_try() {
    redis_configure "$1"
    setsid redis-server "$folder/redis.conf" </dev/null >>"$folder/log" 2>&1 9>&- &
    local pid=$! deadline=$((SECONDS + 30))
    echo "$pid" >"$folder/pid"
    while process_alive "$pid" && ((SECONDS < deadline)); do
        redis_ready && return
        nap 0.05
    done
    end_process KILL 5 "$pid"
    return 1
}

redis_ready() {
    [[ $(REDISCLI_AUTH=$password timeout 5 redis-cli -s "$sockets/redis.sock" PING 2>/dev/null) == PONG ]]
}

redis_configure() {
    local -a lines=(
        'bind 127.0.0.1' "unixsocket $sockets/redis.sock" 'unixsocketperm 700' 'daemonize no'
        "dir $(redis_quote "$folder")" 'save ""' 'appendonly no'
    )
    if ((${#tls[@]} == 3)); then
        lines+=(
            'port 0' "tls-port $1" 'tls-auth-clients no' "tls-cert-file $(redis_quote "${tls[0]}")"
            "tls-key-file $(redis_quote "${tls[1]}")" "tls-ca-cert-file $(redis_quote "${tls[2]}")"
        )
    else
        lines+=("port $1")
    fi
    [[ -z $password ]] || lines+=("requirepass $(redis_quote "$password")")
    put_private "$folder/redis.conf" "${lines[@]}"
}

redis_quote() {
    local text=${1//\\/\\\\}
    printf '"%s"\n' "${text//\"/\\\"}"
}

# redis_end PID: by the signal asked for.
redis_end() {
    end_process "$signal" 15 "$1"
}

redis_discard() {
    :
}
