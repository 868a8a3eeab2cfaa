# shellcheck shell=bash
# A private PostgreSQL: `scripts/services postgres`. Its folder holds port, settings and owner; the cluster lies in a
# subfolder of it, or elsewhere when the user that PostgreSQL runs as cannot enter that.

# PostgreSQL refuses to run as root: then it gets a user of its own.
postgres_user() {
    if ((EUID != 0)); then
        id -un
    elif id postgres >/dev/null 2>&1; then
        echo postgres
    else
        id adelante >/dev/null 2>&1 || useradd --system --no-create-home --shell /usr/sbin/nologin adelante
        echo adelante
    fi
}

# as_postgres COMMAND...: as that user, in a folder that it can enter, and deaf to the caller's PG… variables.
as_postgres() (
    unset "${!PG@}"
    cd /
    if ((EUID == 0)); then
        exec runuser -u "$service_user" -- "$@"
    fi
    exec "$@"
)

# Sets service_user, cluster, data, sockets.
postgres_locate() {
    service_user=$(postgres_user)
    sockets=$(socket_folder "$(id -u "$service_user")")
    cluster=$folder/cluster
    if ! as_postgres test -x "$folder"; then
        cluster=/var/lib/adelante/$(short_hash "$folder")
        echo "$cluster" >"$folder/location"
    fi
    data=$cluster/data
}

# postgres_program NAME: of the version that made the cluster, or of the newest one installed.
postgres_program() {
    local version=
    [[ ! -s $data/PG_VERSION ]] || version=$(<"$data/PG_VERSION")
    local -a found
    mapfile -t found < <(compgen -G "/usr/lib/postgresql/${version:-*}/bin/$1" | sort -rV)
    if ((${#found[@]} == 0)); then
        local other
        other=$(pg_config --bindir 2>/dev/null || true)/$1
        [[ ! -x $other ]] || found=("$other")
    fi
    ((${#found[@]} > 0)) || die "PostgreSQL $version is not installed: run scripts/setup"
    printf '%s\n' "${found[0]}"
}

# The postmaster's number; fails when it does not run.
postgres_pid() {
    local pid
    { read -r pid <"$data/postmaster.pid"; } 2>/dev/null || return 1
    process_alive "$pid" && works_in "$pid" "$data" || return 1
    printf '%s\n' "$pid"
}

postgres_url() {
    printf 'postgresql://adelante@127.0.0.1:%s/adelante\n' "$1"
}

postgres_launch() {
    postgres_program postgres >/dev/null
    make_socket_folder "$service_user"
    [[ -s $data/PG_VERSION ]] || postgres_create_cluster
    postgres_clear_leftovers
    launch_on_port postgres_try "$cluster/log"
    postgres_create_database
}

postgres_create_cluster() {
    local -a sync=()
    [[ $throwaway == no ]] || sync=(--no-sync)
    if [[ $cluster != "$folder"/* ]]; then
        install -d -m 755 /var/lib/adelante
    fi
    install -d -m 700 -o "$service_user" "$cluster"
    rm -rf -- "${data:?}" "$data.new" # what an interrupted attempt left
    as_postgres "$(postgres_program initdb)" -D "$data.new" -U adelante -A trust --no-instructions "${sync[@]}" \
        --locale-provider=icu --icu-locale=uk-UA --locale=C.UTF-8 -E UTF8 >"$folder/initdb.log" 2>&1 ||
        die_with_log "initdb failed" "$folder/initdb.log"
    printf "include 'adelante.conf'\n" >>"$data.new/postgresql.conf"
    mv -- "$data.new" "$data"
}

# After kill -9 the server's children may live a little longer and hold its shared memory.
postgres_clear_leftovers() {
    local pid
    for pid in $(processes_in "$data"); do
        await_end 5 "$pid" || end_process KILL 5 "$pid"
    done
    rm -f -- "$data/postmaster.pid" "$sockets"/.s.PGSQL.*
    [[ ! -e $cluster/log ]] || mv -f -- "$cluster/log" "$cluster/log.1"
}

# postgres_try PORT: one attempt; fails when the server does not come up.
postgres_try() {
    postgres_configure "$1"
    as_postgres "$(postgres_program pg_ctl)" start --wait --timeout=60 --silent -D "$data" -l "$cluster/log" \
        </dev/null >/dev/null 2>&1 9>&- || return 1
    for _ in {1..200}; do
        postgres_ready "$1" && return
        nap 0.05
    done
    return 1
}

# postgres_ready [PORT]: whether it accepts connections.
postgres_ready() {
    as_postgres "$(postgres_program pg_isready)" -q -h "$sockets" -p "${1:-$(<"$folder/port")}"
}

postgres_configure() {
    local fsync=on
    [[ $throwaway == no ]] || fsync=off
    {
        printf "listen_addresses = '127.0.0.1'\nport = %s\n" "$1"
        printf "unix_socket_directories = '%s'\nunix_socket_permissions = 0700\n" "$sockets"
        printf "max_connections = 400\ntimezone = 'UTC'\nlog_timezone = 'UTC'\nfsync = %s\n" "$fsync"
        postgres_configure_tls
    } >"$data/adelante.conf"
}

# Copies, since the server insists that the key is its own user's and nobody else reads it.
postgres_configure_tls() {
    ((${#tls[@]} == 3)) || return 0
    install -m 600 -o "$service_user" -- "${tls[0]}" "$data/adelante-cert.pem"
    install -m 600 -o "$service_user" -- "${tls[1]}" "$data/adelante-key.pem"
    install -m 600 -o "$service_user" -- "${tls[2]}" "$data/adelante-ca.pem"
    printf "ssl = on\nssl_cert_file = 'adelante-cert.pem'\nssl_key_file = 'adelante-key.pem'\n"
    printf "ssl_ca_file = 'adelante-ca.pem'\n"
}

postgres_create_database() {
    local port psql exists
    port=$(<"$folder/port")
    psql=$(postgres_program psql)
    exists=$(as_postgres "$psql" -X -h "$sockets" -p "$port" -U adelante -d postgres -Atqc \
        "SELECT 1 FROM pg_database WHERE datname = 'adelante'")
    [[ $exists == 1 ]] || as_postgres "$psql" -X -h "$sockets" -p "$port" -U adelante -d postgres -qc \
        "CREATE DATABASE adelante"
}

# postgres_end PID: as the mode asks.
postgres_end() {
    local REPLY birth
    process_birth "$1" || return 0
    birth=$REPLY
    if [[ $mode == fast ]]; then
        kill -s INT "$1"
        await_end 30 "$1" "$birth" && return
        say "PostgreSQL did not stop in 30 s: stopping it at once"
    fi
    end_process QUIT 10 "$1"
}

# What a throw-away cluster leaves when its owner is gone.
postgres_discard() {
    [[ $throwaway == no ]] || rm -rf -- "${cluster:?}"
}
