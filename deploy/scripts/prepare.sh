#!/usr/bin/env bash
# What building needs beyond this folder: Rust with rustfmt and clippy, a C compiler for the
# embedded SQLite, and strace for one test. Installs what it can; says what it cannot. What the browser tests need, browser.sh installs.
set -euo pipefail

if ! command -v cc >/dev/null; then
    if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        echo "== installing a C compiler"
        apt-get update -qq && apt-get install -y -qq gcc libc6-dev
    else
        echo "A C compiler (cc) is missing, and this script cannot install it here: install gcc, then run this again." >&2
        exit 1
    fi
fi
if ! command -v cargo >/dev/null; then
    echo "Rust is missing: install it with rustup (1.95 or newer), then run this again." >&2
    exit 1
fi
# One test reads a system-call trace, to see that what is acknowledged was synced before.
if ! command -v strace >/dev/null; then
    if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        echo "== installing strace"
        apt-get update -qq && apt-get install -y -qq strace
    else
        echo "strace is missing, and this script cannot install it here: install it, then run this again." >&2
        exit 1
    fi
fi
for part in fmt clippy; do
    if ! cargo $part --version >/dev/null 2>&1; then
        name=${part/fmt/rustfmt}
        echo "== adding $name"
        rustup component add "$name"
    fi
done
