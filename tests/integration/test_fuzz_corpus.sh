#!/usr/bin/env bash
# Every input under tests/fuzz/corpus through its fuzz target, with gcc's sanitizers: seeds and what `make fuzz` once found.
set -uo pipefail
cd "$(dirname "$0")/../.."
dir=$(mktemp -d /tmp/ehcw.fuzz.XXXXXX); trap 'rm -rf "$dir"' EXIT; trap 'exit 143' TERM INT
make -s --no-print-directory build/san/libehcwatch.a >&2 || { echo "Bail out! the library does not build"; exit 1; }
includes=(); for room in app io render watch statute; do includes+=("-Iinclude/$room"); done
flags=(-std=gnu11 -D_GNU_SOURCE -g -O1 -Wall -Wextra -Werror -fno-omit-frame-pointer -fsanitize=address,undefined
       -fno-sanitize-recover=all)
# shellcheck disable=SC2046
libs=($(make -s --no-print-directory libs))
n=0 bad=0
for source in tests/fuzz/fuzz_*.c; do
    target=$(basename "$source" .c) n=$((n + 1))
    inputs=$(find "tests/fuzz/corpus/$target" -type f 2>/dev/null | wc -l)
    # shellcheck disable=SC2046
    if gcc "${flags[@]}" "${includes[@]}" $(pkg-config --cflags libpq) -o "$dir/$target" "$source" tests/fuzz/replay.c \
           build/san/libehcwatch.a "${libs[@]}" >"$dir/log" 2>&1 &&
       "$dir/$target" "tests/fuzz/corpus/$target" >"$dir/log" 2>&1 && grep -qx "$inputs inputs replayed" "$dir/log"; then
        echo "ok $n - $target: $inputs inputs"
    else
        echo "not ok $n - $target: $inputs inputs"; bad=1
        tail -25 "$dir/log" | sed 's/^/# /'
    fi
done
for folder in tests/fuzz/corpus/*/; do
    n=$((n + 1)); [ -f "tests/fuzz/$(basename "$folder").c" ] && echo "ok $n - $folder has a target" || { echo "not ok $n - $folder has no target"; bad=1; }
done
echo "1..$n"
exit $bad
