#!/usr/bin/env bash
# All checks of the portal: style, types and units, then those in a browser, against a system that they start. Arguments go to Playwright: frontend/e2e/run.sh -g 'double click'
# Screenshots of every page instead, into frontend/screenshots/: frontend/e2e/run.sh --screenshots
set -u

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P) || exit 1
results=$root/frontend/e2e/.results

skip() {
    echo "The portal's checks are skipped: $1"
    [ "${NEXTBILL_REQUIRE_BROWSER:-}" = 1 ] && exit 1
    exit 0
}

if [ -z "${CHROMIUM:-}" ]; then
    for name in chromium chromium-browser google-chrome; do
        CHROMIUM=$(command -v "$name") && break
    done
fi
[ -x "${CHROMIUM:-}" ] || skip "no Chromium here; it comes with: apt-get install chromium"
export CHROMIUM
LESS_TALK=1 "$root/setup.sh" base || exit 1
mkdir -p "$results"
if ! "$root/nextbill" portal build >"$results/build.log" 2>&1; then
    tail -n 5 "$results/build.log"
    echo "The portal was not built: frontend/e2e/.results/build.log"
    exit 1
fi
node=$(cd "$root/backend" && PYTHONPATH=src "$root/.venv/bin/python" -c 'from nextbill.entrypoints.embedded import node; print(node.find().program)') || exit 1
if [ "${1:-}" = --screenshots ]; then
    shift
    export NEXTBILL_SCREENSHOTS=1
fi
unset DATABASE_URL REDIS_URL NEXTBILL_MODE NEXTBILL_DATA PORTAL_URL
cd "$root/frontend" || exit 1
PATH=$(dirname "$node"):$PATH
if [ $# -eq 0 ] && [ -z "${NEXTBILL_SCREENSHOTS:-}" ]; then
    "$node" node_modules/@biomejs/biome/bin/biome check . --error-on-warnings || exit 1
    "$node" node_modules/next/dist/bin/next typegen >/dev/null && "$node" node_modules/typescript/bin/tsc --noEmit || exit 1
    "$node" node_modules/vitest/vitest.mjs run --reporter=dot || exit 1
fi
exec "$node" node_modules/@playwright/test/cli.js test "$@"
