#!/usr/bin/env bash
# The HTTP server on real sockets: curl, and raw connections where a client misbehaves. Prints TAP.
# VARIANT=san links the sanitizer build of the library instead of the release build.
set -uo pipefail
cd "$(dirname "$0")/../.."
variant=${VARIANT:-release}
lib=build/$variant/libehcwatch.a
[ -e "$lib" ] || { echo "Bail out! $lib is missing: build it first"; exit 1; }
dir=$(mktemp -d /tmp/ehcw.XXXXXX)
bin=$dir/httpd_test
san=(); [ "$variant" = san ] && san=(-fsanitize=address,undefined -fno-sanitize-recover=all)
gcc -std=gnu11 -D_GNU_SOURCE -O1 -g -Wall -Wextra -Werror "${san[@]}" -Iinclude/io -Iinclude/statute -o "$bin" \
    tests/integration/httpd_test.c "$lib" $(make -s --no-print-directory libs) ||
    { echo "Bail out! httpd_test.c does not build"; exit 1; }

n=0; failed=0
ok() { # ok NAME COMMAND...
    local name=$1; shift; n=$((n + 1))
    if "$@"; then echo "ok $n - $name"; else echo "not ok $n - $name"; failed=$((failed + 1)); fi
}
now_ms() { local t=${EPOCHREALTIME/./}; echo $((t / 1000)); }
until_ok() { # until_ok SECONDS COMMAND...: asks again until it holds; each attempt is itself a round trip
    local end=$(($(now_ms) + $1 * 1000)); shift
    until "$@"; do [ "$(now_ms)" -lt "$end" ] || return 1; done
}

