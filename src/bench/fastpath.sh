#!/usr/bin/env bash
# The fast path from a Java and a Python client that map the device: store and load of 1 to 64 MiB, 64 MiB a batch, beside a plain memcpy of
# the same bytes and beside our own RESP over TCP, and the round trip of a batch of 16. Prints Markdown tables. The device
# is a file on tmpfs.
#
#   src/bench/fastpath.sh
#
# JAVA_HOME must be a JDK 25.
set -euo pipefail
source "$(dirname "$0")/server.sh"

fill "$shm/dax" 4G
start_server --dax.device-path="$shm/dax" --dax.max-dax-size-gb=4 --dax.slot-bytes=67108864

echo "## Java"; echo
"$java" -Xmx1g --enable-native-access=ALL-UNNAMED "$root/src/bench/FastPathBench.java" \
  "$socket" "$port" "$shm/dax"
echo; echo "## Python"; echo
python3 "$root/src/bench/fastpath_bench.py" "$socket" "$shm/dax"
