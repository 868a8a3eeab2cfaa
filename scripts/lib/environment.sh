# shellcheck shell=bash
# The user's settings.

# load_env FILE: exports the settings of an .env file; what the environment has already wins, as in adelante itself.
load_env() {
    local line name value
    [[ -e $1 ]] || return 0
    while IFS= read -r line || [[ -n $line ]]; do
        line=${line%$'\r'}
        [[ $line =~ ^[[:space:]]*(export[[:space:]]+)?([A-Za-z_][A-Za-z0-9_]*)[[:space:]]*=[[:space:]]*(.*)$ ]] || continue
        name=${BASH_REMATCH[2]} value=${BASH_REMATCH[3]}
        value=${value%"${value##*[![:space:]]}"}
        if [[ $value =~ ^\"(.*)\"$ || $value =~ ^\'(.*)\'$ ]]; then
            value=${BASH_REMATCH[1]}
        fi
        [[ -n ${!name+set} ]] || export "$name=$value"
    done <"$1"
}

# keep_secret FILE: a random key, made once, that only this user reads.
keep_secret() {
    [[ -s $1 ]] || put_private "$1" "$(head -c 48 /dev/urandom | base64 -w 0)"
    cat "$1"
}
