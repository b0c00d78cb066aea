#!/usr/bin/env bash
# policy.wasm: the policy crate for browsers, in target/wasm32-unknown-unknown/wasm. Tries Rust's own target first, then
# Debian's compiler for the web, which brings that target's sources; says the size, and whether the module is one.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=wasm32-unknown-unknown
build=(build --profile wasm --target "$target" --package doorstep-policy-wasm --locked --quiet)
if command -v rustup >/dev/null && rustup target add "$target" >/dev/null 2>&1; then
    cargo "${build[@]}"
    folder=target
else
    if [ ! -x /usr/bin/wasm-ld ] || [ ! -x /usr/bin/rustc ] || [ ! -x /usr/bin/cargo ]; then
        if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
            echo "== installing Debian's compiler for the web"
            apt-get update -qq
            DEBIAN_FRONTEND=noninteractive apt-get install -y -qq rustc-web cargo-web rust-web-src lld >/dev/null
        else
            echo "Rust's target $target is missing, and this script cannot install it here: run rustup target add $target." >&2
            exit 1
        fi
    fi
    # A folder of its own: what another compiler has built does not fit.
    folder=target/debian
    # The Debian compiler is older than this workspace asks for; what it lacks is switched on.
    CARGO_TARGET_DIR=$folder RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zcrate-attr=feature(let_chains)" \
        CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=/usr/bin/wasm-ld \
        /usr/bin/cargo "${build[@]}" --ignore-rust-version -Zbuild-std=std,panic_abort
fi
module=$folder/$target/wasm/doorstep_policy_wasm.wasm
[ "$(head -c 4 "$module" | od -An -tx1 | tr -d ' \n')" = 0061736d ] || { echo "$module is no module" >&2; exit 1; }
cp "$module" "$folder/policy.wasm"
if command -v node >/dev/null; then
    node -e '
        const module = new WebAssembly.Module(require("fs").readFileSync(process.argv[1]));
        const names = WebAssembly.Module.exports(module).map((entry) => entry.name);
        const missing = ["policy_load", "policy_decide", "problems"].filter((wanted) => !names.some((name) => name.startsWith(wanted)));
        if (missing.length) { console.error("policy.wasm lacks " + missing.join(", ")); process.exit(1); }
    ' "$folder/policy.wasm"
fi
raw=$(stat -c %s "$folder/policy.wasm")
packed=$(gzip -9 -c "$folder/policy.wasm" | wc -c)
echo "policy.wasm: $raw bytes, $packed packed ($folder/policy.wasm)"
