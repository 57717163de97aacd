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

# Beside the others, never before them: building takes a minute, and neither that nor a portal that ends shall keep money or panels waiting.
portal_for_ever() {
    local child=
    trap '[ -z "$child" ] || kill "$child" 2>/dev/null; exit 0' INT TERM
    while :; do
        "$python" -m nextbill portal build >/dev/null &
        child=$!
        if ! wait "$child"; then
            printf '%s\n' "prod: going on without the portal." >&2
            return 0
        fi
        "$python" -m nextbill portal serve --behind-proxy &
        child=$!
        wait "$child"
        printf '%s\n' "prod: the portal ended (status $?); starting it again in 5 s." >&2
        sleep 5 &
        child=$!
        wait "$child"
    done
}

"$python" -m nextbill api &
api=$!
"$python" -m nextbill worker &
worker=$!
portal_for_ever &
portal=$!
asked=
trap 'asked=1; kill $api $worker $portal 2>/dev/null' INT TERM
while kill -0 $api 2>/dev/null && kill -0 $worker 2>/dev/null; do
    sleep 1 &
    wait $! # a signal ends this wait at once, unlike a sleep in the foreground
done
kill $api $worker $portal 2>/dev/null
wait $api
status=$?
wait $worker || status=$?
wait "$portal"
[ -n "$asked" ] && exit 0
printf '%s\n' "prod: API or worker ended by itself (status $status); both are stopped." >&2
[ "$status" -ne 0 ] || status=1
exit "$status"
