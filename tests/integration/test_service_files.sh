#!/usr/bin/env bash
# What `make install` puts where, and whether systemd, mandoc and the daemon itself accept it. Touches nothing outside a
# directory of its own.
set -uo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d /tmp/ehcw.XXXXXX)
trap 'rm -rf "$work"' EXIT
root=$work/root
n=0 bad=0
check() { # name, command...: one test; what the command prints is shown when it fails
    local name=$1 out
    shift
    n=$((n + 1))
    if out=$("$@" 2>&1); then
        echo "ok $n - $name"
    else
        echo "not ok $n - $name"
        sed 's/^/# /' <<<"$out"
        bad=1
    fi
}
run_install() { make --no-print-directory install DESTDIR="$root" "$@"; }

expected_files() {
    diff <(cd "$root" && find . -type f -printf '%m %P\n' | LC_ALL=C sort -k2) - <<'LIST'
644 etc/ehcwatchd.conf
644 lib/systemd/system/ehcwatchd.service
644 lib/systemd/system/ehcwatchd.socket
644 usr/lib/sysusers.d/ehcwatchd.conf
755 usr/sbin/ehcwatchd
644 usr/share/ehcwatchd/ehcwatchd.json
644 usr/share/ehcwatchd/ehcwatchd.rules.yml
644 usr/share/ehcwatchd/nginx-ehcwatchd.conf
644 usr/share/ehcwatchd/web.yml
644 usr/share/man/man5/ehcwatchd.conf.5
644 usr/share/man/man8/ehcwatchd.8
LIST
}

same_binary() { cmp build/ehcwatchd "$root/usr/sbin/ehcwatchd"; }

keeps_configuration() {
    echo '# mine' >"$root/etc/ehcwatchd.conf"
    run_install && grep -qx '# mine' "$root/etc/ehcwatchd.conf"
    local rc=$?
    cp systemd/ehcwatchd.conf "$root/etc/ehcwatchd.conf"
    return $rc
}

other_paths() {
    local other=$work/other
    make --no-print-directory install DESTDIR="$other" SBINDIR=/opt/ehc/bin SYSCONFDIR=/opt/ehc/etc || return 1
    [ -x "$other/opt/ehc/bin/ehcwatchd" ] && [ -f "$other/opt/ehc/etc/ehcwatchd.conf" ] || return 1
    ! grep -nE '/usr/sbin|[ =]/etc/ehcwatchd.conf' "$other/lib/systemd/system/ehcwatchd.service"
}

# systemd looks for the binaries of a unit in the real root: the staged ones are put in, and the units of the system are
# left out of sight so that only ours are judged.
verify() {
    local units=$work/units out
    mkdir -p "$units"
    cp "$root"/lib/systemd/system/ehcwatchd.* "$units"
    sed -i "s|/usr/sbin/ehcwatchd|$root/usr/sbin/ehcwatchd|" "$units/ehcwatchd.service"
    # Pages are looked for with man(1), which does not know the staged ones.
    out=$(SYSTEMD_UNIT_PATH="$units:" systemd-analyze verify --man=no --recursive-errors=no "$units"/ehcwatchd.* 2>&1) &&
        [ -z "$out" ] || { echo "$out"; return 1; }
}

# The same check must see a unit that is wrong.
verify_sees_errors() {
    local units=$work/wrong out
    mkdir -p "$units"
    sed "s|/usr/sbin/ehcwatchd|$root/usr/sbin/ehcwatchd|; s|^RestartSec=.*|RestartSecs=5|" \
        systemd/ehcwatchd.service >"$units/ehcwatchd.service"
    out=$(systemd-analyze verify --man=no --recursive-errors=no "$units/ehcwatchd.service" 2>&1)
    grep -q RestartSecs <<<"$out"
}

