#!/usr/bin/env bash
# Sets up what is missing and runs the tests: the product's, then the portal's in a browser (Chromium; without one that is said and they are left out).
# With arguments, which are pytest's, the product's alone: ./test.sh tests/rules -k money -x      The portal's alone: frontend/e2e/run.sh
set -u

here=${BASH_SOURCE[0]}
while [ -L "$here" ]; do
    link=$(readlink "$here")
    case $link in /*) here=$link ;; *) here=$(dirname "$here")/$link ;; esac
done
root=$(cd "$(dirname "$here")" && pwd -P) || exit 1

export PYTHONDONTWRITEBYTECODE= # each process imports two thousand modules: kept compiled that takes a second or two, else four
LESS_TALK=1 "$root/setup.sh" dev || exit 1
cd "$root/backend" || exit 1
arguments=()
for argument in "$@"; do
    case $argument in clients/*) argument=../$argument ;; esac
    arguments+=("${argument#backend/}") # paths may be given from the top of the tree as well
done
unset DATABASE_URL REDIS_URL NEXTBILL_MODE NEXTBILL_DATA # the tests bring their own, whatever this shell is set up for
if [ -z "${TMPDIR:-}" ] && [ -w /dev/shm ] && [ "$(df -k --output=avail /dev/shm 2>/dev/null | tail -n 1)" -gt 6000000 ] 2>/dev/null; then
    # In memory: each test copies a database, and a disk that is busy with other things makes it wait for seconds.
    TMPDIR=$(mktemp -d -p /dev/shm) || exit 1
    chmod 711 "$TMPDIR" # PostgreSQL runs as another account when we are root
    trap 'rm -rf "$TMPDIR"' EXIT
    if printf '#!/bin/sh\n' >"$TMPDIR/try" && chmod +x "$TMPDIR/try" && "$TMPDIR/try" 2>/dev/null; then
        export TMPDIR
    else
        rm -rf "$TMPDIR" && unset TMPDIR # programs may not be started from there
    fi
fi
workers=$(($(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2) + 1)) # one more than cores: tests wait for pauses and for each other's servers
"$root/.venv/bin/python" -m pytest -n "$workers" --dist worksteal "${arguments[@]+"${arguments[@]}"}"
status=$?
if [ $status -eq 1 ] && [ $# -eq 0 ]; then
    # A machine that stalls for seconds may fail a test that waits for another process: once more by itself then, and no more than a few.
    # The client's tests lie outside of this folder, and pytest notes them without their path.
    failed=() clients=()
    while IFS= read -r test; do
        if [ -e "${test%%::*}" ]; then failed+=("$test"); else clients+=("../clients/python/tests/$test"); fi
    done < <("$root/.venv/bin/python" -c 'import json; print(*json.load(open(".pytest_cache/v/cache/lastfailed")), sep="\n")' 2>/dev/null)
    failed+=("${clients[@]+"${clients[@]}"}")
    if [ ${#failed[@]} -ge 1 ] && [ ${#failed[@]} -le 5 ]; then
        echo "${#failed[@]} failed beside the others: once more, alone"
        "$root/.venv/bin/python" -m pytest "${failed[@]}"
        status=$?
    fi
fi
if [ $# -eq 0 ]; then
    "$root/frontend/e2e/run.sh" || status=1
fi
exit $status
