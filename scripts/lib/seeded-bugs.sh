# shellcheck shell=bash
# Bugs on purpose: each patch of Tests/Chaos/bugs is built into a copy of the tree, and the harness has to find it. Needs common.sh and
# chaos.sh. A patch begins with three lines: what it breaks, the options of the run that provokes it, and what is found.

bugs_folder=Tests/Chaos/bugs
bugs_tree=.local/chaos/tree
bugs_build=.local/chaos/build
# What a build reads, beside the manifest.
bugs_inputs=(Sources Plugins Protocol Tests)

# bug_field NAME PATCH: a line of its head.
bug_field() {
    sed -n "s/^$1: //p;/^diff /q" "$2"
}

# bugs_copy: makes the copy what the tree is; a file that is right already keeps its times, so that little has to be built anew.
bugs_copy() {
    local file
    mkdir -p "$bugs_tree"
    while IFS= read -r -d '' file; do
        [[ -e $file ]] || continue
        cmp -s -- "$file" "$bugs_tree/$file" && continue
        mkdir -p "$(dirname "$bugs_tree/$file")"
        cp -p -- "$file" "$bugs_tree/$file"
    done < <(git ls-files -z --cached --others --exclude-standard Package.swift "${bugs_inputs[@]}")
    while IFS= read -r -d '' file; do
        [[ -e ${file#"$bugs_tree"/} ]] || rm -f -- "$file"
    done < <(find "${bugs_inputs[@]/#/$bugs_tree/}" -type f -print0)
    [[ ! -e Package.resolved ]] || cp -p Package.resolved "$bugs_tree/"
}

# seeded_bug PATCH: succeeds when the harness finds it, and as what it is.
seeded_bug() {
    local patch=$1 name status=0 finds log
    local -a options
    name=$(basename "$patch" .patch)
    log=.local/log/chaos-bug-$name.log
    read -r -a options <<<"$(bug_field Options "$patch")"
    finds=$(bug_field Finds "$patch")
    say "== $name: $(bug_field Bug "$patch")"
    bugs_copy
    git apply --directory="$bugs_tree" "$patch" || return 1
    chaos_build nice swift build --package-path "$bugs_tree" --scratch-path "$bugs_build" --product adelante -debug-info-format none \
        >"$log" 2>&1 || die_with_log "$name does not build" "$log"
    chaos_run "$bugs_build/debug/adelante" "${options[@]}" >"$log" 2>&1 || status=$?
    if ((status != 1)); then
        say "not found: the run ended with $status; see $log"
        return 1
    elif ! grep -qE "^$finds: [1-9]" "$log"; then
        say "found, but not as '$finds'; see $log"
        return 1
    fi
    say "found: $(grep -E "^$finds: [1-9]" "$log"); in all: $(grep -E '^lost [0-9]' "$log")"
}

# seeded_bugs [NAME...]: all of them, or these.
seeded_bugs() {
    local -a patches=("$bugs_folder"/*.patch)
    local patch missed=0
    (($# == 0)) || patches=("${@/#/$bugs_folder/}")
    (($# == 0)) || patches=("${patches[@]/%/.patch}")
    for patch in "${patches[@]}"; do
        [[ -e $patch ]] || die "there is no $patch"
    done
    for patch in "${patches[@]}"; do
        seeded_bug "$patch" || missed=$((missed + 1))
    done
    bugs_copy
    say "$((${#patches[@]} - missed)) of ${#patches[@]} seeded bugs found"
    ((missed == 0))
}
