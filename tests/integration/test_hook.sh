#!/usr/bin/env bash
# Webhook posts against a hostile receiver: builds hook_test.c on the library, starts hook_receiver.py, runs, cleans up;
# once as shipped and once under the sanitizers. HOOK_VARIANTS=release runs one of them.
set -euo pipefail
cd "$(dirname "$0")/../.."
dir=$(mktemp -d /tmp/ehcw.hook.XXXXXX)
receiver=
stop_receiver() {
    [ -z "$receiver" ] || { kill "$receiver" 2>/dev/null || true; wait "$receiver" 2>/dev/null || true; }
    receiver=
}
trap 'stop_receiver; rm -rf "$dir"' EXIT
trap 'exit 143' TERM INT

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=receiver \
    -addext subjectAltName=IP:127.0.0.1 -keyout "$dir/key.pem" -out "$dir/cert.pem" 2>/dev/null
for _ in 1 2; do echo "whsec_$(openssl rand -base64 32)"; done >"$dir/secret"
chmod 0600 "$dir/secret"
mkfifo "$dir/ports" "$dir/alive"

build() {
    local lib=build/$1/libehcwatch.a flags=(-std=gnu11 -D_GNU_SOURCE -g -O1 -Wall -Wextra -Werror -fno-strict-aliasing)
    make -s "$lib" >&2
    [ "$1" != san ] || flags+=(-fsanitize=address,undefined -fno-sanitize-recover=all)
    # shellcheck disable=SC2046
    gcc "${flags[@]}" -Iinclude/io -Iinclude/statute $(pkg-config --cflags libcurl) -o "$dir/hook_test" \
        tests/integration/hook_test.c "$lib" $(pkg-config --libs libcurl openssl) -lev -lpthread -lm
}

run() {
    local plain tls trap_port proxy
    python3 tests/integration/hook_receiver.py "$dir/cert.pem" "$dir/key.pem" "$dir/secret" <"$dir/alive" >"$dir/ports" &
    receiver=$!
    exec 4>"$dir/alive" # the receiver leaves when this end is closed, however we end
    read -r plain tls trap_port <"$dir/ports"
    # Every proxy variable that libcurl knows points at the trap: none may be used.
    proxy=http://127.0.0.1:$trap_port
    env http_proxy="$proxy" https_proxy="$proxy" all_proxy="$proxy" HTTPS_PROXY="$proxy" ALL_PROXY="$proxy" no_proxy= \
        "$dir/hook_test" "$plain" "$tls" "$trap_port" "$dir/cert.pem" "$dir/secret" 4>&-
    exec 4>&-
    stop_receiver
}

failed=0
for variant in ${HOOK_VARIANTS:-release san}; do
    build "$variant"
    echo "# $variant"
    run || failed=1
    stop_receiver
done
exit $failed