pids=()
trap 'for p in "${pids[@]}"; do kill "$p" 2>/dev/null; done; wait 2>/dev/null; rm -rf "$dir"' EXIT
# start NAME ARGS...: sets pid, port, base
start() {
    local name=$1 line; shift
    coproc SRV { exec "$bin" "$@" 2>"$dir/$name.err" </dev/null; }
    pid=$SRV_PID; pids+=("$pid")
    exec {srv_out}<&"${SRV[0]}"
    read -r -t 60 -u "$srv_out" line || { echo "Bail out! server $name does not start"; exit 1; }
    port=${line#port }; base=http://127.0.0.1:$port
}
# finish: TERM, and the last line in $last, the exit status in $rc
finish() { kill -TERM "$pid"; last=; read -r -t 60 -u "$srv_out" last; wait "$pid"; rc=$?; exec {srv_out}<&-; }
get() { curl -sS --max-time 60 "$@"; }
stat_of() { get "$base/stats" | jq -r ".$1"; }
# raw REQUEST: sends the bytes (printf escapes) in one piece, prints all that comes until the server closes
raw() { local fd; exec {fd}<>"/dev/tcp/127.0.0.1/$port" && printf "$1" | cat >&"$fd"; timeout 60 cat <&"$fd" 2>/dev/null; exec {fd}<&-; }
has() { grep -qF -- "$1" <<<"$2"; }
hasnt() { ! has "$@"; }

# --- plain requests -------------------------------------------------------------------------------------------------
start plain 127.0.0.1:0
ok "GET" test "$(get "$base/hello")" = hello
h=$(get -i "$base/echo?a=1" | tr -d '\r')
ok "status 200" has "HTTP/1.1 200 OK" "$h"
ok "no-store" has "Cache-Control: no-store" "$h"
ok "nosniff" has "X-Content-Type-Options: nosniff" "$h"
ok "connection is closed" has "Connection: close" "$h"
ok "own header" has "X-Extra: yes" "$h"
ok "no header injection" hasnt "X-Injected" "$h"
ok "loopback peer is local" has "local=1" "$h"
b=$(get -H 'Accept: text/csv' "$base/echo/A%2FB%20C?limit=x&limit=y%26z&q=a+b%2Bc&empty=&bare&&u=%C3%A9")
ok "path decoded once" has "path=/echo/A/B C" "$b"
ok "%25 is not decoded twice" has "path=/echo/%2F" "$(get "$base/echo/%252F")"
ok "parameters in order, with duplicates" test "$(grep param= <<<"$b" | tr -d '\n')" = \
    "param=[limit][x]param=[limit][y&z]param=[q][a b+c]param=[empty][]param=[bare][]param=[u][é]"
ok "Accept is seen" has "accept=text/csv" "$b"
h=$(get -I "$base/hello" | tr -d '\r')
ok "HEAD has the length of GET" has "Content-Length: 6" "$h"
ok "HEAD has no body" test "$(get -X HEAD -I -o /dev/null -w '%{size_download}' "$base/hello")" = 0
ok "HEAD of a stream reads nothing" test "$(get -I -o /dev/null -w '%{http_code}' "$base/stream?bytes=1000000")$(stat_of streamed)" = 2000
ok "and frees it" test "$(stat_of streams_open)$(stat_of streams_freed)" = 01

# --- refusals -------------------------------------------------------------------------------------------------------
code() { get -o "$dir/body" -w '%{http_code} %{content_type}' "$@"; }
ok "404 is problem+json" test "$(code "$base/no%22%0A%FFsuch")" = "404 application/problem+json"
ok "problem parses and quotes safely" test "$(jq -r '.title + "|" + (.status|tostring) + "|" + .detail' "$dir/body")" = \
    'Not found|404|no such address: /no"\n\xffsuch'
ok "handler without an answer is 500" test "$(code "$base/nothing")" = "500 application/problem+json"
ok "second answer replaces the first" test "$(get "$base/twice?bytes=5")" = second
ok "and frees it" test "$(stat_of streams_open)" = 0
before=$(stat_of requests)
for m in POST PUT DELETE OPTIONS PATCH; do
    ok "$m is 405" test "$(code -X $m "$base/hello")" = "405 application/problem+json"
done
ok "405 says what is allowed" has "Allow: GET, HEAD" "$(get -i -X DELETE "$base/hello" | tr -d '\r')"
head -c 20000 /dev/zero >"$dir/small"; head -c 3000000 /dev/zero >"$dir/large"
ok "POST with a body is 405" test "$(code --data-binary @"$dir/small" "$base/hello")" = "405 application/problem+json"
ok "GET with a body is 413" test "$(code -X GET --data-binary @"$dir/small" "$base/hello")" = "413 application/problem+json"
ok "GET with a large body is 413" test "$(code -X GET --data-binary @"$dir/large" "$base/hello")" = "413 application/problem+json"
ok "POST with a large body, not waiting" test "$(code -H Expect: --data-binary @"$dir/large" "$base/hello")" = "405 application/problem+json"
# Writes all that it has before it reads, as a client may.
deaf() { /usr/bin/python3 -c 'import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 60)
s.sendall(sys.argv[2].encode().decode("unicode_escape").encode() + bytes(int(sys.argv[3])))
print(s.recv(99)[:12].decode())' "$port" "$@" 2>&1; }
ok "a client that writes it all before it reads is refused as well" test \
    "$(deaf 'POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n' 3000000)" = "HTTP/1.1 405"
ok "one that asks first is refused at once" has "HTTP/1.1 405" \
    "$(raw 'POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n')"
ok "so is one that has very much to say" has "HTTP/1.1 405" "$(raw 'POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n')"
ok "one that does not say how much is cut off" hasnt "HTTP/1.1" \
    "$(deaf 'POST /hello HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n600000\r\n' 6000000)"
ok "chunked body is 413" test "$(code -X GET -H 'Transfer-Encoding: chunked' --data-binary @"$dir/small" "$base/hello")" = "413 application/problem+json"
ok "%00 is 400" test "$(code "$base/hello%00")" = "400 application/problem+json"
ok "bad escape is 400" test "$(code "$base/hello?a=%zz")" = "400 application/problem+json"
ok "bad escape at the end is 400" test "$(code "$base/hello?a=%4")" = "400 application/problem+json"
ok "the handler saw none of these" test "$(stat_of requests)" = $((before + 1))
many=$(printf 'p=%d&' {1..65})
ok "65 parameters are 400" test "$(code "$base/hello?$many")" = "400 application/problem+json"
ok "64 are served" test "$(code "$base/hello?${many%p=65&}")" = "200 text/plain"
ok "a head of 20 kB is refused" has " 431 " "$(get -o /dev/null -w ' %{http_code} ' -H "X-Long: $(printf 'a%.0s' {1..20000})" "$base/hello")"

# --- bodies where they are taken --------------------------------------------------------------------------------------
head -c 8192 /dev/urandom >"$dir/body8k"; head -c 8193 /dev/zero >"$dir/body8k1"
ok "POST gets its body" test "$(get --data-binary '{"a": 1}' "$base/post")" = '{"a": 1}'
ok "8192 bytes are taken whole" eval 'get --data-binary @"$dir/body8k" "$base/post" | cmp -s - "$dir/body8k"'
ok "in pieces, too" eval 'get --limit-rate 4k --data-binary @"$dir/body8k" "$base/post" | cmp -s - "$dir/body8k"'
ok "a POST without a body is served" test "$(get -X POST -o "$dir/body" -w '%{http_code} %{size_download}' "$base/post")" = "200 0"
ok "one byte more is 413" test "$(code --data-binary @"$dir/body8k1" "$base/post")" = "413 application/problem+json"
ok "and much more, not waiting" test "$(code -H Expect: --data-binary @"$dir/large" "$base/post")" = "413 application/problem+json"
ok "a chunked one is 411" test "$(code -X POST -H 'Transfer-Encoding: chunked' --data-binary @"$dir/small" "$base/post")" = "411 application/problem+json"
ok "PUT is 405 there, too" test "$(code -X PUT --data-binary x "$base/post")" = "405 application/problem+json"
ok "GET with a body is 413 there, too" test "$(code -X GET --data-binary x "$base/post")" = "413 application/problem+json"

# --- answers that come later ------------------------------------------------------------------------------------------
ok "an answer that comes later" test "$(get "$base/later?ms=50&within=10")" = later
ok "an answer that is there at once" test "$(get "$base/later/now?within=10")" = later
ok "one that is parked anew" test "$(get "$base/later/again?ms=20&within=10")" = later
ok "HEAD of one" test "$(get -I -o /dev/null -w '%{http_code}' "$base/later?ms=10&within=10")" = 200
ok "POST of one" test "$(get --data-binary '{}' "$base/post/later?ms=10&within=10")" = later
ok "one that does not come is 504" test "$(code "$base/later?within=0.2")" = "504 application/problem+json"
ok "and its owner is told" test "$(stat_of parked)$(stat_of over)" = 01
ok "one that comes too late is dropped" test "$(code "$base/later?ms=400&within=0.1")" = "504 application/problem+json"
pids2=(); for i in {1..40}; do get --max-time 60 "$base/later?within=60" >"$dir/later.$i" & pids2+=($!); done
ok "forty wait together" until_ok 60 eval '[ "$(stat_of parked)" = 40 ]'
ok "others are served meanwhile" test "$(get "$base/hello")" = hello
ok "one event answers them" test "$(get "$base/answer")" = 40
wait "${pids2[@]}"
ok "each its own" test "$(cat "$dir"/later.* | grep -c later)$(stat_of parked)" = 400
timeout -s KILL 60 bash -c "exec 5<>/dev/tcp/127.0.0.1/$port; printf 'GET /later?within=60 HTTP/1.1\r\nHost: x\r\n\r\n' >&5"
ok "a client that left while it waits" until_ok 60 eval '[ "$(stat_of parked)" = 1 ]'
ok "is answered" test "$(get "$base/answer")$(stat_of parked)" = 10
ok "and was seen to have left, alone of all" test "$(stat_of left)" = 1
ok "it disturbs nobody" test "$(get "$base/hello")" = hello

# --- raw bytes ------------------------------------------------------------------------------------------------------
r=$(raw 'GET /hello HTTP/1.1\r\nHost: x\r\n\r\n\001\002junk GET /hello HTTP/9\r\n\r\n')
ok "junk after a request: the request is answered once" test "$(grep -c '^hello' <<<"$r")$(grep -c 200 <<<"$r")" = 11
r=$(raw 'GET /hello HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n')
ok "pipelining: one request per connection" test "$(grep -c '^hello' <<<"$r")" = 1
ok "junk alone gets no 200" hasnt "200 OK" "$(raw '\001\002\003\377\r\n\r\n')"
ok "absolute form" has "path=/echo/z" "$(raw 'GET http://x/echo/z HTTP/1.1\r\nHost: x\r\n\r\n')"
ok "HTTP/1.0 stream ends with the connection" test \
    "$(raw 'GET /stream?bytes=100000 HTTP/1.0\r\n\r\n' | tr -d '\r' | sed '1,/^$/d' | wc -c)" = 100000
ok "still serving" test "$(get "$base/hello")" = hello

# --- files ------------------------------------------------------------------------------------------------------------
ok "a file" test "$(get "$base/file?bytes=30")" = abcdefghijklmnopqrstuvwxyzabcd
ok "whole, with its length" test "$(get -i "$base/file?bytes=3000000" | tr -d '\r' | sed -n 's/^Content-Length: //p')" = 3000000
ok "and all its bytes" test "$(get "$base/file?bytes=3000000" | md5sum)" = "$(head -c 3000000 < <(yes abcdefghijklmnopqrstuvwxyz | tr -d '\n') | md5sum)"
ok "an empty one" test "$(get -o /dev/null -w '%{http_code} %{size_download}' "$base/file?bytes=0")" = "200 0"
ok "no descriptor is left of them" until_ok 60 eval '! ls -l /proc/$pid/fd | grep -q deleted'

# --- streaming ------------------------------------------------------------------------------------------------------
hwm() { awk '/VmHWM/ {print $2}' "/proc/$pid/status"; }
memory=$(hwm)
ok "50 MB whole" test "$(get --max-time 60 "$base/stream?bytes=50000000" | wc -c)" = 50000000
ok "memory grew by less than 2 MB" test $(($(hwm) - memory)) -lt 2048
# The stream goes on at the pace of its reader: some of it is taken between two other requests, the rest at the end.
exec {slow}<>"/dev/tcp/127.0.0.1/$port"; printf 'GET /stream?bytes=50000000 HTTP/1.0\r\n\r\n' >&"$slow"
until_ok 60 eval '[ "$(stat_of streams_open)" = 1 ]'
served=0
for i in 1 2 3 4 5; do head -c 2000000 <&"$slow" >>"$dir/big"; [ "$(get "$base/hello")$(stat_of streams_open)" = hello1 ] && served=$((served + 1)); done
ok "others are served during a stream ($served)" test $served = 5
cat <&"$slow" >>"$dir/big"; exec {slow}<&-
ok "and the stream is whole" test "$(tr -d '\r' <"$dir/big" | sed '1,/^$/d' | wc -c)" = 50000000
get "$base/stream?bytes=1000000&fail_at=500000" >"$dir/cut" 2>"$dir/cut.err"; rc=$?
ok "a failing stream is visibly broken" test $rc -ne 0
timeout -s KILL 60 bash -c "exec 5<>/dev/tcp/127.0.0.1/$port; printf 'GET /stream?bytes=50000000 HTTP/1.1\r\nHost: x\r\n\r\n' >&5; read -r -u 5 x"
ok "a client that leaves frees its stream" until_ok 60 eval '[ "$(stat_of streams_open)" = 0 ]'

# --- idle -----------------------------------------------------------------------------------------------------------
exec {idle1}<>"/dev/tcp/127.0.0.1/$port" {idle2}<>"/dev/tcp/127.0.0.1/$port"
printf 'GET /he' >&"$idle2"
s1=$(get "$base/stats")
# Waiting for bytes that never come is the idle time; the deadline is what is waited for.
read -r -t 3 -u "$idle1" _
s2=$(get "$base/stats")
ms=$(($(jq .uptime_ms <<<"$s2") - $(jq .uptime_ms <<<"$s1"))); it=$(($(jq .iterations <<<"$s2") - $(jq .iterations <<<"$s1")))
ok "idle: $it loop iterations in $ms ms with two silent clients" test $ms -ge 2900 -a $it -le $((20 + ms / 200))
exec {idle1}<&- {idle2}<&-
finish
ok "ends cleanly" test "$rc" = 0
ok "every stream was freed" has "stopped 0 " "$last"

# --- slow clients ---------------------------------------------------------------------------------------------------
start slow 127.0.0.1:0 64 1 2
exec {drip}<>"/dev/tcp/127.0.0.1/$port" {mute}<>"/dev/tcp/127.0.0.1/$port"
t0=$(now_ms); cut=; served=0
printf 'GET /hello HTTP/1.1\r\nX: ' >&"$drip"
trap '' PIPE
while [ -z "$cut" ] && [ $(($(now_ms) - t0)) -lt 60000 ]; do
    printf 'a' >&"$drip" 2>/dev/null || cut=1
    read -r -t 0.1 -u "$drip" _; [ $? -gt 128 ] || cut=1
    [ "$(get "$base/hello")" = hello ] && served=$((served + 1))
done
took=$(($(now_ms) - t0))
ok "a dripping client is cut off ($took ms), others served meanwhile ($served)" test -n "$cut" -a $took -lt 60000 -a $served -ge 1
read -r -t 60 -u "$mute" _; rc=$?
ok "a mute client is cut off" test $rc -le 128
until_ok 60 eval 'freed=$(stat_of streams_freed); [ -n "$freed" ]' # the server's patience with a question is a second, too
exec {sip}<>"/dev/tcp/127.0.0.1/$port"
t0=$(now_ms)
printf 'GET /stream?bytes=90000000000 HTTP/1.1\r\nHost: x\r\n\r\n' >&"$sip"
until_ok 60 eval '[ "$(stat_of streams_open)" = 1 ] || [ "$(stat_of streams_freed)" -gt "$freed" ] 2>/dev/null' # it may be over before we look
# Takes something all the time, so that the idle timeout never strikes, but will never be done.
while [ $(($(now_ms) - t0)) -lt 60000 ] && [ "$(stat_of streams_open)" != 0 ]; do timeout 1 head -c 4000000 <&"$sip" >/dev/null; done
took=$(($(now_ms) - t0))
ok "a sipping reader is cut off ($took ms)" eval '[ $took -gt 1200 ] && [ $took -lt 60000 ] && until_ok 60 eval "[ \"\$(stat_of streams_open)\" = 0 ]"'
exec {drip}<&- {mute}<&- {sip}<&-
trap - PIPE
finish

# --- connection limit -----------------------------------------------------------------------------------------------
start limit 127.0.0.1:0 4 30
eight() { local t0; t0=$(now_ms); for i in 1 2 3 4 5 6 7 8; do get "$base/hello" >/dev/null || false; done; echo $(($(now_ms) - t0)); }
usual=$(eight) # what they take here and now
fds=()
for _ in 1 2 3 4 5 6; do exec {fd}<>"/dev/tcp/127.0.0.1/$port"; fds+=("$fd"); done
curl -sS --max-time 1 "$base/hello" >/dev/null 2>&1; rc=$?
ok "full: a further client waits" test $rc = 28
for fd in "${fds[@]}"; do exec {fd}<&-; done
t0=$(now_ms); b=$(get "$base/hello"); took=$(($(now_ms) - t0))
ok "room again: a new client is answered ($took ms)" test "$b" = hello -a $took -lt 25000 # the idle time is 30 s
ok "and the next ones at once ($usual ms before)" until_ok 60 eval '[ "$(eight)" -lt $((6000 + 2 * usual)) ]'
fds=()
for _ in 1 2 3 4 5 6; do exec {fd}<>"/dev/tcp/127.0.0.1/$port"; fds+=("$fd"); done
# The waiting client must not inherit the connections that are to go.
(for fd in "${fds[@]}"; do exec {fd}<&-; done; get "$base/hello" >"$dir/waited") & waiter=$!
# Established connections to the server, as the clients' side sees them.
connections() { awk -v p="$(printf ':%04X' "$port")" '$4 == "01" && $3 ~ p "$" {n++} END {print n+0}' /proc/net/tcp; }
until_ok 60 eval '[ "$(connections)" = 7 ]'
for fd in "${fds[@]}"; do exec {fd}<&-; done
wait $waiter
ok "a client that waited in the queue is answered" test "$(cat "$dir/waited")" = hello
finish

# --- listeners ------------------------------------------------------------------------------------------------------
start unix "unix:$dir/s"
ok "Unix socket" test "$(get --unix-socket "$dir/s" http://x/hello)" = hello
ok "its peer is local" has "local=1" "$(get --unix-socket "$dir/s" http://x/echo)"
ok "its mode is 0660" test "$(stat -c %a "$dir/s")" = 660
ok "a socket in use is refused" has "in use" "$("$bin" "unix:$dir/s")"
kill -KILL "$pid"; wait "$pid" 2>/dev/null; exec {srv_out}<&-
ok "the killed server left its socket" test -S "$dir/s"
start unix "unix:$dir/s"
ok "a leftover socket is replaced" test "$(get --unix-socket "$dir/s" http://x/hello)" = hello
finish
ok "and removed at the end" test ! -e "$dir/s"
touch "$dir/file"
ok "a file is not replaced" has "not a socket" "$("$bin" "unix:$dir/file")"
if grep -q '^0*1 ' /proc/net/if_inet6 2>/dev/null; then # a machine without IPv6 has nothing to test here
    start six '[::1]:0'
    ok "IPv6 loopback, local" has "local=1" "$(get -g "http://[::1]:$port/echo")"
    finish
fi
for a in localhost:80 127.0.0.1 ::1:80 127.0.0.1:http '[::1' :80; do ok "refuses the address $a" has "not an address" "$("$bin" "$a")"; done
start first 127.0.0.1:0
ok "a port in use is refused" has "Address already in use" "$("$bin" "127.0.0.1:$port")"
finish
ok "a descriptor that does not listen is refused" has "not a listening" "$("$bin" fd:0 </dev/null)"
# A listening descriptor from another process, as systemd would pass it.
pass='import os,socket,sys
s=socket.socket(); s.bind(("127.0.0.1",0)); s.listen(16); os.dup2(s.fileno(),3); os.set_inheritable(3,True)
os.execv(sys.argv[1],[sys.argv[1],"fd:3"])'
real=$bin
printf '#!/bin/sh\nexec /usr/bin/python3 -c '"'%s'"' %s\n' "$pass" "$real" >"$dir/passed"; chmod +x "$dir/passed"
bin=$dir/passed; start passed; bin=$real
ok "a passed listener is served" test "$(get "$base/hello")" = hello
finish

# --- stopping -------------------------------------------------------------------------------------------------------
start stop 127.0.0.1:0 0 0 0 "" 60
exec {slow}<>"/dev/tcp/127.0.0.1/$port"; printf 'GET /stream?bytes=12000000 HTTP/1.0\r\n\r\n' >&"$slow"
until_ok 60 eval '[ "$(stat_of streams_open)" = 1 ]'
kill -TERM "$pid"
ok "stopping: new clients are refused" until_ok 60 eval '! curl -s --max-time 1 "$base/hello" >/dev/null'
cat <&"$slow" >"$dir/last"; exec {slow}<&-
ok "stopping: the answer under way is finished" test "$(tr -d '\r' <"$dir/last" | sed '1,/^$/d' | wc -c)" = 12000000
read -r -t 60 -u "$srv_out" last
ok "stopping: done when it was sent" has "stopped 0 1" "$last"
wait "$pid"; exec {srv_out}<&-
start bound 127.0.0.1:0
exec {stuck}<>"/dev/tcp/127.0.0.1/$port"; printf 'GET /stream?bytes=500000000 HTTP/1.1\r\nHost: x\r\n\r\n' >&"$stuck"
until_ok 60 eval '[ "$(stat_of streams_open)" = 1 ]'
t0=$(now_ms); finish; took=$(($(now_ms) - t0))
ok "stopping: a stuck client does not hold it ($took ms)" test $took -ge 1500 -a $took -lt 29000
ok "stopping: and its stream is freed" has "stopped 0 1" "$last"
exec {stuck}<&-
start parked 127.0.0.1:0
get "$base/later/stop?ms=700&within=60" >"$dir/soon" & soon=$!
get -o "$dir/never" -w '%{http_code}' "$base/later?within=60" >"$dir/never.code" & never=$!
until_ok 60 eval '[ "$(stat_of parked)" = 2 ]'
t0=$(now_ms); finish; took=$(($(now_ms) - t0))
wait $soon $never
ok "stopping: what is parked may still be answered" test "$(cat "$dir/soon")" = later
ok "stopping: but does not hold it ($took ms)" test $took -ge 1500 -a $took -lt 29000
ok "stopping: what was not answered is 503" test "$(cat "$dir/never.code") $(jq -r .detail "$dir/never")" = "503 the daemon is stopping"
ok "stopping: and its owner is told" has "parked 0 over 1" "$last"
for again in 1 2 3 4 5 6 7 8; do # on a busy machine the shell's own part may take longer than the two seconds
    start quick 127.0.0.1:0
    exec {idle}<>"/dev/tcp/127.0.0.1/$port"
    t0=$(now_ms); finish; took=$(($(now_ms) - t0))
    exec {idle}<&-
    [ $took -ge 1000 ] || break
done
ok "stopping: an idle connection does not hold it ($took ms)" test $took -lt 1000

# --- TLS ------------------------------------------------------------------------------------------------------------
certify() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$dir/$1.key" -out "$dir/$1.crt" -days 2 \
    -subj "/CN=$1" -addext subjectAltName=IP:127.0.0.1 2>/dev/null; chmod 600 "$dir/$1.key"; }
use() { printf 'tls_server_config:\n  cert_file: %s.crt\n  key_file: %s.key\n' "$1" "$1" >"$dir/web.yml"; chmod 600 "$dir/web.yml"; }
certify one; certify two; use one
start tls 127.0.0.1:0 8 5 600 "$dir/web.yml"
base=https://127.0.0.1:$port
get() { curl -sS --max-time 60 --cacert "$dir/one.crt" "$@"; }
ok "TLS: GET" test "$(get "$base/hello")" = hello
ok "TLS: a long answer is whole" test "$(get "$base/stream?bytes=9000000" | wc -c)" = 9000000
ok "TLS: a parked request is answered" test "$(get "$base/later?ms=50&within=20")" = later
ok "TLS: a body is taken" test "$(get -d 'some text' "$base/post")" = "some text"
before=$(stat_of iterations)
exec {half}<>"/dev/tcp/127.0.0.1/$port"; printf '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' >&"$half" # of 517 bytes
exec {mute}<>"/dev/tcp/127.0.0.1/$port"
exec {drip}<>"/dev/tcp/127.0.0.1/$port"; printf '\x16' >&"$drip"
t0=$(now_ms); timeout 60 cat <&"$half" >/dev/null; half_ms=$(($(now_ms) - t0))
printf '\x03' >&"$drip" 2>/dev/null
timeout 60 cat <&"$mute" >/dev/null; timeout 60 cat <&"$drip" >/dev/null
turns=$(($(stat_of iterations) - before))
ok "TLS: a handshake that stops is cut off ($half_ms ms)" test $half_ms -ge 1000 -a $half_ms -lt 50000
ok "TLS: and the loop rests meanwhile ($turns turns)" test $turns -lt $((3000 + half_ms / 2))
exec {half}<&- {mute}<&- {drip}<&-
exec {later}< <(get "$base/later?ms=1500&within=20")
until_ok 60 eval '[ "$(stat_of parked)" = 1 ]'
use two; kill -HUP "$pid"
get() { curl -sS --max-time 60 --cacert "$dir/two.crt" "$@"; }
ok "TLS: another certificate on the same socket" until_ok 60 eval '[ "$(get "$base/hello" 2>/dev/null)" = hello ]'
ok "TLS: what had begun is answered" test "$(cat <&"$later")" = later
exec {later}<&-
printf 'tls_server_config:\n  cert_file: two.crt\n' >"$dir/web.yml"; kill -HUP "$pid"
ok "TLS: a wrong file is refused by name" until_ok 60 grep -q 'web.yml:2: tls_server_config: cert_file and key_file go together' "$dir/tls.err"
ok "TLS: and changes nothing" test "$(get "$base/hello")" = hello
finish
ok "TLS: stopped" has "stopped 0 1 parked 0" "$last"

ok "no sanitizer or library complaint" eval '! grep -lE "ERROR: |runtime error|http_panic" "$dir"/*.err'

echo "1..$n"
exit $((failed > 0))
