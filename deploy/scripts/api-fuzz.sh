#!/usr/bin/env bash
# Besieges the API with requests made from its own description, as each role (schemathesis; `pip install schemathesis`).
# Fails on an answer of 5xx, on one that the description does not know, and where a role got 2xx from fewer than nine in
# ten of the operations that it may call. EXAMPLES requests of each kind for an operation (10);
# ROLE for one role only.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v schemathesis >/dev/null || { echo "schemathesis is missing: pip install schemathesis" >&2; exit 1; }
export DOORSTEP_BINARIES=$PWD/target/debug EXAMPLES=${EXAMPLES:-10}
exec node tests/browser/fuzz.mjs
