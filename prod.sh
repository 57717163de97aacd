#!/usr/bin/env bash
# Runs it for real: migrations, then API, worker and portal (behind a reverse proxy that sends /api to the API), with the credentials in .env or the environment. No simulators, no embedded database.
# For several machines run the parts by themselves: ./nextbill migrate | api | worker | portal serve
set -u

here=${BASH_SOURCE[0]}
while [ -L "$here" ]; do
    link=$(readlink "$here")
    case $link in /*) here=$link ;; *) here=$(dirname "$here")/$link ;; esac
done
root=$(cd "$(dirname "$here")" && pwd -P) || exit 1
cd "$root" || exit 1

mode=${NEXTBILL_MODE:-$(sed -n 's/^NEXTBILL_MODE=["'\'']\{0,1\}\([a-z]*\).*/\1/p' .env 2>/dev/null | tail -1)}
if [ "$mode" != live ]; then
    printf '%s\n' "prod: NEXTBILL_MODE is \"${mode:-sandbox}\". Set NEXTBILL_MODE=live and the real credentials in .env (see .env.example); ./dev.sh runs the sandbox." >&2
    exit 2
fi
export NEXTBILL_MODE=live
export PYTHONDONTWRITEBYTECODE= # each process imports two thousand modules: kept compiled that takes a second or two, else four
LESS_TALK=1 "$root/setup.sh" base || exit 1
python=$root/.venv/bin/python
"$python" -m nextbill migrate || exit 1

portal=
if "$python" -m nextbill portal build >/dev/null; then
    "$python" -m nextbill portal serve --behind-proxy &
    portal=$!
else
    printf '%s\n' "prod: going on without the portal." >&2
fi
"$python" -m nextbill api &
api=$!
"$python" -m nextbill worker &
worker=$!
asked=
trap 'asked=1; kill $api $worker $portal 2>/dev/null' INT TERM
while kill -0 $api 2>/dev/null && kill -0 $worker 2>/dev/null && { [ -z "$portal" ] || kill -0 "$portal" 2>/dev/null; }; do
    sleep 1 &
    wait $! # a signal ends this wait at once, unlike a sleep in the foreground
done
kill $api $worker $portal 2>/dev/null
wait $api
status=$?
wait $worker || status=$?
[ -z "$portal" ] || wait "$portal"
[ -n "$asked" ] && exit 0
printf '%s\n' "prod: API, worker or portal ended by itself (status $status); all are stopped." >&2
[ "$status" -ne 0 ] || status=1
exit "$status"
