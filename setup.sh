#!/usr/bin/env bash
# Sets up everything that the other scripts need, in .venv; a second run finds it done and does nothing.
# usage: ./setup.sh [base|dev]    base: to run it (the default)   dev: to test and change it as well
# PYTHON=/path/to/python chooses the Python; LESS_TALK=1 prints only what went wrong or takes long.
set -u

here=${BASH_SOURCE[0]}
while [ -L "$here" ]; do
    link=$(readlink "$here")
    case $link in /*) here=$link ;; *) here=$(dirname "$here")/$link ;; esac
done
root=$(cd "$(dirname "$here")" && pwd -P) || exit 1
cd "$root" || exit 1

level=${1:-base}
requirements=backend/requirements/$level.txt
venv=$root/.venv
building=$root/.venv.building
log=$root/.setup.log

say() { printf '%s\n' "$*" >&2; }
die() {
    say "setup: $*"
    exit 1
}

fingerprint() {
    if command -v sha256sum >/dev/null 2>&1; then
        sha256sum <"$1"
    else
        shasum -a 256 <"$1"
    fi | cut -d' ' -f1
}

stamp_is_current() { # LEVEL
    [ -f "$venv/.installed-$1" ] && [ "$(cat "$venv/.installed-$1")" = "$(fingerprint "backend/requirements/$1.txt")" ]
}

path_is_current() {
    local file
    for file in "$venv"/lib/python3.*/site-packages/nextbill.pth; do
        [ -f "$file" ] && [ "$(cat "$file")" = "$root/backend/src" ] && return 0
    done
    return 1
}

ready() {
    [ ! -e "$building" ] && [ -x "$venv/bin/python" ] && path_is_current || return 1
    stamp_is_current dev && [ "$(fingerprint backend/requirements/base.txt)" = "$(cat "$venv/.installed-base" 2>/dev/null)" ] && return 0
    [ "$level" = base ] && stamp_is_current base
}

find_python() {
    local name
    for name in ${PYTHON:+"$PYTHON"} python3.11 python3.12 python3.13 python3.14 python3; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            python=$name
            return 0
        fi
    done
    local found
    found=$(python3 --version 2>/dev/null) || found="none"
    die "Python 3.11 or newer is needed (found: $found). Install it (Debian, Ubuntu: sudo apt-get install python3.11 python3.11-venv) or name it: PYTHON=/path/to/python3 ./setup.sh"
}

take_turn() {
    exec 9>>"$root/.setup.lock" || die "cannot write to $root. Run as the account that owns it, or copy it to a folder of yours."
    # The lock belongs to the open file, so it stays ours after this helper has ended, and while an installer we started still runs.
    if ! "$python" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX | fcntl.LOCK_NB)' 2>/dev/null; then
        say "Another setup is running here; waiting for it."
        "$python" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)' || exit 1
    fi
}

explain_failure() {
    if grep -qiE 'no space left|disk quota' "$log"; then
        die "the disk is full. Free about 1 GB ($(df -Ph "$root" | awk 'NR==2 {print $4}') are left here) and run it again."
    elif grep -qiE 'do not match the hashes|hash mismatch|ContentDecodingError|IncompleteRead|BadZipFile|not a valid (zip|wheel)' "$log"; then
        die "a downloaded package is not the one that was locked: a broken download, or an altered one. Run it again; if it stays, clear the cache: $python -m pip cache purge"
    elif grep -qiE 'name resolution|name or service not known|NewConnectionError|ConnectionError|ConnectTimeout|ReadTimeout|network is unreachable|dns error|error sending request|connection (refused|reset)|proxy|SSLError|certificate' "$log"; then
        die "the package index could not be reached. Check the network (behind a proxy: set HTTPS_PROXY; with a mirror: set PIP_INDEX_URL) and run it again. Details: $log"
    elif grep -qiE 'no matching distribution|no solution found|only the following|not a supported wheel' "$log"; then
        die "a package has no build for this machine ($(uname -sm), $("$python" --version)). Python 3.11 to 3.13 on x86-64 or arm64 with glibc is known to work. Details: $log"
    fi
    die "installing failed: $(grep -iE 'error' "$log" | tail -1 | cut -c1-300) Details: $log"
}

make_venv() {
    [ ! -e "$building" ] || rm -rf "$venv" # a run was killed in the middle: what it left can't be trusted
    : >"$building" || die "cannot write to $root. Run as the account that owns it, or copy it to a folder of yours."
    "$venv/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && return 0
    rm -rf "$venv" || die "$venv belongs to another account. Remove it, or run as that account."
    if have_uv; then
        uv venv --quiet --no-project --python "$("$python" -c 'import sys; print(sys.executable)')" "$venv" >"$log" 2>&1 && return 0
    fi
    venv_with_pip
}

