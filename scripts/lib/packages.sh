# shellcheck shell=bash
# The Debian packages that adelante needs, each with what shows that it (or another package like it) is there: a command,
# or a file. This is the only list.

# shellcheck disable=SC2034  # read by scripts/setup
packages_to_run=(
    libpq-dev=/usr/include/postgresql/libpq-fe.h
    libhiredis-dev=/usr/include/hiredis/hiredis.h
    libssl-dev=/usr/include/openssl/evp.h
    zlib1g-dev=/usr/include/zlib.h
    libcrypt-dev=/usr/include/crypt.h
    libcurl4-openssl-dev='/usr/include/*/curl/curl.h'
    libqrencode-dev=/usr/include/qrencode.h
    libpng-dev=/usr/include/png.h
    libxlsxwriter-dev=/usr/include/xlsxwriter.h
    libzip-dev=/usr/include/zip.h
    libexpat1-dev=/usr/include/expat.h
    postgresql='/usr/lib/postgresql/*/bin/initdb'
    postgresql-client='/usr/lib/postgresql/*/bin/psql'
    redis-server=redis-server
    git=git
    make=make
    curl=curl
    ca-certificates=/etc/ssl/certs/ca-certificates.crt
)

# shellcheck disable=SC2034  # read by scripts/setup
packages_to_test=(
    chromium=chromium
    fonts-noto-core=/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf
    python3-venv='/usr/lib/python3*/ensurepip'
    python3-lib2to3='/usr/lib/python3*/lib2to3/pgen2'
    python3-dev='/usr/include/python3*/Python.h'
    gcc=gcc
    shellcheck=shellcheck
    zbar-tools=zbarimg
    libreoffice-calc-nogui=soffice
    node-typescript=tsc
    node-react=/usr/share/nodejs/@types/react/index.d.ts
    node-react-dom=/usr/share/nodejs/react-dom/umd/react-dom.development.js
    node-csstype='/usr/share/nodejs/csstype/index.d.ts'
    node-prop-types=/usr/share/nodejs/@types/prop-types/index.d.ts
    esbuild=esbuild
)

# Beside which scripts/bench measures. What cannot be installed is only not measured.
# shellcheck disable=SC2034  # read by scripts/bench
packages_to_bench=(
    gcc=cc
    python3-venv='/usr/lib/python3*/ensurepip'
    libnginx-mod-nchan=/usr/lib/nginx/modules/ngx_nchan_module.so
    nginx-light=/usr/sbin/nginx
    libuv1='/usr/lib/*/libuv.so.1'
)

# missing_packages PACKAGE=SIGN...: prints the names of those whose sign is not there.
missing_packages() {
    local entry sign
    for entry in "$@"; do
        sign=${entry#*=}
        if [[ $sign == /* ]]; then
            compgen -G "$sign" >/dev/null || printf '%s\n' "${entry%%=*}"
        else
            type -P "$sign" >/dev/null || printf '%s\n' "${entry%%=*}"
        fi
    done
}

# While it installs, scripts/lib/install-packages leaves these two files, marked as its own, so that no server starts.
install_policy=/usr/sbin/policy-rc.d
install_clusters=/etc/postgresql-common/createcluster.d/adelante-setup.conf
install_mark='# for the moment, by adelante/scripts/setup'

# installation_interrupted: whether a killed installation left them.
installation_interrupted() {
    [[ -e $install_clusters ]] || grep -qsF "$install_mark" "$install_policy"
}
