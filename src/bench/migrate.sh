#!/usr/bin/env bash
# Measures what clients notice of a migration, and how fast it is; prints a Markdown table.
#
#   src/bench/migrate.sh [GiB] [rounds]
#
# Needs target/daxtier-*.jar (./mvnw package), a JDK 25 in JAVA_HOME or on the path, and 2.5 times
# that many GiB of free memory in /dev/shm.
set -euo pipefail
source "$(dirname "$0")/server.sh"

gib=${1:-4}
rounds=${2:-5}
objects=$((gib * 1024))
device_mib=$((objects + objects / 8))

fallocate -l "${device_mib}MiB" "$shm/dax0"
fallocate -l "${device_mib}MiB" "$shm/dax1"
start_server --dax.device-path="$shm/dax0" --dax.slot-bytes=1048576 \
  --dax.max-dax-size-gb="$(awk "BEGIN {print $device_mib / 1024}")" \
  --dax.hotplug-enabled=true --dax.allowed-device-paths="$shm/dax*"

echo "| $gib GiB of 1 MiB objects, $rounds rounds, $(nproc) cores | |"
echo "|---|---|"
"$java" "$root/src/bench/MigrateBench.java" "$http_port" "$port" "$shm" "$objects" "$rounds"
