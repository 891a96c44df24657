#!/usr/bin/env bash
# The C engine against the naive implementation of the rulebook, on seeded random timelines: 200,000 of them, each
# evaluated as of its day, as known then, or as of another day in turn. ORACLE_ROUNDS and ORACLE_SEED for other runs.
set -uo pipefail
cd "$(dirname "$0")/../.."
rounds=${ORACLE_ROUNDS:-18} seed=${ORACLE_SEED:-20260901} fail=0 n=0
out=$(mktemp); trap 'rm -f "$out"' EXIT
for run in "wild $rounds $seed" "realistic $(((rounds + 8) / 9)) $((seed + 1000))"; do
    read -r kind count s <<<"$run"
    tests/oracle/compare.py --bin build/ehcwatchd --kind "$kind" --once --cases 10000 --rounds "$count" --seed "$s" >"$out" 2>&1 || fail=1
    grep -v '^1\.\.' "$out" | sed -E "s/^((not )?ok) [0-9]+/\1/"
    n=$((n + $(grep -cE '^(not )?ok' "$out")))
done
echo "1..$n"
exit $fail
