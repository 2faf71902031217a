#!/usr/bin/env bash
# Runs the real LMCache 0.5.6 against the real service: unit tests of the plugin, LMCache's adapter interface, its
# storage manager, its L2 benchmark with verification and its server, through `resp`, `valkey` and the plugin.
# Exits 77 if LMCache cannot be installed. The environment is kept in ${DAXTIER_CACHE:-~/.cache/daxtier}/lmcache.
#
# LMCACHE_VERSION=0.5.0 runs the plugin in that version instead, through the adapter interface alone: the storage
# manager of older ones is called in another way.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

slot_bytes=$((16 << 20))

# no_locks WHAT: every lock and reservation has come back.
no_locks() {
  wait_for 10 test "$(service DAX.SESSIONS)" = '[]' ||
    fail "$1 left locks or reservations behind: $(service DAX.SESSIONS)"
}

# unittest ARGUMENT...: prints the summary, and everything if it failed (LMCache logs much).
unittest() {
  "$venv/bin/python" -m unittest "$@" >"$work/unittest.log" 2>&1 || { cat "$work/unittest.log"; fail "unittest $*"; }
  tail -3 "$work/unittest.log"
}

# bench NAME JSON: LMCache's own benchmark at three sizes; a wrong byte or a lost object ends the run.
bench() {
  local mib keys=8 # in four rounds, two tasks each: 64 objects at most, as many as there are slots
  for mib in 1 4 16; do
    service FLUSHALL >/dev/null
    say "lmcache bench l2 through $1, $keys objects of $mib MiB"
    "$venv/bin/lmcache" bench l2 --l2-adapter "$2" --num-keys "$keys" --in-flight 2 --rounds 3 \
      --data-size-kb $((mib << 10)) --lookup-max-hit-rate 1.0 --no-skip-verify --format json -q \
      --output "$work/bench.json" >"$work/bench.log" 2>&1 || { tail -40 "$work/bench.log"; fail "bench $1 $mib MiB"; }
    "$venv/bin/python" "$root/src/test/lmcache/check_bench.py" "$work/bench.json" || fail "bench $1 $mib MiB"
  done
  no_locks "the benchmark through $1" # it never unlocks: its locks end with its session
}

# serve NAME JSON: LMCache's server stores KV of 3 requests, drops it from L1, and prefetches it from the tier.
serve() {
  local rpc http log=$work/lmcache-server.log server
  rpc=$(free_port) http=$(free_port)
  service FLUSHALL >/dev/null
  say "lmcache server through $1"
  "$venv/bin/lmcache" server --supported-transfer-mode auto --port "$rpc" --http-port "$http" \
    --prometheus-port "$(free_port)" --l1-size-gb 0.25 --eviction-policy LRU --l2-store-policy skip_l1 \
    --l2-adapter "$2" >"$log" 2>&1 &
  server=$!
  pids+=("$server")
  wait_for 120 python3 -c "import urllib.request as u; u.urlopen('http://localhost:$http/healthcheck')" || { tail -20 "$log"; fail "lmcache server"; }
  timeout 240 "$venv/bin/lmcache" bench server --rpc-url "tcp://localhost:$rpc" --url "http://localhost:$http" \
    --mode cpu --start 0 --end 3 --interval 0.1 --num-tokens 1024 --kvcache-shape-spec '(2,128,16,4,64):float16:4' \
    --num-blocks 128 >"$work/client.log" 2>&1 || { tail -20 "$work/client.log" "$log"; fail "bench server"; }
  python3 "$root/src/test/lmcache/check_server.py" "$work/client.log" "$log" || fail "lmcache server through $1"
  no_locks "the server through $1"
  stop "$server"
}

need_venv
need_jar

version=${LMCACHE_VERSION:-}
if [[ -n $version ]]; then
  need_version "$version"
  say "LMCache $version: the adapter interface"
  start_service "$work/device" 1 "$slot_bytes"
  export DAXTIER_SOCKET=$socket DAXTIER_PORT=$resp_port
  unittest test_adapter
  no_locks "the adapter tests"
  say "LMCache $version: all passed"
  exit
fi

say "unit tests of the plugin"
unittest discover -s "$root/src/test/python"
say "the plugin against a service of its own that is stopped, killed and started again"
DAXTIER_JAVA=$(find_java) DAXTIER_JAR=$jar unittest test_service

say "starting the service on a file of 1 GiB"
start_service "$work/device" 1 "$slot_bytes"
plugin=$(plugin_json "{\"unix_socket\":\"$socket\"}")
plugin_tcp=$(plugin_json "{\"port\":$resp_port}")
plugin_without_mapping=$(plugin_json "{\"port\":$resp_port,\"map_devices\":false}")
resp="{\"type\":\"resp\",\"host\":\"127.0.0.1\",\"port\":$resp_port}"
valkey="{\"type\":\"valkey\",\"startup_nodes\":\"127.0.0.1:$resp_port\"}"

say "LMCache's adapter interface and storage manager"
export DAXTIER_SOCKET=$socket DAXTIER_PORT=$resp_port
unittest test_adapter test_storage_manager
no_locks "the adapter tests"

bench resp "$resp"
bench valkey "$valkey"
bench "the plugin (Unix socket)" "$plugin"
bench "the plugin (TCP)" "$plugin_tcp"
bench "the plugin without a mapping" "$plugin_without_mapping"
serve resp "$resp"
serve "the plugin" "$plugin"
say "LMCache: all passed"
