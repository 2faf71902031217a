#!/usr/bin/env bash
# What run.sh runs in the guest: the mapping tests, then the service once on both devices. The size
# of /dev/dax0.0 is 265214230 bytes there, which is no multiple of its alignment.
#
#   guest.sh JAVA TEST_CLASS_PATH DAXTIER_JAR
set -euo pipefail
java=("$1" -XX:+UseSerialGC -XX:TieredStopAtLevel=1) classpath=$2 jar=$3
cd /tmp

mount -t tmpfs tmpfs /sys/fs/cgroup
mkdir /sys/fs/cgroup/devices
mount -t cgroup -o devices cgroup /sys/fs/cgroup/devices
mkdir /sys/fs/cgroup/devices/daxtier
DAXTIER_DEVDAX=1 setpriv --bounding-set=-dac_override --inh-caps=-dac_override \
  "${java[@]}" --enable-native-access=ALL-UNNAMED -cp "$classpath" \
  org.junit.platform.console.ConsoleLauncher execute --disable-banner --disable-ansi-colors --fail-if-no-tests \
  --include-engine junit-jupiter --select-class io.daxtier.memory.DeviceDaxIT \
  --select-class io.daxtier.slot.DeviceDaxSlotsIT

"${java[@]}" -jar "$jar" --dax.slot-bytes=16777216 --dax.hotplug-enabled=true \
  --dax.devices[0].device-path=/dev/dax0.0 --dax.devices[0].max-dax-size-gb=0.247 \
  --dax.devices[1].device-path=/dev/dax1.0 --dax.devices[1].max-dax-size-gb=0.248046875 >log 2>&1 &
service=$!
fail() { echo "FAILED: $*"; cat log; exit 1; }
check() { # WORDS COMMAND...
  "${@:2}" >output 2>&1 || { cat output; fail "$1"; }
  echo "ok: $1"
}
say() { curl -sS --fail-with-body "http://127.0.0.1:9000/$1"; }
until say actuator/health/readiness 2>/dev/null | grep -q '"UP"'; do
  kill -0 $service 2>/dev/null || fail "the service ended before it was ready"
  [ $SECONDS -lt 300 ] || fail "the service is not ready after $SECONDS s"
  sleep 1
done
echo "ok: ready"

# 15 slots of 16 MiB on each device; the second object goes to the emptier one.
for key in one two; do
  { echo "the first line of object $key"; head -c 16000000 /dev/urandom; } >$key
  check "SET $key" redis-cli -p 6380 -x SET $key <$key
  redis-cli -p 6380 GET $key | head -c -1 >loaded
  check "GET $key has the same bytes" cmp $key loaded
done
objects() { # PATH: how many objects the device has
  say reconfigure/dax/status | grep -o "\"device_path\":\"$1\"[^}]*" | grep -o '"live_slot_count":[0-9]*'
}
for path in /dev/dax0.0 /dev/dax1.0; do
  check "$path holds one object" test "$(objects $path)" = '"live_slot_count":1'
done
check "/actuator/slots counts 30 slots" grep -q '"slots":30\b' <(say actuator/slots)

change() { # OPERATION FIELDS
  curl -sS --fail-with-body -H "Content-Type: application/json" -d "{\"device_path\":\"/dev/dax0.0\",$2}" \
    "http://127.0.0.1:9000/reconfigure/dax/$1"
}
check "drain /dev/dax0.0" change remove '"mode":"drain"'
if change add '"size":262144000' >refusal; then fail "another size was taken"; fi
check "another size is refused" grep -q "different size" refusal
check "add it again with its configured size" change add '"size":265214230'
check "/dev/dax0.0 is active again" grep -q '"device_path":"/dev/dax0.0"[^}]*"state":"active"' <(say reconfigure/dax/status)

kill -TERM $service
status=0
wait $service || status=$?
check "SIGTERM ends it with 0 or 143 ($status)" test $status = 0 -o $status = 143
check "no error in the log" bash -c '! grep -E " ERROR |Exception" log'
