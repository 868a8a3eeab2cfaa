# shellcheck shell=bash
# Processes by number, safe against numbers that were given to another one since.

# process_birth PID: sets REPLY to when it started (clock ticks since boot); fails when it is gone or only a zombie.
process_birth() {
    local line fields
    { read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1
    read -r -a fields <<<"${line##*) }" # after the name, which may hold anything
    [[ ${fields[0]} != Z && ${fields[0]} != X ]] || return 1
    REPLY=${fields[19]}
}

# process_alive PID [BIRTH]
process_alive() {
    local REPLY
    process_birth "$1" && [[ -z ${2-} || $REPLY == "$2" ]]
}

# nap SECONDS: sleeps without starting a process; the rest of the script can be interrupted meanwhile.
nap() {
    [[ -n ${nap_descriptor-} ]] || exec {nap_descriptor}<> <(:)
    read -r -t "$1" -u "$nap_descriptor" _ || true
}

# await_end SECONDS PID [BIRTH]: succeeds when it ends within that time.
await_end() {
    local deadline=$((SECONDS + $1 + 1))
    while process_alive "$2" "${3-}"; do
        ((SECONDS < deadline)) || return 1
        nap 0.05
    done
}

# end_process SIGNAL SECONDS PID: asks it to end, and insists when it does not in that time.
end_process() {
    local REPLY birth
    process_birth "$3" || return 0
    birth=$REPLY
    kill -s "$1" "$3" 2>/dev/null || true
    ! await_end "$2" "$3" "$birth" || return 0
    kill -s KILL "$3" 2>/dev/null || true
    await_end 5 "$3" "$birth"
}

# works_in PID FOLDER: whether that is its working folder.
works_in() {
    [[ /proc/$1/cwd -ef $2 ]]
}

# processes_in FOLDER: the numbers of all processes that work in it.
processes_in() {
    local entry
    for entry in /proc/[0-9]*; do
        if works_in "${entry#/proc/}" "$1" && process_alive "${entry#/proc/}"; then
            printf '%s\n' "${entry#/proc/}"
        fi
    done
}
