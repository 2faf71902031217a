#!/usr/bin/env bash
# Lays out the image's file system: Debian's C library, the Java runtime that jlink has put into
# FOLDER/opt/java, the application's jars, and an AOT cache that makes it start in half the time.
#
#   root.sh FOLDER JAR
#
# Needs apt-get and dpkg-deb, and unshare (user namespaces, or root) to run the new system once.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$1" && pwd)
jar=$(realpath "$2")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Packages are named in var/lib/dpkg/status.d, where vulnerability scanners look for them.
mkdir -p "$root"/{app,dev,etc,lib64,proc,tmp,usr/lib,usr/share/doc,var/lib/dpkg/status.d}
(cd "$scratch" && apt-get download -qq -o APT::Sandbox::User="$(id -un)" libc6 base-files)
for package in libc6 base-files; do
  deb=$(echo "$scratch/$package"_*.deb)
  dpkg-deb -x "$deb" "$scratch/$package"
  dpkg-deb -f "$deb" >"$root/var/lib/dpkg/status.d/$package"
  install -D -m 644 "$scratch/$package/usr/share/doc/$package/copyright" "$root/usr/share/doc/$package/copyright"
done
cp "$scratch/base-files/usr/lib/os-release" "$root/usr/lib"
cp "$scratch/base-files/usr/lib/os-release" "$root/etc"
library=$(dirname "$(find "$scratch/libc6" -name libc.so.6)")
install -D -t "$root/lib/${library##*/}" "$library"/*.so.*
cp "$library"/ld-linux-*.so.* "$root/lib64"

printf 'root:x:0:0:root:/:\ndaxtier:x:10001:10001:Daxtier:/:\n' >"$root/etc/passwd"
printf 'root:x:0:\ndaxtier:x:10001:\n' >"$root/etc/group"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
cp "$here/java.options" "$root/app"
java=$root/opt/java/bin/java
"$java" -Djarmode=tools -jar "$jar" extract --force --destination "$root/app"
mv "$root/app/${jar##*/}" "$root/app/daxtier.jar"

# The cache names every jar with its time, so they get the time that they will have in the image.
find "$root" -exec touch --no-dereference --date=@1 {} +
namespaces=(--mount --net)
[ "$(id -u)" = 0 ] || namespaces+=(--map-root-user)
unshare "${namespaces[@]}" "$here/train.sh" "$root" "$scratch/daxtier.aot"
install -m 644 "$scratch/daxtier.aot" "$root/app/daxtier.aot"
