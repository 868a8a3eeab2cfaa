# shellcheck shell=bash
# The steps of scripts/test: all of them run, then a table says how each ended, followed by the test
# runners' own closing lines and by what names the tests that failed: of a long log often only the end is kept.

steps_table=()
steps_closing=()
steps_failures=()
steps_failed=0

# step NAME COMMAND...: runs it, keeps its output in .local/log/test-NAME.log too, and sets step_result.
# A runner that skipped a test has not shown what it is there for: that counts as a failure.
step() {
    local name=$1 log=.local/log/test-$1.log begin=$SECONDS status=0
    shift
    printf '\n== %s\n' "$name"
    "$@" </dev/null 2>&1 | tee "$log" || status=$?
    step_result=passed
    if ((status != 0)); then
        step_result="failed ($status)"
    elif step_skipped "$log"; then
        step_result='failed: something was skipped'
    fi
    if [[ $step_result != passed ]]; then
        steps_failed=$((steps_failed + 1))
        mapfile -t -O "${#steps_failures[@]}" steps_failures < <(failed_tests "$name" "$log")
    fi
    steps_table+=("$(printf '%-8s %5d s  %s' "$name" $((SECONDS - begin)) "$step_result")")
    mapfile -t -O "${#steps_closing[@]}" steps_closing < <(closing_line "$log")
}

# closing_line LOG: the last words of Swift Testing, of pytest and of scripts/reached.
closing_line() {
    LC_ALL=C.UTF-8 grep -E '^(. +Test run with [0-9]+ tests?|=* ?[0-9]+ (passed|failed|skipped|error|documented answers))' "$1" | tail -n 1
}

step_skipped() {
    LC_ALL=C.UTF-8 grep -E '^. +(Test|Suite) .* skipped' "$1" || closing_line "$1" | grep -q skipped
}

# failed_tests STEP LOG: the lines in which Swift Testing, pytest and Node name a test that failed, or was skipped; else the
# last ones, for a runner that crashed or is no test runner. At most 40.
failed_tests() {
    local shown=40 named count
    named=$(LC_ALL=C.UTF-8 grep -E '^(✘ +(Test|Suite) .* recorded an issue|. +(Test|Suite) .* skipped|(FAILED|ERROR|SKIPPED) |✖ |not ok )' "$2" |
        awk '!seen[$0]++') || named=$(tail -n 10 "$2")
    count=$(wc -l <<<"$named")
    printf '\n-- %s\n%s\n' "$1" "$(head -n "$shown" <<<"$named" | cut -c 1-400)"
    ((count <= shown)) || printf '... and %d more\n' $((count - shown))
}

# steps_summary: fails when a step did.
steps_summary() {
    printf '\n== summary\n'
    printf '%s\n' "${steps_table[@]}" "${steps_closing[@]}" ${steps_failures[@]+"${steps_failures[@]}"}
    ((steps_failed == 0))
}
