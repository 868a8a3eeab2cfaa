# shellcheck shell=bash
# What both services share. A service of KIND brings KIND_locate, _pid, _ready, _launch, _end, _url and
# _discard. Variables set by
# scripts/services: kind, folder, wanted_port, throwaway, tls, password, owner, mode, signal.

# socket_folder UID: short, since a socket's path ends at 107 bytes.
socket_folder() {
    printf '/tmp/adelante-%s-%s\n' "$1" "$(short_hash "$folder")"
}

# make_socket_folder USER: private to that user, and not somebody else's trap.
make_socket_folder() {
    if [[ ! -d $sockets ]]; then
        mkdir -m 700 -- "$sockets"
        ((EUID != 0)) || chown "$1" "$sockets"
    fi
    [[ ! -L $sockets && $(stat -c %U "$sockets") == "$1" ]] || die "$sockets is not a folder of $1"
}

# launch_on_port TRY LOG: runs TRY with the port asked for, the one of last time, or a free one, and remembers it.
launch_on_port() {
    local port remembered=
    [[ ! -s $folder/port ]] || remembered=$(<"$folder/port")
    for _ in {1..10}; do
        port=${wanted_port:-${remembered:-$(free_port)}}
        if "$1" "$port"; then
            echo "$port" >"$folder/port"
            return
        fi
        grep -qi 'address already in use' "$2" 2>/dev/null || break
        if [[ -n $wanted_port ]]; then
            rm -rf -- "${sockets:?}"
            die "port $port is taken by $(port_holder "$port")"
        fi
        [[ -z $remembered ]] || say "$kind: port $port of last time is taken by $(port_holder "$port"); using another"
        remembered=
        : >"$2"
    done
    rm -rf -- "${sockets:?}"
    die_with_log "$kind did not start" "$2"
}

service_start() {
    local pid
    [[ -z $owner ]] || process_alive "$owner" || die "--owner $owner: there is no such process"
    drop_watcher
    if pid=$("${kind}_pid"); then
        if [[ -s $folder/port && $(settings) == "$(cat "$folder/settings" 2>/dev/null)" ]] && "${kind}_ready"; then
            watch_owner "$pid"
            "${kind}_url" "$(<"$folder/port")"
            return
        fi
        "${kind}_end" "$pid"
    fi
    put_private "$folder/settings" "$(settings)"
    "${kind}_launch"
    pid=$("${kind}_pid") || die "$kind ended right after its start"
    watch_owner "$pid"
    "${kind}_url" "$(<"$folder/port")"
}

# settings: what a running server must have been started with to be used again, a line each.
settings() {
    printf '%s\n' "port=$wanted_port" "throwaway=$throwaway" "password=$password" "${tls[@]/#/tls=}"
}

# restore_settings: those of the last start.
restore_settings() {
    local -a saved
    mapfile -t saved <"$folder/settings"
    wanted_port=${saved[0]#port=} throwaway=${saved[1]#throwaway=} password=${saved[2]#password=}
    tls=("${saved[@]:3}")
    tls=("${tls[@]#tls=}")
}

# service_restart: with the settings of its start, on the same port.
service_restart() {
    local pid
    [[ -s $folder/port && -e $folder/settings ]] || die "no $kind was started in $folder"
    restore_settings
    owner=$(cat "$folder/owner" 2>/dev/null || true)
    drop_watcher
    if pid=$("${kind}_pid"); then
        "${kind}_end" "$pid"
    fi
    wanted_port=$(<"$folder/port")
    "${kind}_launch"
    pid=$("${kind}_pid") || die "$kind ended right after its start"
    if [[ -n $owner ]] && process_alive "$owner"; then
        watch_owner "$pid"
    fi
    "${kind}_url" "$(<"$folder/port")"
}

service_stop() {
    local pid
    drop_watcher
    if pid=$("${kind}_pid"); then
        "${kind}_end" "$pid"
    fi
    rm -rf -- "${sockets:?}"
}

# watch_owner PID: leaves a small process behind that stops the service when its owner is gone.
watch_owner() {
    rm -f -- "$folder/owner"
    [[ -n $owner ]] || return 0
    echo "$owner" >"$folder/owner"
    setsid "$BASH" "${BASH_SOURCE[-1]}" "$kind" watch "$folder" --owner "$owner" </dev/null >/dev/null 2>&1 9>&- &
    for _ in {1..200}; do
        [[ ! -s $folder/watcher ]] || return 0
        nap 0.02
    done
    die "the process that watches for the owner's end did not start"
}

drop_watcher() {
    local watcher
    { read -r watcher <"$folder/watcher"; } 2>/dev/null || return 0
    rm -f -- "$folder/watcher"
    if grep -qzxF -e "$folder" "/proc/$watcher/cmdline" 2>/dev/null; then
        end_process TERM 5 "$watcher"
    fi
}

# service_watch: waits for the owner's end, then stops the service, even if its folder was deleted meanwhile.
service_watch() {
    local REPLY pid birth owner_birth=gone
    pid=$("${kind}_pid") && process_birth "$pid" || return 0
    birth=$REPLY
    process_birth "$owner" && owner_birth=$REPLY
    restore_settings
    cd /
    echo "$$" >"$folder/watcher" # now it no longer needs the folder
    while process_alive "$owner" "$owner_birth"; do
        process_alive "$pid" "$birth" || return 0
        nap 0.5
    done
    lock_folder || true
    process_alive "$pid" "$birth" || return 0
    [[ $throwaway == no ]] || mode=immediate
    "${kind}_end" "$pid"
    rm -f -- "$folder/watcher" "$folder/owner"
    rm -rf -- "${sockets:?}"
    "${kind}_discard"
}

# lock_folder: one command at a time in a folder; the lock ends with this process.
lock_folder() {
    exec 9>"$folder/lock" || return 1
    flock -w 120 9 || die "another command has been busy in $folder for two minutes"
}
