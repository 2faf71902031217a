#!/usr/bin/env bash
# Daxtier and Debian's redis-server side by side, on one machine in one run: SET, GET and EXISTS of 64 KiB to 64 MiB on 1
# and 4 connections, over TCP and over a Unix socket, and the latency of lookups while 64 MiB values are stored. Prints
# Markdown tables. The tier is a file on tmpfs, as long as there is no /dev/dax.
#
#   src/bench/resp.sh [SECONDS_PER_CELL=0.4]
#
# Exits 77 if redis-server is not there. JAVA_HOME must be a JDK 25.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
seconds=${1:-0.4}
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
command -v redis-server >/dev/null || { echo "SKIPPED: no redis-server (apt-get install redis-server)"; exit 77; }
jar=$(ls "$root"/target/daxtier-*.jar 2>/dev/null | grep -v -e sources -e javadoc | head -1)
[ -n "$jar" ] || { echo "no target/daxtier-*.jar: ./mvnw -B -DskipTests package" >&2; exit 1; }

work=$(mktemp -d) shm=$(mktemp -d /dev/shm/daxtier-bench.XXXXXX)
pids=()
finish() {
  kill "${pids[@]}" 2>/dev/null || true
  wait "${pids[@]}" 2>/dev/null || true
  rm -rf "$work" "$shm"
}
trap finish EXIT
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# The file gets its pages now: a tier in service does not grow, and tmpfs clears pages at first touch.
head -c 2G /dev/zero >"$shm/dax"
port=$(free_port) redis=$(free_port)
"$java" -jar "$jar" --server.port=0 --dax.device-path="$shm/dax" --dax.max-dax-size-gb=2 --dax.slot-bytes=67108864 \
  --dax.num-store-workers="${STORE_WORKERS:-1}" --dax.resp.port="$port" --dax.resp.unix-socket="$work/daxtier.sock" \
  >"$work/daxtier.log" 2>&1 &
pids+=($!)
redis-server --port "$redis" --unixsocket "$work/redis.sock" --save '' --appendonly no --dir "$work" >"$work/redis.log" 2>&1 &
pids+=($!)
for _ in $(seq 300); do
  redis-cli -p "$port" PING >/dev/null 2>&1 && redis-cli -p "$redis" PING >/dev/null 2>&1 && break
  sleep 0.2
done
[ "$(redis-cli -p "$port" PING)" = PONG ] || { tail -20 "$work/daxtier.log" >&2; exit 1; }

bench() { "$java" -Xmx2g ${names:+-Dnames=$names} "$root/src/bench/RespBench.java" "$@"; }
echo "## TCP"; echo
bench "$port" "$redis" "$seconds"
echo; echo "## Unix socket"; echo
bench "$work/daxtier.sock" "$work/redis.sock" "$seconds"
echo; echo "## Daxtier: Unix socket against TCP"; echo
names=Unix,TCP bench "$work/daxtier.sock" "$port" "$seconds"
echo; echo "## Lookups while four connections store 64 MiB values"; echo
bench latency "$port" "$redis"
