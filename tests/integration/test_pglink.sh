#!/usr/bin/env bash
# The PostgreSQL link against a private server that is stopped and started under it: builds pglink_test.c on the library.
# PGLINK_VARIANT=san runs it under the sanitizers.
set -euo pipefail
cd "$(dirname "$0")/../.."
variant=${PGLINK_VARIANT:-release}
dir=$(mktemp -d /tmp/ehcw.pglink.XXXXXX)
cleanup() {
    tests/harness/pg_cluster destroy "$dir/pg" >&2 || true
    rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 143' TERM INT
chmod 0755 "$dir"

lib=build/$variant/libehcwatch.a
[ -n "${PGLINK_LIB:-}" ] && lib=$PGLINK_LIB || make -s "$lib" >&2
flags=(-std=gnu11 -D_GNU_SOURCE -g -O1 -Wall -Wextra -Werror -fno-strict-aliasing)
[ "$variant" = san ] && flags+=(-fsanitize=address,undefined -fno-sanitize-recover=all)
# shellcheck disable=SC2046
gcc "${flags[@]}" -Iinclude/io -Iinclude/statute $(pkg-config --cflags libpq) -o "$dir/pglink_test" \
    tests/integration/pglink_test.c "$lib" $(pkg-config --libs libpq openssl) -lev -lm

# TLS needs TCP: loopback, a free port, a certificate of its own. The port stays ours while the server is down: who keeps it never
# listens, and ends with us.
coproc KEEPER {
    exec python3 -c 'import socket, sys
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
sys.stdin.read()'
}
read -r port <&"${KEEPER[0]}"
tests/harness/pg_cluster create "$dir/pg" >&2
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
    -keyout "$dir/key.pem" -out "$dir/cert.pem" 2>/dev/null
cp "$dir/cert.pem" "$dir/pg/data/server.crt"; cp "$dir/key.pem" "$dir/pg/data/server.key"
chown --reference="$dir/pg/data" "$dir/pg/data/server.crt" "$dir/pg/data/server.key"
chmod 0600 "$dir/pg/data/server.key"
cat >>"$dir/pg/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
port = $port
ssl = on
CONF
tests/harness/pg_cluster stop "$dir/pg" >&2; tests/harness/pg_cluster start "$dir/pg" >&2

# Each of these would break a connection that listened to it.
env PGHOST=/nowhere PGPORT=1 PGUSER=nobody PGDATABASE=nowhere PGSERVICE=nowhere PGSSLMODE=nonsense PGAPPNAME=wrong \
    PGOPTIONS='-c nonsense=1' PGCLIENTENCODING=LATIN1 PGPASSFILE=/nowhere PGDATESTYLE=German PGTZ=Asia/Tokyo \
    "$dir/pglink_test" "$dir/pg" "$port"
