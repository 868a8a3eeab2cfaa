# shellcheck shell=bash
# TCP ports of this machine.

# port_taken PORT: whether something listens there.
port_taken() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# free_port: one below the range that the kernel gives to outgoing connections.
free_port() {
    local port
    for _ in {1..50}; do
        port=$((20000 + SRANDOM % 12000))
        if ! port_taken "$port"; then
            printf '%s\n' "$port"
            return
        fi
    done
    die "found no free port between 20000 and 32000"
}

# port_holder PORT: "process 123 (its command)", as far as this user may see it.
port_holder() {
    local inode descriptor pid command
    inode=$(awk -v port="$(printf '%04X' "$1")" \
        '$4 == "0A" && $2 ~ ":" port "$" { print $10; exit }' /proc/net/tcp /proc/net/tcp6 2>/dev/null)
    descriptor=
    if [[ -n $inode ]]; then
        descriptor=$(find /proc/[0-9]*/fd -lname "socket:\[$inode\]" -print -quit 2>/dev/null || true)
    fi
    if [[ -z $descriptor ]]; then
        printf 'a process of another user\n'
        return
    fi
    pid=${descriptor#/proc/}
    pid=${pid%%/*}
    command=$(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null || true)
    printf 'process %s (%s)\n' "$pid" "${command% }"
}
