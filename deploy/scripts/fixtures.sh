#!/usr/bin/env bash
# Records what this version stores, as tests/fixtures/vN: a server's folder, three devices' stores, what each of
# them showed, and today's wire frames. Real programs, real runs; a version that is there is never written over.
#   deploy/scripts/fixtures.sh VERSION [FOLDER OF THE PROGRAMS] [COMMIT OF THE FRAMES]
set -euo pipefail
cd "$(dirname "$0")/../.."
version=${1:?say which version: 2, 3, ...}
programs=${2:-target/debug}
to=tests/fixtures/v$version
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill -TERM "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
[ ! -e "$to/stores" ] || { echo "$to/stores is there; recorded versions are never written over" >&2; exit 1; }

# The first value of a member in one line of JSON.
member() { sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p' | head -n 1; }
doorstep() { "$programs/doorstep" "$@" --data "$work/server" --json; }
device() { local name=$1; shift; "$programs/doorstep-device" --store "$work/$name.sqlite" "$@" --json; }
made() { device "$@" | member id; }

mkdir -p "$work/server"
"$programs/doorstep" serve --data "$work/server" --listen 127.0.0.1:0 --settle PT1S --json >"$work/first" 2>"$work/log" &
server=$!
for _ in $(seq 100); do [ ! -s "$work/first" ] || break; sleep 0.1; done
url=$(member url <"$work/first")
[ -n "$url" ] || { cat "$work/log" >&2; exit 1; }
enrol() {
    local code
    code=$(doorstep admin enrol --district 511902 --unit "$2" --worker "$3" --role "$4" | member code)
    device "$1" enrol "$url" "$code" >"$work/enrolled"
}
settled() { # NAME ID: until a settled decision is on the device
    for _ in $(seq 100); do
        device "$1" sync >"$work/synced"
        ! device "$1" show "$2" | grep -q '"cause":"Settled"' || return 0
        sleep 0.2
    done
    echo "never settled: $2" >&2; exit 1
}

enrol xiang 511902105 向明 worker
enrol zeng 511902105 曾晓兰 worker
enrol luo 511902105 罗开国 worker
one=$(made xiang new case --set title=渠道堵塞 --set place=511902105 --set category=water --set severity=medium \
    --set urgency=soon --set description=沟里全是泥 --append log=第一次去看 --append tags=水 --set person.name=何大娘)
two=$(made xiang new case --set title=路灯不亮 --set place=511902105238 --set category=roads)
visit=$(made xiang new visit --set title=四月走访 --set place=511902105 --append log=走了三户 --append "cases=$one")
settled xiang "$one"
settled xiang "$two"
for name in zeng luo; do device "$name" sync >"$work/synced"; done
# A conflict of two, open at the centre.
device zeng edit "$one" --set place=511902105201 --append log=曾 >"$work/edited"
device luo edit "$one" --set place=511902105202 --append log=罗 >"$work/edited"
for name in zeng luo zeng xiang; do device "$name" sync >"$work/synced"; done
device xiang checkout "$two" --until "$(date -u -d '+1 day' +%Y-%m-%dT%H:%M:%SZ)" >"$work/checked"
device xiang sync >"$work/synced"
# What no centre has heard of yet.
device zeng edit "$two" --set contact_phone=13500000001 --append log=还没上传 >"$work/edited"
fresh=$(made zeng new case --set title=新的 --set place=511902105 --set category=water)
device luo edit "$one" --splice description=0,1,渠 --append signatures='{"role":"handler"}' >"$work/edited"
kill -TERM "$server"
wait "$server" || true
server=

mkdir -p "$to/stores/shown"
cp "$work/server/"{doorstep.sqlite,doorstep.sqlite-wal,secret.key} "$to/stores/"
# Whoever closes a store puts its journal into it.
"$programs/doorstep" verify --data "$to/stores" --json >"$work/verified"
rm -f "$to/stores/server."*
for name in xiang zeng luo; do
    for id in "$one" "$two" "$visit" "$fresh"; do
        device "$name" show "$id" >"$to/stores/shown/$name.$id.json" || rm -f "$to/stores/shown/$name.$id.json"
    done
    cp "$work/$name.sqlite" "$to/stores/"
done
mkdir -p "$to/wire"
for file in up down; do [ -e "$to/wire/$file.json" ] || cp "protocol/vectors/$file.json" "$to/wire/$file.json"; done
echo "recorded $to: $(du -sk "$to" | cut -f1) KB"
