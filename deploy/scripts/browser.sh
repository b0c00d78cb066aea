#!/usr/bin/env bash
# The desk in a real browser. Installs Chromium, Node and Chinese fonts where they are missing and it may; says so.
# Pictures of every page are left in target/pictures.
set -euo pipefail
cd "$(dirname "$0")/../.."

missing=()
command -v chromium >/dev/null || missing+=(chromium)
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
fc-list 2>/dev/null | grep -q "Noto Sans CJK" || missing+=(fontconfig fonts-noto-cjk)
if [ ${#missing[@]} -gt 0 ]; then
    if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        echo "== installing ${missing[*]}"
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >/dev/null
    else
        echo "Missing: ${missing[*]}. Install them, then run this again." >&2
        exit 1
    fi
fi
if ! cmp -s tests/browser/package-lock.json target/browser-lock.json || [ ! -d tests/browser/node_modules ]; then
    echo "== installing playwright-core and axe-core"
    (cd tests/browser && npm ci --no-audit --no-fund --silent)
    cp tests/browser/package-lock.json target/browser-lock.json
fi
rm -rf target/pictures
export DOORSTEP_BINARIES=$PWD/target/debug DOORSTEP_PICTURES=$PWD/target/pictures CHROMIUM
CHROMIUM=$(command -v chromium)
node --test --test-concurrency=1 --test-reporter=tap tests/browser/*.test.mjs
