#!/usr/bin/env bash
# Daxtier and Debian's redis-server side by side, on one machine in one run: SET, GET and EXISTS of 64 KiB to 64 MiB on 1
# and 4 connections, over TCP and over a Unix socket, and the latency of lookups while 64 MiB values are stored. Prints
# Markdown tables. The tier is a file on tmpfs, as long as there is no /dev/dax.
#
#   src/bench/resp.sh [SECONDS_PER_CELL=0.4]
#
# Exits 77 if redis-server is not there. JAVA_HOME must be a JDK 25.
set -euo pipefail
command -v redis-server >/dev/null || { echo "SKIPPED: no redis-server (apt-get install redis-server)"; exit 77; }
source "$(dirname "$0")/server.sh"
seconds=${1:-0.4}

fill "$shm/dax" 2G
start_server --dax.device-path="$shm/dax" --dax.max-dax-size-gb=2 --dax.slot-bytes=67108864 \
  --dax.num-store-workers="${STORE_WORKERS:-1}"
redis=$(free_port)
redis-server --port "$redis" --unixsocket "$work/redis.sock" --save '' --appendonly no --dir "$work" >"$work/redis.log" 2>&1 &
pids+=($!)
for _ in $(seq 50); do
  ! redis-cli -p "$redis" PING >/dev/null 2>&1 || break
  sleep 0.2
done

bench() { "$java" -Xmx2g ${names:+-Dnames=$names} "$root/src/bench/RespBench.java" "$@"; }
echo "## TCP"; echo
bench "$port" "$redis" "$seconds"
echo; echo "## Unix socket"; echo
bench "$socket" "$work/redis.sock" "$seconds"
echo; echo "## Daxtier: Unix socket against TCP"; echo
names=Unix,TCP bench "$socket" "$port" "$seconds"
echo; echo "## Lookups while four connections store 64 MiB values"; echo
bench latency "$port" "$redis"