venv_with_pip() {
    if ! "$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then
        die "this Python has no venv module. Install it (Debian, Ubuntu: sudo apt-get install python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv) and run it again."
    fi
    rm -rf "$venv"
    "$python" -m venv "$venv" >"$log" 2>&1 || explain_failure
}

have_uv() { [ -z "${NEXTBILL_NO_UV:-}" ] && uv --version >/dev/null 2>&1; }

install_with_pip() {
    "$venv/bin/python" -m pip --version >/dev/null 2>&1 || venv_with_pip
    "$venv/bin/python" -m pip install --disable-pip-version-check --no-input --no-compile --retries 2 --require-hashes -r "$requirements" >"$log" 2>&1 &
    installer=$!
    local total
    total=$(grep -cE '^[A-Za-z0-9]' "$requirements")
    while [ -t 2 ] && kill -0 "$installer" 2>/dev/null; do
        printf '\r  %s of %s packages' "$(grep -c '^Collecting' "$log")" "$total" >&2
        sleep 1
    done
    [ ! -t 2 ] || printf '\r\033[K' >&2
    wait "$installer" || explain_failure
    installer=
}

install() {
    say "Installing $(grep -cE '^[A-Za-z0-9]' "$requirements") packages with $("$python" --version) into .venv: once, a minute or two ..."
    rm -f "$venv"/.installed-*
    if have_uv && uv pip install --quiet --python "$venv/bin/python" --require-hashes -r "$requirements" >"$log" 2>&1; then
        return 0
    fi
    if have_uv && grep -qiE 'no space left|disk quota' "$log"; then explain_failure; fi
    install_with_pip # also when uv could not: a mirror may be known to pip alone
}

finish() {
    local site
    site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))') || exit 1
    printf '%s\n' "$root/backend/src" >"$site/nextbill.pth" || exit 1
    fingerprint backend/requirements/base.txt >"$venv/.installed-base" || exit 1
    [ "$level" != dev ] || fingerprint backend/requirements/dev.txt >"$venv/.installed-dev" || exit 1
    rm -f "$building" "$log"
}

node_will_do() { # PROGRAM
    local version major minor
    version=$("$1" --version 2>/dev/null) || return 1
    version=${version#v}
    major=${version%%.*}
    minor=${version#*.}
    minor=${minor%%.*}
    [ "$major" -gt 20 ] 2>/dev/null || { [ "$major" -eq 20 ] && [ "$minor" -ge 9 ]; } 2>/dev/null
}

# The portal alone needs Node. One that is here will do; else the package index has one; else everything but the portal runs.
ensure_node() {
    local lock=backend/requirements/node.txt refused=$venv/.node-refused
    [ -f "$lock" ] || return 0
    if node_will_do "${NEXTBILL_NODE:-node}" && { [ -n "${NEXTBILL_NODE:-}" ] || command -v npm >/dev/null 2>&1; }; then return 0; fi
    if stamp_is_current node; then return 0; fi
    if [ -n "${LESS_TALK:-}" ] && [ "$(cat "$refused" 2>/dev/null)" = "$(fingerprint "$lock")" ]; then return 0; fi # asked once; ./setup.sh asks again
    if [ ! -w "$root" ] || [ ! -w "$venv" ]; then
        say "The portal needs Node 20.9 or newer on the PATH of $(id -un), who may not install one here; everything else runs."
        return 0
    fi
    take_turn
    if stamp_is_current node; then return 0; fi # another setup did it meanwhile
    say "Installing Node for the portal (60 MB): none of 20.9 or newer is on the PATH ..."
    if { have_uv && uv pip install --quiet --python "$venv/bin/python" --require-hashes -r "$lock" >"$log" 2>&1; } ||
        { "$venv/bin/python" -m pip --version >/dev/null 2>&1 && "$venv/bin/python" -m pip install --disable-pip-version-check --no-input --retries 1 --require-hashes -r "$lock" >"$log" 2>&1; }; then
        fingerprint "$lock" >"$venv/.installed-node"
        rm -f "$refused" "$log"
    else
        fingerprint "$lock" >"$refused"
        say "Node could not be installed (details: $log): the portal will not run, everything else will. Install Node 20.9 or newer, or run ./setup.sh again."
    fi
}

[ -f "$requirements" ] || die "usage: ./setup.sh [base|dev]"
if ! ready; then
    started=$SECONDS
    installer=
    trap '[ -z "$installer" ] || kill $installer 2>/dev/null; say "Interrupted; the next start repairs it."; exit 130' INT TERM
    find_python
    take_turn
    if ! ready; then
        if [ -e "$building" ] || [ ! -x "$venv/bin/python" ] || ! stamp_is_current "$level"; then
            make_venv
            install
        fi
        finish
        say "Set up in $((SECONDS - started)) s."
    fi
fi
[ -z "${python:-}" ] && python=$venv/bin/python
ensure_node
[ -n "${LESS_TALK:-}" ] || say "Ready. Next: ./dev.sh starts everything, ./test.sh tests it, ./nextbill --help shows the commands."
