# shellcheck shell=bash
# Messages and small helpers that every script uses.

# say TEXT...: a line for the person watching; results alone go to standard output.
say() {
    printf '%s\n' "$*" >&2
}

die() {
    say "${0##*/}: $*"
    exit 1
}

# die_with_log TEXT LOG
die_with_log() {
    say "${0##*/}: $1; the end of its log:"
    tail -n 20 -- "$2" >&2 || true
    exit 1
}

# absolute PATH: made absolute and free of symbolic links; it need not exist.
absolute() {
    realpath -m -- "$1"
}

# short_hash TEXT: twelve hexadecimal digits that stand for it.
short_hash() {
    local sum
    sum=$(printf '%s' "$1" | sha256sum)
    printf '%s\n' "${sum:0:12}"
}

# put_private FILE LINE...: writes a file that only its owner reads, whole or not at all.
put_private() {
    local file=$1
    shift
    (umask 077 && printf '%s\n' "$@" >"$file.new")
    mv -f -- "$file.new" "$file"
}

# percent_encode TEXT: for a part of a URL.
percent_encode() {
    local LC_ALL=C text=$1 encoded='' character
    while [[ -n $text ]]; do
        character=${text:0:1}
        text=${text:1}
        [[ $character == [A-Za-z0-9._~-] ]] || printf -v character '%%%02X' "$(($(printf '%d' "'$character") & 255))"
        encoded+=$character
    done
    printf '%s\n' "$encoded"
}

# phase [NAME]: ends the phase before, which prints one line with its time, and begins the named one.
phase() {
    phase_end ''
    phase_name=${1-} phase_begin=${EPOCHREALTIME/[.,]/}
}

# phase_end REMARK: prints the line of the phase that runs, if any.
phase_end() {
    [[ -n ${phase_name-} ]] || return 0
    local tenths=$(((${EPOCHREALTIME/[.,]/} - phase_begin + 50000) / 100000))
    printf '%-24s %4d.%d s%s\n' "$phase_name" $((tenths / 10)) $((tenths % 10)) "$1"
    phase_name=
}
