#!/usr/bin/env bash
# The chart and the image on a real one-node Kubernetes, with helm 3 and helm 4. Status 77 says that
# the node cannot be built on this machine. Some 4 minutes, and up to 11 more where its programs are missing.
#
#   run.sh [SCENARIO...]     all of scenarios.sh if none is named; KEEP_NODE=1 leaves the node up
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
work=$(mktemp -d)
node=$here/node.sh

cannot() { echo "kubernetes tests skipped: $*"; exit 77; }
[ "$(id -u)" = 0 ] || cannot "only root can make a node"
[ "$(uname -m)" = x86_64 ] || cannot "the image is for x86-64"
command -v go >/dev/null || cannot "no go to build Kubernetes with"
go=$(sed -n 's/^go //p' "$here/programs/go.mod")
printf '%s\n' "$go" "$(go env GOVERSION | tr -d go)" | sort -CV || cannot "Kubernetes needs Go $go, this is $(go env GOVERSION)"
command -v apt-get >/dev/null || cannot "no apt-get to install containerd with"
unshare --mount --net --pid --ipc --uts --fork true 2>/dev/null || cannot "no namespaces can be made here"
missing=()
for pair in redis-cli:redis-tools curl:curl prometheus:prometheus busybox:busybox python3:python3; do
  command -v "${pair%:*}" >/dev/null || missing+=("${pair#*:}")
done
if [ ${#missing[@]} -gt 0 ]; then
  { apt-get update -qq && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } \
    >"$work/apt.log" 2>&1 || cannot "apt-get cannot install ${missing[*]}"
fi

"$root/src/test/image/build.sh"
image_tar=$root/target/daxtier-image.tar

end() {
  local status=$?
  [ $status = 0 ] || [ -z "${KUBECONFIG:-}" ] || {
    echo "--- what the cluster says"
    kubectl get pods --all-namespaces -o wide
    kubectl get events --all-namespaces --field-selector type=Warning | tail -15
    for pod in $(kubectl get pods --all-namespaces -l app.kubernetes.io/name=daxtier -o jsonpath='{range .items[*]}{.metadata.namespace}/{.metadata.name} {end}'); do
      echo "--- log of $pod"
      kubectl -n "${pod%/*}" logs "${pod#*/}" --all-containers --tail=40 || :
    done
  } || :
  [ -n "${KEEP_NODE:-}" ] || "$node" down
  rm -rf "$work"
  exit $status
}
trap end EXIT
began=$SECONDS
"$node" build 2>&1 | { grep -v '^go: downloading' || :; } || cannot "the programs of a node cannot be had (see above)"
"$node" up || cannot "the node does not come up (see above)"
eval "$("$node" env)"
echo "ok: the node is ready after $((SECONDS - began)) s"

. "$here/lib.sh"
. "$here/scenarios.sh"
load_images
[ $# -gt 0 ] || set -- "${SCENARIOS[@]}"
for scenario; do
  for helm in $([[ $scenario = with_each_helm_* ]] && echo helm3 helm4 || echo helm3); do
    echo "== $scenario ($helm)"
    namespace=$(echo "$scenario-$helm" | tr _ - | cut -c1-60 | sed 's/^with-each-helm-//')
    began=$SECONDS
    "$scenario"
    echo "== took $((SECONDS - began)) s"
  done
done
echo "$checks passed, 0 failed"
