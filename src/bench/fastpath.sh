#!/usr/bin/env bash
# The fast path from a Java and a Python client that map the device: store and load of 1 to 64 MiB beside a plain memcpy of
# the same bytes and beside our own RESP over TCP, and the round trip of a batch of 16. Prints Markdown tables. The device
# is a file on tmpfs.
#
#   src/bench/fastpath.sh
#
# JAVA_HOME must be a JDK 25.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
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
ping() { python3 -c "import socket; s = socket.create_connection(('127.0.0.1', $port)); s.sendall(b'PING\r\n'); assert s.recv(7) == b'+PONG\r\n'" 2>/dev/null; }
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# The file gets its pages now: a tier in service does not grow, and tmpfs clears pages at first touch.
head -c 2G /dev/zero >"$shm/dax"
head -c 1G /dev/zero >"$shm/scratch"
port=$(free_port)
"$java" -jar "$jar" --server.port=0 --dax.device-path="$shm/dax" --dax.max-dax-size-gb=2 --dax.slot-bytes=67108864 \
  --dax.resp.port="$port" --dax.resp.unix-socket="$work/daxtier.sock" \
  >"$work/daxtier.log" 2>&1 &
pids+=($!)
for _ in $(seq 300); do
  ping && break
  sleep 0.2
done
ping || { tail -20 "$work/daxtier.log" >&2; exit 1; }

echo "## Java"; echo
"$java" -Xmx1g --enable-native-access=ALL-UNNAMED "$root/src/bench/FastPathBench.java" \
  "$work/daxtier.sock" "$port" "$shm/dax" "$shm/scratch"
echo; echo "## Python"; echo
python3 "$root/src/bench/fastpath_bench.py" "$work/daxtier.sock" "$shm/dax" "$shm/scratch"
