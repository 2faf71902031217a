#!/usr/bin/env bash
# Runs a command under Debian's kernel with real Device-DAX nodes, in a QEMU guest:
#
#   vm.sh COMMAND [ARG...]
#
# The guest's file system is this machine's own, read-only, so that every program and path means
# the same inside; /tmp, but for the working folder, and /run are its own. It has /dev/dax0.0
# (aligned to 2 MiB) and /dev/dax1.0 (4 KiB), two emulated NVDIMMs of 256 MiB whose bytes are
# $DEVDAX_WORK/dax[01].img after the run. The processor is QEMU's model $DEVDAX_CPU (max). COMMAND
# runs as root; its output and its status are ours. 125 says that the guest did not come up, 124
# that it took longer than $DEVDAX_TIMEOUT seconds (600).
#
# Needs qemu-system-x86_64, apt-get and dpkg-deb; neither root nor KVM.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=${DEVDAX_WORK:-${DAXTIER_CACHE:-$HOME/.cache/daxtier}/devdax}
mkdir -p "$work"
exec 9>"$work/lock"
flock -n 9 || { echo "vm.sh: another guest uses $work" >&2; exit 125; }

version=$(cat "$here/image.sh" "$here/init" | sha256sum)
if [ "$(cat "$work/version" 2>/dev/null)" != "$version" ]; then
  "$here/image.sh" "$work" >&2 || { echo "vm.sh: cannot make the guest" >&2; exit 125; }
  echo "$version" >"$work/version"
fi

# The guest reads its command from the control folder and leaves its status there.
control=$work/control
rm -rf "$control" "$work"/dax?.img
mkdir "$control"
{ printf 'cd %q\n' "$PWD"; printf '%q ' "$@"; } >"$control/command"
[[ $PWD/ =~ ^/tmp/([^/]+)/ ]] && echo "${BASH_REMATCH[1]}" >"$control/checkout" || : >"$control/checkout"

# Both processors are emulated in one thread: a JVM that changes its own code was once seen to crash on two.
qemu=(qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot -smp 2
  -machine pc,nvdimm=on -accel tcg,thread=single -cpu "${DEVDAX_CPU:-max}" -m 2048M,slots=2,maxmem=4096M
  -kernel "$work/vmlinuz" -initrd "$work/initrd" -append "console=ttyS0 quiet panic=-1"
  -serial "file:$work/console.log" -serial stdio)
for n in 0 1; do
  truncate -s 256M "$work/dax$n.img"
  qemu+=(-object "memory-backend-file,id=dax$n,share=on,mem-path=$work/dax$n.img,size=256M,align=128M"
    -device "nvdimm,memdev=dax$n")
done
qemu+=(-fsdev local,id=machine,path=/,security_model=none,readonly=on,multidevs=remap
  -device virtio-9p-pci,fsdev=machine,mount_tag=machine
  -fsdev "local,id=control,path=$control,security_model=none"
  -device virtio-9p-pci,fsdev=control,mount_tag=control)
status=0
timeout -k 5 "${DEVDAX_TIMEOUT:-600}" "${qemu[@]}" </dev/null 9>&- || status=$?
[ $status != 124 ] || { echo "vm.sh: stopped after ${DEVDAX_TIMEOUT:-600} s" >&2; exit 124; }
[ -s "$control/status" ] || { echo "vm.sh: the guest died" >&2; tail -30 "$work/console.log" >&2; exit 125; }
exit "$(cat "$control/status")"
