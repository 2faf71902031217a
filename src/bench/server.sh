# What resp.sh, fastpath.sh and migrate.sh share: Daxtier from target/ on files in tmpfs. Sourced by bash with
# `set -euo pipefail`. JAVA_HOME must be a JDK 25. What is made and started here goes with the shell.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
jar=$(ls "$root"/target/daxtier-*.jar 2>/dev/null | grep -v -e sources -e javadoc | head -1 || true)
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

# fill FILE SIZE: a file that has its pages. A tier in service does not grow, and tmpfs clears pages at first touch.
fill() { head -c "$2" /dev/zero >"$1"; }

# start_server OPTION...: returns when Daxtier serves; sets port, http_port and socket.
start_server() {
  port=$(free_port) http_port=$(free_port) socket=$work/daxtier.sock
  "$java" -jar "$jar" --server.port="$http_port" --dax.resp.port="$port" --dax.resp.unix-socket="$socket" "$@" \
    >"$work/daxtier.log" 2>&1 &
  local server=$!
  pids+=("$server")
  for _ in $(seq 300); do
    ! grep -q 'Started DaxtierApplication' "$work/daxtier.log" || return 0
    kill -0 "$server" 2>/dev/null || break
    sleep 0.2
  done
  tail -20 "$work/daxtier.log" >&2
  exit 1
}
