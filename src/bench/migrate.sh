#!/usr/bin/env bash
# Measures what clients notice of a migration, and how fast it is; prints a Markdown table.
#
#   src/bench/migrate.sh [GiB] [rounds]
#
# Needs target/daxtier-*.jar (./mvnw package), a JDK 25 in JAVA_HOME or on the path, and 2.5 times
# that many GiB of free memory in /dev/shm. HTTP_PORT and RESP_PORT choose other ports.
set -euo pipefail
cd "$(dirname "$0")/../.."

gib=${1:-4}
rounds=${2:-5}
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
jar=$(ls target/daxtier-*.jar | grep -v -e sources -e javadoc -e plain | head -n 1)
objects=$((gib * 1024))
device_mib=$((objects + objects / 8))
folder=$(mktemp -d /dev/shm/daxtier-migrate.XXXXXX)
service=

finish() {
  if [[ -n $service ]]; then
    kill "$service" 2>/dev/null || true
    wait "$service" 2>/dev/null || true
  fi
  rm -rf "$folder"
}
trap finish EXIT

fallocate -l "${device_mib}MiB" "$folder/dax0"
fallocate -l "${device_mib}MiB" "$folder/dax1"
http_port=${HTTP_PORT:-19000}
resp_port=${RESP_PORT:-16380}
"$java" -jar "$jar" \
  --server.port="$http_port" --dax.resp.port="$resp_port" \
  --dax.device-path="$folder/dax0" --dax.slot-bytes=1048576 \
  --dax.max-dax-size-gb="$(awk "BEGIN {print $device_mib / 1024}")" \
  --dax.hotplug-enabled=true --dax.allowed-device-paths="$folder/dax*" \
  >"$folder/log" 2>&1 &
service=$!
for _ in $(seq 600); do
  if curl -fs -o /dev/null "http://127.0.0.1:$http_port/reconfigure/dax/status"; then
    break
  fi
  if ! kill -0 "$service" 2>/dev/null; then
    cat "$folder/log" >&2
    exit 1
  fi
  sleep 0.1
done

echo "| $gib GiB of 1 MiB objects, $rounds rounds, $(nproc) cores | |"
echo "|---|---|"
"$java" src/bench/MigrateBench.java "$http_port" "$resp_port" "$folder" "$objects" "$rounds"
