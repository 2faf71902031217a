#!/usr/bin/env bash
# Daxtier on real Device-DAX: boots Debian's kernel in QEMU with two emulated NVDIMMs in devdax mode
# and runs guest.sh there. About a minute; status 77 says that it cannot be done on this machine.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../../.."
target=$PWD/target

cannot() { echo "devdax tests skipped: $*"; exit 77; }
[ "$(uname -m)" = x86_64 ] || cannot "the guest is for x86-64"
missing=()
command -v qemu-system-x86_64 >/dev/null || missing+=(qemu-system-x86)
command -v redis-cli >/dev/null || missing+=(redis-tools)
command -v curl >/dev/null || missing+=(curl)
if [ ${#missing[@]} -gt 0 ]; then
  [ "$(id -u)" = 0 ] || cannot "${missing[*]} missing, and only root can install"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } \
    >"$target/devdax-apt.log" 2>&1 || cannot "apt-get cannot install ${missing[*]}"
fi

./mvnw -B -q -DskipTests package dependency:build-classpath -Dmdep.outputFile=target/devdax/classpath
jar=$(ls "$target"/daxtier-*.jar)
for home in "${JAVA_HOME:-}" /usr/lib/jvm/*; do
  ! grep -qs '^JAVA_VERSION="25' "$home/release" || break
done
java=$home/bin/java
rm -rf "$target/devdax/app"
"$java" -Djarmode=tools -jar "$jar" extract --destination "$target/devdax/app"

"$here/vm.sh" "$here/guest.sh" "$java" \
  "$target/test-classes:$target/classes:$(cat "$target/devdax/classpath")" \
  "$target/devdax/app/${jar##*/}"

# Both objects are in the devices' memory, as only the host can see.
for n in 0 1; do
  grep -qa "the first line of object" "${DEVDAX_WORK:-${DAXTIER_CACHE:-$HOME/.cache/daxtier}/devdax}/dax$n.img"
  echo "ok: dax$n.0 has an object's bytes"
done
