#!/usr/bin/env bash
# LMCache's own L2 benchmark, side by side in one run: its in-process `dax` adapter on a tmpfs file, our plugin on a
# tmpfs file of the same size, our `resp`, and Debian's Redis through `resp`. Prints a Markdown table.
#
#   src/bench/lmcache.sh [REPEATS=3] [ROUNDS=8]
#
# Every adapter gets one run after the other, REPEATS times over; the table has the median of the runs' p50.
# Exits 77 if LMCache or redis-server is not there.
set -euo pipefail
source "$(dirname "$0")/../test/lmcache/lib.sh"

repeats=${1:-3} rounds=${2:-8} size_gb=2
command -v redis-server >/dev/null || { echo "SKIPPED: no redis-server (apt-get install redis-server)"; exit 77; }
need_venv
need_jar
shm=$(mktemp -d /dev/shm/daxtier-bench.XXXXXX)
results=$work/results
mkdir "$results"

# Both files get their pages now: a tier in service does not grow, and tmpfs clears pages at first touch.
for file in "$shm/dax" "$shm/daxtier"; do head -c "${size_gb}G" /dev/zero >"$file"; done

redis_port=$(free_port)
redis-server --port "$redis_port" --bind 127.0.0.1 --save '' --appendonly no --io-threads 1 >"$work/redis.log" 2>&1 &
pids+=($!)

# bench NAME MIB KEYS REPEAT JSON
bench() {
  "$venv/bin/python" "$root/src/bench/lmcache_bench.py" bench l2 --l2-adapter "$5" --num-keys "$3" --rounds "$rounds" \
    --data-size-kb "$(python3 -c "print(int($2 * 1024))")" --lookup-max-hit-rate 1.0 --no-skip-verify \
    --format json -q --output "$results/$2-$3-$1-$4.json" >"$work/bench.log" 2>&1 ||
    { tail -20 "$work/bench.log" >&2; fail "$1 at $2 MiB"; }
  service FLUSHALL >/dev/null
  redis-cli -p "$redis_port" FLUSHALL >/dev/null
}

for size in 1:64 4:16 16:8; do
  mib=${size%:*} keys=${size#*:}
  start_service "$shm/daxtier" "$size_gb" $((mib << 20))
  python3 "$root/src/bench/lmcache_warm.py" "$socket"
  for repeat in $(seq "$repeats"); do
    bench dax "$mib" "$keys" "$repeat" \
      "{\"type\":\"dax\",\"device_path\":\"$shm/dax\",\"max_dax_size_gb\":$size_gb,\"slot_bytes\":$((mib << 20))}"
    bench plugin "$mib" "$keys" "$repeat" "$(plugin_json "{\"unix_socket\":\"$socket\"}")"
    bench resp "$mib" "$keys" "$repeat" "{\"type\":\"resp\",\"host\":\"127.0.0.1\",\"port\":$resp_port}"
    bench redis "$mib" "$keys" "$repeat" "{\"type\":\"resp\",\"host\":\"127.0.0.1\",\"port\":$redis_port}"
  done
  if [[ $mib == 1 ]]; then # lookups of 256 keys, whatever their size
    rounds=4 bench plugin 0.25 256 1 "$(plugin_json "{\"unix_socket\":\"$socket\"}")"
  fi
  stop "$service_pid"
done
python3 "$root/src/bench/lmcache_report.py" "$results"