exposure() {
    local level
    level=$(systemd-analyze security --offline=true --no-pager "$root/lib/systemd/system/ehcwatchd.service" |
        sed -nE 's/.*Overall exposure level for [^:]*: ([0-9.]+) .*/\1/p')
    echo "exposure level: '$level'"
    awk -v level="$level" 'BEGIN { exit !(level ~ /^[0-9]+\.[0-9]+$/ && level <= 1.5) }'
}

sysusers() {
    local out
    mkdir -p "$work/users/etc"
    out=$(systemd-sysusers --root="$work/users" "$root/usr/lib/sysusers.d/ehcwatchd.conf" 2>&1) || { echo "$out"; return 1; }
    grep -E '^ehcwatch:.*:/usr/sbin/nologin$' "$work/users/etc/passwd"
}

unit_user_exists() { grep -qx 'User=ehcwatch' systemd/ehcwatchd.service && grep -q '^u ehcwatch ' systemd/ehcwatchd.sysusers; }

# A drain that is allowed to take its longest must not be cut short by systemd.
stop_timeout() {
    local stop drain
    stop=$(sed -n 's/^TimeoutStopSec=//p' systemd/ehcwatchd.service)
    drain=$(sed -nE '/^\.It Ic drain_timeout/,/^Whole/s/^Whole number from [0-9]+ to ([0-9]+),.*/\1/p' daemon/app/ehcwatchd.conf.5)
    echo "TimeoutStopSec=$stop, drain_timeout up to $drain"
    [ "$stop" -gt "$drain" ]
}

lint_page() {
    local out
    out=$(mandoc -Tlint -W warning "$1" 2>&1) && [ -z "$out" ] || { echo "$out"; return 1; }
}

example_is_fit() {
    local out
    out=$("$root/usr/sbin/ehcwatchd" check-config -c "$root/etc/ehcwatchd.conf" 2>&1) && [ -z "$out" ] || { echo "$out"; return 1; }
}

# The commented parts of the example are fit to run too: take the # from every line that is an option or a section.
example_commented_part() {
    mkdir -p "$work/example"
    sed -E '/^#limits = \{"auto"\}/d; s/^#([a-z_]+ = |webhook |standard |threshold |\}|    )/\1/' systemd/ehcwatchd.conf |
        sed -E "s|\"/etc/ehcwatchd/[^\"]*\"|\"$work/example/file\"|" >"$work/example/conf"
    (umask 077; : >"$work/example/file")
    local section
    for section in 'webhook "mis"' 'webhook "managers"' 'standard "acknowledge"' 'threshold "final_plan_20w"'; do
        grep -q "^$section {" "$work/example/conf" || return 1
    done
    "$root/usr/sbin/ehcwatchd" check-config -c "$work/example/conf"
}

bad_configuration() {
    local out rc
    echo 'source = 1 poll_interval = 0' >"$work/bad.conf"
    out=$("$root/usr/sbin/ehcwatchd" check-config -c "$work/bad.conf" 2>&1)
    rc=$?
    echo "exit $rc: $out"
    [ $rc = 78 ] && grep -q "^$work/bad.conf:1: " <<<"$out"
}

check 'make install' run_install
check 'the files and their modes' expected_files
check 'the binary is the one that was built' same_binary
check 'a configuration that is there is kept' keeps_configuration
check 'paths can be chosen' other_paths
check 'systemd-analyze verify' verify
check 'systemd-analyze verify sees a wrong unit' verify_sees_errors
check 'exposure level at most 1.5' exposure
check 'systemd-sysusers makes the user' sysusers
check 'the user of the unit is the one made' unit_user_exists
check 'systemd waits longer than the longest drain' stop_timeout
check 'ehcwatchd(8)' lint_page "$root/usr/share/man/man8/ehcwatchd.8"
check 'ehcwatchd.conf(5)' lint_page "$root/usr/share/man/man5/ehcwatchd.conf.5"
check 'check-config passes the example' example_is_fit
check 'check-config passes its commented part' example_commented_part
check 'check-config names file and line of a wrong one' bad_configuration
echo "1..$n"
exit $bad
