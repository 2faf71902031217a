# What run.sh and src/bench/lmcache.sh share: LMCache's virtual environment, a running service, free ports.
# Sourced by bash with `set -euo pipefail`; everything started here ends with the shell.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
venv=${DAXTIER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/daxtier}/lmcache
work=$(mktemp -d "${TMPDIR:-/tmp}/daxtier-lmcache.XXXXXX")
pids=()
trap 'status=$?; stop "${pids[@]}"; rm -rf "$work" "${shm:-}"; exit $status' EXIT

export LMCACHE_DISABLE_BANNER=1 PYTHONDONTWRITEBYTECODE=1 PYTHONWARNINGS=ignore
export PYTHONPATH=$root/src/main/python:$root/src/test/python:$root/src/test/lmcache

say() { printf '== %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }

stop() {
  local pid
  for pid; do kill "$pid" 2>/dev/null || true; done
  for pid; do wait "$pid" 2>/dev/null || true; done
}

# The environment is about 6 GB and takes minutes; it is kept in the user's cache.
need_venv() {
  mkdir -p "$(dirname "$venv")"
  (
    flock 9
    "$venv/bin/python" -c 'from importlib.metadata import version as v
assert v("lmcache") == "0.5.6" and v("valkey-glide-sync")' 2>/dev/null && exit
    say "installing LMCache 0.5.6 into $venv"
    rm -rf "$venv"
    "${PYTHON:-python3}" -m venv "$venv" && "$venv/bin/pip" install -q lmcache==0.5.6 valkey-glide-sync
  ) 9>"$venv.lock" || {
    echo "SKIPPED: LMCache 0.5.6 cannot be installed here (it needs Linux on x86-64, Python 3.10 to 3.13 and a package index)"
    exit 77
  }
}

# need_version VERSION: another LMCache beside it, without the packages that it needs: those of 0.5.6 have to do.
need_version() {
  local own=$venv-$1
  (
    flock 9
    "$own/bin/python" -c "from importlib.metadata import version as v
assert v('lmcache') == '$1'" 2>/dev/null && exit
    say "installing LMCache $1 into $own"
    rm -rf "$own"
    "$venv/bin/python" -m venv "$own"
    "$venv/bin/python" -c 'import site; print(*site.getsitepackages(), sep="\n")' \
      >"$("$own/bin/python" -c 'import site; print(site.getsitepackages()[0])')/beside.pth"
    "$own/bin/pip" install -q --no-deps "lmcache==$1"
  ) 9>"$venv.lock" || { echo "SKIPPED: LMCache $1 cannot be installed here"; exit 77; }
  venv=$own
}

need_jar() {
  jar=$(ls "$root"/target/daxtier-*.jar 2>/dev/null | head -1 || true)
  if [[ -z $jar ]]; then
    say "building the jar"
    (cd "$root" && ./mvnw -B -q package -DskipTests)
    jar=$(ls "$root"/target/daxtier-*.jar | head -1)
  fi
}

# The java of JDK 25, wherever it is.
find_java() {
  local home
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/*25* "$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")"; do
    if [[ -x $home/bin/java ]] && "$home/bin/java" -version 2>&1 | grep -q '"\(2[5-9]\|[3-9][0-9]\)'; then
      echo "$home/bin/java"
      return
    fi
  done
  fail "no JDK 25 found; set JAVA_HOME"
}

free_port() { python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# wait_for SECONDS COMMAND...
wait_for() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || return 1
    sleep 0.2
  done
}

# start_service DEVICE_FILE SIZE_GB SLOT_BYTES [OPTION...]: sets resp_port, http_port, socket and service_pid.
start_service() {
  local device=$1 size_gb=$2 slot_bytes=$3
  shift 3
  truncate -s "$(python3 -c "print(int($size_gb * 1024**3))")" "$device"
  resp_port=$(free_port) http_port=$(free_port) socket=$work/daxtier.sock
  "$(find_java)" -jar "$jar" --dax.device-path="$device" --dax.max-dax-size-gb="$size_gb" \
    --dax.slot-bytes="$slot_bytes" --dax.resp.port="$resp_port" --dax.resp.unix-socket="$socket" \
    --dax.resp.share-devices=true --server.port="$http_port" "$@" >"$work/service.log" 2>&1 &
  service_pid=$!
  pids+=("$service_pid")
  wait_for 180 service PING || { tail -40 "$work/service.log" >&2; fail "the service did not start"; }
}

# service WORD...: one command to the service, its reply on standard output.
service() { python3 "$root/src/test/lmcache/command.py" "$resp_port" "$@"; }

# plugin_json PARAMETERS: the --l2-adapter of the plugin.
plugin_json() {
  printf '{"type":"plugin","module_path":"daxtier_lmcache","class_name":"DaxtierL2Adapter","adapter_params":%s}' "$1"
}
