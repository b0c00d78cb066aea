#!/usr/bin/env bash
# Breaks the program on purpose, one patch of tests/mutants after the other, and sees whether that is caught.
#
#   mutants.sh [--seeds N] [NAME...]   all mutants or the named ones, on a copy of the last commit (takes minutes)
#   mutants.sh --check [NAME...]       only whether each still applies to the tree as it is (takes a second)
#
# A patch says above its diff what it undoes, which invariant that breaks, and who has to notice:
#   caught-by: sim [OPTIONS]        doorstep-play sim, within N seeds (100 unless told)
#   caught-by: stories FILTER       the in-process stories, cargo test -p doorstep-tests --test it FILTER
#   caught-by: units CRATE FILTER   a crate's own tests, cargo test -p CRATE --lib FILTER
# The unchanged tree must be green under the same eyes first. Builds in $MUTANTS_TARGET (target/mutants).
# Exit: 0 each is caught, 1 one is not, does not apply or does not build, 2 usage.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
mutants=$root/tests/mutants
seeds=100
slice=10
check=
names=()
usage() { sed -n '2,5p' "$0" | sed 's/^# \{0,1\}//' >&2; exit 2; }
while [ $# -gt 0 ]; do
    case $1 in
        --check) check=yes ;;
        --seeds) seeds=${2:-}; shift ;;
        --seeds=*) seeds=${1#*=} ;;
        -*) usage ;;
        *) name=${1##*/}; names+=("${name%.patch}") ;;
    esac
    shift || usage
done
[[ $seeds =~ ^[1-9][0-9]*$ ]] || usage
if [ ${#names[@]} = 0 ]; then
    for patch in "$mutants"/*.patch; do
        name=${patch##*/}
        names+=("${name%.patch}")
    done
fi
for name in "${names[@]}"; do
    [ -f "$mutants/$name.patch" ] || { echo "There is no mutant $name in tests/mutants." >&2; exit 2; }
done

eyes_of() { sed -n 's/^# caught-by: *//p' "$mutants/$1.patch" | head -n 1; }

if [ -n "$check" ]; then
    cd "$root"
    failed=0
    for name in "${names[@]}"; do
        git apply --check "$mutants/$name.patch" || { echo "$name no longer applies" >&2; failed=1; }
        case $(eyes_of "$name") in
            sim | "sim --"?* | "stories "?* | "units "?*" "?*) ;;
            *) echo "$name does not say who has to catch it" >&2; failed=1 ;;
        esac
    done
    [ $failed = 0 ] && echo "${#names[@]} mutants apply."
    exit $failed
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree
log=$work/log
git clone -q --shared "$root" "$tree"
export CARGO_TARGET_DIR=${MUTANTS_TARGET:-$root/target/mutants}
play=$CARGO_TARGET_DIR/debug/doorstep-play
cd "$tree"

# Each of these leaves its word in $said: 0 nothing was noticed, 1 something was, 3 it does not build.
said=
limit=()
if command -v timeout >/dev/null; then limit=(timeout 900); fi

sim() {
    local from count out code failed
    cargo build -q -p doorstep-tests --bin doorstep-play --locked 2>"$log" || { said="does not build"; return 3; }
    for ((from = 1; from <= seeds; from += slice)); do
        count=$((seeds - from + 1 < slice ? seeds - from + 1 : slice))
        code=0
        out=$("${limit[@]}" "$play" sim --seeds "$count" --from "$from" --json "$@" 2>"$log") || code=$?
        # An oracle that had nothing to look at in so few seeds is no failure here; a seed that fails is.
        failed=$(sed -n 's/.*"failures":\[\([0-9]*\).*/\1/p' <<<"$out" | tail -n 1)
        if [ -n "$failed" ]; then
            said="seed $failed: invariant $(sed -n "s/^seed $failed: invariant \([0-9]*\).*/\1/p" "$log" |
                sort -nu | paste -sd, -)"
            return 1
        elif [ $code = 124 ]; then
            said="seeds $from to $((from + count - 1)): never ends"
            return 1
        elif [ $code -gt 1 ]; then
            said="seeds $from to $((from + count - 1)): panics"
            return 1
        fi
    done
    said="$seeds seeds"
}

tests() {
    cargo test -q "$@" --no-run --locked 2>"$log" || { said="does not build"; return 3; }
    if "${limit[@]}" cargo test -q "$@" --locked >"$log" 2>&1; then
        grep -qE '^test result: ok\. [1-9]' "$log" || { said="no such test"; return 3; }
        said="all pass"
        return 0
    fi
    # The list of failures at the end names them; a run that was cut short has none.
    said=$(sed -n 's/^    \([a-z_:0-9]*\)$/\1/p' "$log" | sed 's/.*:://' | head -n 1)
    said=${said:-never ends}
    return 1
}

look() {
    case $1 in
        sim | "sim --"*) sim ${1#sim} ;;
        stories*) tests -p doorstep-tests --test it "${1#stories }" ;;
        units*) set -- ${1#units }; tests -p "$1" --lib "$2" ;;
        *) said="its patch does not say who has to catch it"; return 3 ;;
    esac
}

row() { printf '%-32s %-34s %-12s %s\n' "$@"; }

while read -r eyes; do
    echo "== unchanged, $eyes" >&2
    code=0
    look "$eyes" </dev/null || code=$?
    if [ $code != 0 ]; then
        cat "$log" >&2
        echo "The unchanged tree is not green under $eyes ($said): no mutant was tried." >&2
        exit 1
    fi
done < <(for name in "${names[@]}"; do eyes_of "$name"; done | sort -u)

row MUTANT "CAUGHT BY" RESULT WHERE
missed=0
for name in "${names[@]}"; do
    echo "== $name" >&2
    eyes=$(eyes_of "$name")
    said=
    if git apply "$mutants/$name.patch" 2>"$log"; then
        code=0
        look "$eyes" || code=$?
        git checkout -q .
    else
        code=4
        said="does not apply"
    fi
    case $code in
        0) result="NOT CAUGHT" ;;
        1) result="caught" ;;
        *) result="BROKEN"; cat "$log" >&2 ;;
    esac
    [ $code = 1 ] || missed=$((missed + 1))
    row "$name" "$eyes" "$result" "$said"
done
echo "${#names[@]} mutants, $missed not caught."
[ $missed = 0 ]
