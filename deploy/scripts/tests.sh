#!/usr/bin/env bash
# All tests, the browser's too. The lints run beside the browser, which leaves a third of two cores idle; not beside the
# others, which wait for the same lock.
set -euo pipefail
cd "$(dirname "$0")/../.."
CARGO=${CARGO:-cargo}
echo "== all tests"
"$CARGO" test --workspace --locked
log=target/lints.log
nice -n 19 "$CARGO" clippy --workspace --all-targets --locked --quiet --keep-going -- -A warnings >"$log" 2>&1 &
lints=$!
trap 'kill $lints 2>/dev/null || true' EXIT
echo "== the desk in a browser, and lints"
deploy/scripts/browser.sh
echo "== lints"
if ! wait $lints; then
    cat "$log" >&2
    exit 1
fi
