# shellcheck shell=bash
# The release build, with its progress shown; skipped when nothing that goes into it has changed.

build_log=.local/log/build.log

# build_inputs: changes with every source file and description, the manifest, how it is built, the compiler and the folder.
build_inputs() {
    {
        pwd
        stat -L -c '%n %s %Y' "$(type -P swift)" Package.swift scripts/lib/build.sh
        find Sources Plugins Protocol -printf '%p %y %s %T@\n' | sort
    } | sha256sum
}

# Which versions of the packages: SwiftPM writes this file in the first build.
build_versions() {
    if [[ -e Package.resolved ]]; then
        sha256sum <Package.resolved
    fi
}

# build_output PRODUCT: changes when somebody has built it in another way.
build_output() {
    stat -L -c '%s %Y' ".build/release/$1" 2>/dev/null || true
}

# build_release PRODUCT...
build_release() {
    local product
    for product in "$@"; do
        build_product "$product"
    done
}

build_product() {
    local inputs stamp=.local/run/build-$1.stamp
    inputs=$(build_inputs) # before the build: what is saved meanwhile is for the next one
    if [[ -x .build/release/$1 && -e $stamp && $(<"$stamp") == "$inputs$(build_versions)$(build_output "$1")" ]]; then
        return
    fi
    rm -f "$stamp"
    [[ -d .build ]] || say "The first build takes some minutes."
    # Swift's own libraries go into the program: it runs where no Swift is installed, and calls them a little faster. Without debug
    # information, which takes a good part of the time; symbols stay.
    swift build -c release --product "$1" --static-swift-stdlib -debug-info-format none 2>&1 </dev/null | tee "$build_log" | build_progress || {
        grep -E '^(/.*: )?error: ' "$build_log" | sort -u >&2 || tail -n 20 "$build_log" >&2
        die "the build failed; all that it said is in $build_log"
    }
    build_backtrace
    echo "$inputs$(build_versions)$(build_output "$1")" >"$stamp"
}

# A program without Swift's dynamic libraries looks beside itself for the one that writes down where it crashed.
build_backtrace() {
    local resources
    resources=$(swift -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')
    cp -f "$resources/../../libexec/swift/linux/swift-backtrace-static" .build/release/swift-backtrace 2>/dev/null ||
        say "this Swift has no swift-backtrace-static: a crash will leave no trace of where it was"
}

# build_progress: SwiftPM's lines as one line that changes on a terminal, and as one every ten seconds elsewhere.
build_progress() {
    local line text shown=$SECONDS
    while IFS= read -r line; do
        if [[ $line =~ ^\[([0-9]+)/([0-9]+)\]\ (.*) ]]; then
            text="building: ${BASH_REMATCH[1]} of ${BASH_REMATCH[2]}, ${BASH_REMATCH[3]}"
        elif [[ $line =~ ^(Fetching|Fetched|Computing|Creating|Cloning|Downloading|Updating) ]]; then
            text="packages: $line"
        else
            continue
        fi
        if [[ -t 1 ]]; then
            printf '\r\e[K%s' "${text:0:${COLUMNS:-78}}"
        elif ((SECONDS >= shown + 10)); then
            printf '  %s\n' "$text"
            shown=$SECONDS
        fi
    done
    [[ ! -t 1 ]] || printf '\r\e[K'
}

# build_stop PID: ends the build whose process group that is. SwiftPM ends its compilers, which have groups of their own,
# when it is interrupted, but not when it is terminated.
build_stop() {
    kill -s INT -- "-$1" 2>/dev/null || return 0
    for _ in {1..200}; do
        kill -s 0 -- "-$1" 2>/dev/null || return 0
        nap 0.05
    done
    kill -s KILL -- "-$1" 2>/dev/null || true
}
