#!/usr/bin/env bash
# Makes target/daxtier-image.tar and target/image/root, if they are not of these sources.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
tar=target/daxtier-image.tar
[ -e $tar ] && [ -z "$(find pom.xml src/main -newer $tar -print -quit)" ] || ./mvnw -B -ntp -q -Pimage -DskipTests package
