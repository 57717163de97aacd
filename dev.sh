#!/usr/bin/env bash
# Sets up what is missing and starts everything on this machine, with simulated vendors; Ctrl-C stops it.
# Options are those of "./nextbill up": see ./dev.sh --help
set -u

here=${BASH_SOURCE[0]}
while [ -L "$here" ]; do
    link=$(readlink "$here")
    case $link in /*) here=$link ;; *) here=$(dirname "$here")/$link ;; esac
done
root=$(cd "$(dirname "$here")" && pwd -P) || exit 1

export PYTHONDONTWRITEBYTECODE= # each process imports two thousand modules: kept compiled that takes a second or two, else four
LESS_TALK=1 "$root/setup.sh" base || exit 1
exec "$root/.venv/bin/python" -m nextbill up "$@"
