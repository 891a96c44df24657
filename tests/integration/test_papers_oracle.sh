#!/usr/bin/env bash
# The meeting's papers, and what an assessment is, against an implementation of their definitions that is not ours, on seeded wild caseloads: builds
# papers_driver.c on the library. PAPERS_SEED and PAPERS_CASELOADS for other runs, PAPERS_LIB for another library.
set -euo pipefail
cd "$(dirname "$0")/../.."
dir=$(mktemp -d /tmp/ehcw.papers.XXXXXX)
trap 'rm -rf "$dir"' EXIT
trap 'exit 143' TERM INT
lib=${PAPERS_LIB:-build/release/libehcwatch.a}
[ -n "${PAPERS_LIB:-}" ] || make -s "$lib" >&2
gcc -std=gnu11 -D_GNU_SOURCE -O1 -Wall -Wextra -Werror -Itests/unit -Iinclude/render -Iinclude/watch -Iinclude/statute -o "$dir/papers_driver" \
    tests/oracle/papers_driver.c "$lib" -lm
tests/oracle/compare_papers.py --driver "$dir/papers_driver" --seed "${PAPERS_SEED:-20261126}" --caseloads "${PAPERS_CASELOADS:-250}"
