#!/usr/bin/env bash
# Makes the guest's boot files in a folder: vmlinuz and initrd, from Debian's kernel package and a
# static busybox.
#
#   image.sh FOLDER
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$(cd "$1" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch"/{debs,x,root} "$scratch"/root/{bin,dev,machine,proc,sys}

cd "$scratch/debs"
kernel=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-.*\)/\1/p' | head -1)
apt-get download -qq -o APT::Sandbox::User="$(id -un)" "${kernel:?apt-get knows no linux-image-amd64: apt-get update?}" busybox-static
for deb in *.deb; do dpkg-deb -x "$deb" "$scratch/x"; done

cd "$scratch/x"
busybox=$PWD/bin/busybox root=$scratch/root modules=$(echo lib/modules/*)
for part in drivers/{acpi,dax,nvdimm,virtio} fs/{9p,fscache,netfs} net/9p; do
  [ -d "$modules/kernel/$part" ] || continue
  mkdir -p "$root/$modules/kernel/${part%/*}"
  cp -r "$modules/kernel/$part" "$root/$modules/kernel/${part%/*}"
done
cp "$modules"/modules.{builtin,order} "$root/$modules"
"$busybox" depmod -b "$root" "${modules##*/}"
cp "$busybox" "$root/bin"
for name in $("$busybox" --list); do [ "$name" = busybox ] || ln -s busybox "$root/bin/$name"; done
install "$here/init" "$root/init"
(cd "$root" && find . | "$busybox" cpio -o -H newc) | gzip -1 >"$folder/initrd"
cp boot/vmlinuz-* "$folder/vmlinuz"
