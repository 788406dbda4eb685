#!/usr/bin/env bash
# check_resume.sh <program> <its options>: stops a training by Ctrl-C and by kill -9, goes on each time, and fails unless the weights
# are those of a training that nobody stopped.
set -euo pipefail

program=$1
options=("${@:2}" --verbose 0)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "check_resume: $*" >&2
    exit 1
}
weights() { sed -n 's/^Weights hash: //p' "$work/$1"; }

"$program" "${options[@]}" >"$work/whole"

# stopped <signal>: goes on until there is a checkpoint that was not there before, and sends the signal. Sets status.
stopped() {
    touch "$work/before"
    "$program" "${options[@]}" --checkpoint "$work/run" --save-freq 3 --resume >"$work/out" 2>"$work/err" &
    local process=$!
    until [ -n "$(find "$work/run" -newer "$work/before" -name '*.safetensors' 2>/dev/null)" ]; do
        kill -0 $process 2>/dev/null || fail "no checkpoint: $(cat "$work/out" "$work/err")"
        sleep 0.01
    done
    kill -s "$1" $process
    status=0
    wait $process || status=$?
}

stopped INT
[ $status = 130 ] || fail "status $status after Ctrl-C: $(cat "$work/err")"
grep -q "fit: interrupted in epoch .*, behind batch .* has a checkpoint of it; with --resume it goes on" "$work/err" ||
    fail "after Ctrl-C it says: $(cat "$work/err")"
stopped KILL
[ $status = 137 ] || fail "status $status after kill -9"
"$program" "${options[@]}" --checkpoint "$work/run" 2>"$work/err" >/dev/null && fail "begins anew in a folder with checkpoints"
grep -q -e "has checkpoints of a training; --resume goes on with it" "$work/err" || fail "it says: $(cat "$work/err")"
"$program" "${options[@]}" --checkpoint "$work/run" --resume >"$work/resumed"
[ "$(weights resumed)" = "$(weights whole)" ] || fail "weights $(weights resumed), expected $(weights whole)"
diff <(tail -n 2 "$work/whole") <(tail -n 2 "$work/resumed") || fail "another result"
