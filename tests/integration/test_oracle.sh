#!/usr/bin/env bash
# The C engine against the naive implementation of the rulebook, on seeded random timelines. ORACLE_CASES for more: the long
# campaign is `make oracle`.
set -uo pipefail
cd "$(dirname "$0")/../.."
cases=${ORACLE_CASES:-4000}
seed=${ORACLE_SEED:-20260901}
fail=0
out=$(mktemp); trap 'rm -f "$out"' EXIT
n=0
for run in "wild $cases $seed" "realistic $((cases / 4)) $((seed + 1))"; do
    read -r kind count s <<<"$run"
    echo "# $kind: $count cases, seed $s"
    tests/oracle/compare.py --bin build/ehcwatchd --kind "$kind" --cases "$count" --seed "$s" >"$out" 2>&1 || fail=1
    sed -e 's/^1\.\..*//' "$out" | while read -r line; do
        case $line in ok\ *|not\ ok\ *) echo "${line%% [0-9]*} - $kind ${line#*- }" ;; *) [ -n "$line" ] && echo "# $line" ;; esac
    done
    n=$((n + $(grep -cE '^(not )?ok' "$out")))
done
echo "1..$n"
exit $fail
