#!/usr/bin/env bash
# The demo as a person gets it: an alert at once, twice, side by side, and after it nothing is left.
set -uo pipefail
cd "$(dirname "$0")/../.."
dir=$(mktemp -d /tmp/ehcw.demo.XXXX); chmod 755 "$dir"
trap 'rm -rf "$dir"' EXIT
export DEMO_DIR=$dir/home DEMO_CASES=2000
mkdir "$DEMO_DIR"
n=0 bad=0
ok() { # condition's exit code, name, file to show when it failed
    n=$((n + 1))
    if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; bad=1; [ -z "${3:-}" ] || sed 's/^/# /' "$3"; fi
}
nothing_left() {
    local end=$((SECONDS + 60)) # a server that has said that it is gone may take a moment to be so
    while left=$(ls -A "$DEMO_DIR"; pgrep -f -- "$DEMO_DIR/"); [ -n "$left" ] && [ $SECONDS -lt $end ]; do :; done
    [ -z "$left" ]; ok $? "$1: no process and no file is left"
}
once() { # log
    DEMO_ONCE=1 make --no-print-directory demo >"$1" 2>&1
}
judge() { # exit code, log, name
    ok "$1" "$3: exit code 0" "$2"
    ms=$(sed -n 's/.*from commit to alert: \([0-9]*\) ms$/\1/p' "$2")
    # A second on a machine with nothing else to do. Without its hint it would come with the next poll, half a minute later at most.
    [ -n "$ms" ] && [ "$ms" -le 6000 ]; ok $? "$3: the alert came at once (${ms:-never} ms)" "$2"
    ! grep -qiE 'error|warning|traceback|✗|panic' "$2"; ok $? "$3: nothing alarming is shown" "$2"
}

DEMO_DIR=$dir/nowhere tests/demo/run >"$dir/0" 2>&1
[ $? = 1 ] && [ "$(grep -v '^$' "$dir/0")" = "demo: DEMO_DIR: $dir/nowhere: No such file or directory" ]
ok $? "a DEMO_DIR that is not there is named" "$dir/0"

once "$dir/1"; judge $? "$dir/1" "first"
nothing_left "first"

once "$dir/2" & one=$!
once "$dir/3" & two=$!
wait $one; judge $? "$dir/2" "side by side, one"
wait $two; judge $? "$dir/3" "side by side, two"
nothing_left "side by side"

# A person: the guide appears, the pasted line works, Ctrl-C ends it all.
mkfifo "$dir/screen"
tests/demo/run >"$dir/screen" 2>&1 & demo=$!
exec 3<"$dir/screen"
line='' alert=''
while IFS= read -r -t 180 text <&3; do
    echo "$text" >>"$dir/4"
    case $text in
        psql*NOTIFY*) line=$text ;;
        *Ctrl-C*) bash -c "$line" >>"$dir/4" 2>&1; ok $? "the line to paste is a command that works" "$dir/4" ;;
        *✓*obligation.*) alert=$text; break ;;
    esac
done
[ -n "$alert" ]; ok $? "its alert is shown: $alert" "$dir/4"
kill -INT $demo; wait $demo; ok $? "an interrupt ends it with exit code 0" "$dir/4"
nothing_left "interrupted"
exec 3<&-

# The worst moment for an interrupt: inside `Popen.poll`, which holds a lock. An exception raised there would leave it taken, and the end
# would wait for it for ever.
timeout -k 5 60 /usr/bin/python3 - >"$dir/5" 2>&1 <<'PROGRAM'
import importlib.machinery, importlib.util, os, signal, subprocess
loader = importlib.machinery.SourceFileLoader("demo", "tests/demo/run")
demo = importlib.util.module_from_spec(importlib.util.spec_from_loader("demo", loader))
loader.exec_module(demo)
demo.heed_endings()

class Lock:
    def __init__(self, lock):
        self.lock, self.release = lock, lock.release
    def acquire(self, *args):
        taken = self.lock.acquire(*args)
        os.kill(os.getpid(), signal.SIGINT)
        return taken
    def __enter__(self):
        self.lock.acquire()
    def __exit__(self, *_):
        self.lock.release()

it = object.__new__(demo.Demo)
it.heard, (it.events, theirs) = b'{"text": "x"}\n', os.pipe()
it.daemon_proc = subprocess.Popen(["sleep", "1000"])
it.daemon_proc._waitpid_lock = Lock(it.daemon_proc._waitpid_lock)
try:
    it.watch()
except demo.Stop:
    demo.end(it.daemon_proc)
    print("ended by", it.daemon_proc.returncode)
PROGRAM
grep -qx 'ended by -15' "$dir/5"; ok $? "an interrupt at the worst moment ends it, too" "$dir/5"

# Nobody reads what it says any more, as when a terminal is closed: before it has a message to show, or while it shows one.
for again in 1 2 3 4; do
    DEMO_CASES=200 tests/demo/run 2>&1 | grep -q -m1 'Ctrl-C'; ok "${PIPESTATUS[0]}" "it ends when its reader is gone ($again)"
done
nothing_left "reader gone"

echo "1..$n"
exit $bad
