#!/usr/bin/env bash
# The image's file system on this processor and, in QEMU, on one that knows no more than x86-64. In a
# container engine it is tried by src/test/kubernetes. Some 3 minutes; status 77 says that it cannot be
# done on this machine.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../../.."

cannot() { echo "image tests skipped: $*"; exit 77; }
[ "$(id -u)" = 0 ] || cannot "only root can start it as another user"
[ "$(uname -m)" = x86_64 ] || cannot "the image is for x86-64"
unshare --mount --net true 2>/dev/null || cannot "no namespaces can be made here"
missing=()
for pair in qemu-system-x86_64:qemu-system-x86 curl:curl ip:iproute2; do
  PATH=$PATH:/usr/sbin:/sbin command -v "${pair%:*}" >/dev/null || missing+=("${pair#*:}")
done
if [ ${#missing[@]} -gt 0 ]; then
  { apt-get update -qq && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } \
    >/dev/null 2>&1 || cannot "apt-get cannot install ${missing[*]}"
fi

"$here/build.sh"
# With "on" the JVM ends if it may not use the cache.
once=("$here/once.sh" target/image/root -XX:AOTMode=on -XX:AOTCache=/app/daxtier.aot)
"${once[@]}"
echo "ok: the image's system starts with its cache, stores, loads and stops"
status=0
DEVDAX_CPU=qemu64 src/test/devdax/vm.sh "${once[@]}" || status=$?
[ $status != 125 ] || cannot "the guest could not be made"
[ $status = 0 ] || exit $status
echo "ok: and on QEMU's processor qemu64 too"
echo "2 passed, 0 failed"
