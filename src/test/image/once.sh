#!/usr/bin/env bash
# Starts the service once in the file system of the image, as user 10001 in namespaces of its own,
# says after how many milliseconds it was ready, stores and loads an object, and ends it by SIGTERM.
#
#   once.sh ROOT [JVM FLAG...]     ROOT is target/image/root; -XX:AOTCache=/app/daxtier.aot if no flag is given
#
# On a processor of QEMU's (fails where the guest cannot be made, see vm.sh):
#
#   DEVDAX_CPU=qemu64 src/test/devdax/vm.sh src/test/image/once.sh target/image/root
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin
[ "${ENTERED:-}" = yes ] || ENTERED=yes exec unshare --mount --net "$0" "$@"
root=$(cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- -XX:AOTCache=/app/daxtier.aot
mount --rbind /dev "$root/dev"
mount --rbind /proc "$root/proc"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
ip link set lo up

began=$(date +%s%N)
chroot --userspec=10001:10001 "$root" /opt/java/bin/java @/app/java.options "$@" -jar /app/daxtier.jar \
  >"$root/tmp/log" 2>&1 &
service=$!
fail() { cat "$root/tmp/log"; echo "once.sh: $*"; exit 1; } >&2
ready() { curl -sf -o /dev/null http://127.0.0.1:9000/actuator/health/readiness; }
until ready; do
  kill -0 $service 2>/dev/null || fail "the service ended before it was ready"
  [ $SECONDS -lt 400 ] || fail "the service is not ready after $SECONDS s"
  sleep 0.02
done
echo "ready after $((($(date +%s%N) - began) / 1000000)) ms with $*"
exec 3<>/dev/tcp/127.0.0.1/6380 || fail "nobody listens on the RESP port"
printf 'SET key value\r\nGET key\r\nQUIT\r\n' >&3
[ "$(tr -d '\r' <&3 | tr '\n' ' ')" = '+OK $5 value +OK ' ] || fail "what was stored is not loaded"
kill -TERM $service
status=0
wait $service || status=$?
[ $status = 143 ] || fail "it ended with status $status and not by SIGTERM"
