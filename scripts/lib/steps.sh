# shellcheck shell=bash
# The steps of scripts/test: all of them run, then a table says how each ended, followed by the test
# runners' own closing lines.

steps_table=()
steps_closing=()
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
    [[ $step_result == passed ]] || steps_failed=$((steps_failed + 1))
    steps_table+=("$(printf '%-8s %5d s  %s' "$name" $((SECONDS - begin)) "$step_result")")
    mapfile -t -O "${#steps_closing[@]}" steps_closing < <(closing_line "$log")
}

# closing_line LOG: the last words of Swift Testing and of pytest.
closing_line() {
    LC_ALL=C.UTF-8 grep -E '^(. +Test run with [0-9]+ tests?|=* ?[0-9]+ (passed|failed|skipped|error))' "$1" | tail -n 1
}

step_skipped() {
    LC_ALL=C.UTF-8 grep -E '^. +(Test|Suite) .* skipped' "$1" || closing_line "$1" | grep -q skipped
}

# steps_summary: fails when a step did.
steps_summary() {
    printf '\n== summary\n'
    printf '%s\n' "${steps_table[@]}" "${steps_closing[@]}"
    ((steps_failed == 0))
}
