#!/usr/bin/env bash
# Builds the programs of the node in a folder: Kubernetes, etcd and CoreDNS as one file with many
# names, helm 3 as helm3 and helm 4 as helm4. What is there and of these versions stays.
#
#   build.sh FOLDER
#
# The first time takes 7 to 11 minutes of two cores and 6 GB of Go's caches in FOLDER, which
# make the next version cheap.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)
helm3=v3.22.0 helm4=v4.3.1

export GOMODCACHE=$folder/gomod GOCACHE=$folder/gocache GOTOOLCHAIN=local GOWORK=off CGO_ENABLED=0
kubernetes=$(sed -n 's/^\tk8s.io\/kubernetes //p' "$here/go.mod")
minor=${kubernetes#v1.} minor=${minor%%.*}

fresh() { # PROGRAM VERSION
  [ -x "$folder/bin/$1" ] && [ "$(cat "$folder/bin/$1.version" 2>/dev/null)" = "$2" ]
}

# Without these the server would say v0.0.0-master, and charts that ask for a version refuse it.
node() {
  local flags="-s -w" package
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    flags+=" -X $package.gitVersion=$kubernetes -X $package.gitMajor=1 -X $package.gitMinor=$minor"
  done
  (cd "$here" && go build -trimpath -ldflags "$flags" -o "$folder/bin/node" .)
  for name in coredns etcd kube-apiserver kube-controller-manager kube-proxy kube-scheduler kubectl kubelet; do
    ln -sf node "$folder/bin/$name"
  done
}

# Without these helm would render for Kubernetes 1.20.
helm() { # NAME VERSION
  local module=helm.sh/helm/${2%%.*} package flags
  flags="-s -w -X $module/internal/version.version=$2"
  for package in pkg/chartutil pkg/chart/common pkg/lint/rules; do
    flags+=" -X $module/$package.k8sVersionMajor=1 -X $module/$package.k8sVersionMinor=$minor"
  done
  GOBIN=$folder/bin/$1.new go install -trimpath -ldflags "$flags" "$module/cmd/helm@$2"
  mv "$folder/bin/$1.new/helm" "$folder/bin/$1"
  rmdir "$folder/bin/$1.new"
}

build() { # PROGRAM VERSION COMMAND...
  ! fresh "$1" "$2" || return 0
  echo "building $1 ($2)"
  mkdir -p "$folder/bin"
  "${@:3}"
  echo "$2" >"$folder/bin/$1.version"
}
build node "$(cat "$here"/{go.mod,go.sum,main.go,build.sh} | sha256sum | cut -c1-16)" node
build helm3 "$helm3" helm helm3 "$helm3"
build helm4 "$helm4" helm helm4 "$helm4"
