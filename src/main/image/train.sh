#!/usr/bin/env bash
# Runs the image's system once, in namespaces of its own: starts the service, uses it, stops it.
# The JVM writes what it has learned to CACHE as it ends.
#
#   train.sh ROOT CACHE
set -euo pipefail
root=$1 cache=$2
mount --rbind /dev "$root/dev"
mount --rbind /proc "$root/proc"
mount -t tmpfs tmpfs "$root/tmp"
ip link set lo up

chroot "$root" /opt/java/bin/java @/app/java.options -Xlog:aot=error \
  -XX:AOTCacheOutput=/tmp/daxtier.aot -jar /app/daxtier.jar >"$root/tmp/log" 2>&1 &
service=$!
trap 'kill $service 2>/dev/null || :' EXIT
fail() { cat "$root/tmp/log"; echo "train.sh: $*"; exit 1; } >&2
ready() { curl -sf -o /dev/null http://127.0.0.1:9000/actuator/health/readiness; }
until ready; do
  kill -0 $service 2>/dev/null || fail "the service ended before it was ready"
  [ $SECONDS -lt 180 ] || fail "the service is not ready after $SECONDS s"
  sleep 0.2
done
exec 3<>/dev/tcp/127.0.0.1/6380 || fail "nobody listens on the RESP port"
for n in {1..200}; do printf 'SET k%d v%d\r\nEXISTS k%d\r\nGET k%d\r\n' $n $n $n $n; done >&3
printf 'QUIT\r\n' >&3
[ "$(grep -c '^+OK' <&3)" = 201 ] || fail "the service did not store what it was given"
for path in actuator/prometheus actuator/slots reconfigure/dax/status; do
  curl -sf -o /dev/null "http://127.0.0.1:9000/$path" || fail "no answer from /$path"
done

kill -TERM $service
wait $service || [ $? = 143 ] || fail "the service did not stop as it should"
[ -s "$root/tmp/daxtier.aot" ] || fail "no cache was made"
cp "$root/tmp/daxtier.aot" "$cache"
