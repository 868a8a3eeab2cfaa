# shellcheck shell=bash
# A run of the chaos harness in a folder of its own. Needs common.sh, process.sh and build.sh.

chaos_folder=
chaos_pid=
build_pid=

# chaos_build COMMAND...: in a process group of its own, so that the end of the script ends the compilers too.
chaos_build() {
    local status=0
    set -m
    "$@" >&2 &
    build_pid=$!
    set +m
    wait "$build_pid" || status=$?
    build_pid=
    return "$status"
}

# chaos_run BINARY OPTION...: with a copy of the binary, which a build that goes on meanwhile does not disturb.
chaos_run() {
    local status=0
    chaos_folder=$(mktemp -d /tmp/adelante-chaos-XXXXXX)
    chmod 711 "$chaos_folder" # PostgreSQL may run as another user
    cp -- "$1" "$chaos_folder/adelante"
    python3 -B Tests/Chaos/run.py --binary "$chaos_folder/adelante" --work "$chaos_folder" "${@:2}" &
    chaos_pid=$!
    wait "$chaos_pid" || status=$?
    chaos_pid=
    if ((status != 0)); then
        chaos_keep_logs
    fi
    chaos_clean
    return "$status"
}

# chaos_keep_logs: what the nodes said in a run that did not end well.
chaos_keep_logs() {
    local -a logs
    mapfile -t logs < <(compgen -G "$chaos_folder/*.log")
    ((${#logs[@]} > 0)) || return 0
    rm -rf .local/log/chaos
    mkdir -p .local/log/chaos
    cp -- "${logs[@]}" .local/log/chaos/
    say "The nodes' logs are in .local/log/chaos"
}

# chaos_clean: the services are gone already, unless the harness was killed.
chaos_clean() {
    local kind
    [[ -n $chaos_folder ]] || return 0
    for kind in redis postgres; do
        [[ ! -d $chaos_folder/$kind ]] || scripts/services "$kind" stop "$chaos_folder/$kind" || true
    done
    rm -rf -- "${chaos_folder:?}"
    chaos_folder=
}

# chaos_finish: for the script's EXIT trap.
chaos_finish() {
    [[ -z $chaos_pid ]] || end_process TERM 30 "$chaos_pid" || true
    chaos_clean
}
