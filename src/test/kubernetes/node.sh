#!/usr/bin/env bash
# A one-node Kubernetes for trying a chart, on one Debian machine, from Debian's packages and Go
# modules alone.
#
#   node.sh build            installs packages and builds programs, where they are missing
#   node.sh up               does that, starts the node, waits until it is ready
#   node.sh load IMAGE.tar   makes an image known to the node
#   node.sh inside COMMAND   runs it in the namespaces of the node, such as ctr
#   node.sh env              what a shell should eval: KUBECONFIG, PATH with kubectl, helm3, helm4
#   node.sh down             ends everything and forgets all state
#
# $NODE_HOME (default ${DAXTIER_CACHE:-~/.cache/daxtier}/kube) keeps the programs and the state.
#
# Everything runs in namespaces of its own below one init process. With that process the kernel ends
# all others, and with the namespaces go the mounts, the bridge and the rules of kube-proxy. Files,
# devices and cgroups are the machine's.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=${NODE_HOME:-${DAXTIER_CACHE:-$HOME/.cache/daxtier}/kube}
mkdir -p "$home"
home=$(cd "$home" && pwd)
bin=$home/bin state=$home/state
kubeconfig=$state/kubeconfig

# A pair of addresses from the range for benchmarks (RFC 2544) links the machine to the node.
link=daxtier-node machine_ip=198.18.77.1 node_ip=198.18.77.2
pods=10.77.0.0/24 services=10.78.0.0/24 kubernetes_ip=10.78.0.1 dns_ip=$node_ip
pause=localhost/pause:1

die() { echo "node.sh: $*" >&2; exit 1; }
await() { # SECONDS WHAT COMMAND...
  local end=$((SECONDS + $1))
  until "${@:3}" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || die "no $2 after $1 s; see $state/log"
    sleep 0.3
  done
}
kubectl() { "$bin/kubectl" --kubeconfig "$kubeconfig" --request-timeout=10s "$@"; }
inside() { nsenter --target "$(cat "$state/init.pid")" --mount --net --ipc --uts --pid -- "$@"; }
running() { [ -f "$state/init.pid" ] && kill -0 "$(cat "$state/init.pid")" 2>/dev/null; }

install_packages() {
  local missing=() pair
  for pair in containerd:containerd runc:runc conntrack:conntrack iptables:iptables ip:iproute2 \
    openssl:openssl nsenter:util-linux catatonit:catatonit; do
    PATH=$PATH:/usr/sbin:/sbin command -v "${pair%:*}" >/dev/null || missing+=("${pair#*:}")
  done
  [ -x /usr/lib/cni/bridge ] || missing+=(containernetworking-plugins)
  [ ${#missing[@]} -eq 0 ] || {
    apt-get update -qq
    RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
  } >&2
}

# One user, one token, one key: who may do what is not what is tried here.
credentials() {
  local token
  token=$(openssl rand -hex 16)
  (umask 077
    echo "$token,admin,admin,system:masters" >"$state/tokens"
    openssl genrsa -out "$state/service-accounts.key" 2048 2>/dev/null
    cat >"$kubeconfig" <<YAML
apiVersion: v1
kind: Config
current-context: node
contexts: [{name: node, context: {cluster: node, user: admin}}]
clusters: [{name: node, cluster: {server: "https://$node_ip:6443", certificate-authority: $state/pki/apiserver.crt}}]
users: [{name: admin, user: {token: $token}}]
YAML
  )
}

configuration() {
  mkdir -p "$state/cni"
  cat >"$state/cni/bridge.conflist" <<JSON
{"cniVersion": "1.0.0", "name": "node", "plugins": [
  {"type": "bridge", "bridge": "cni0", "isDefaultGateway": true, "hairpinMode": true,
   "ipam": {"type": "host-local", "ranges": [[{"subnet": "$pods"}]]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
JSON
  # A root user without CAP_SYS_RESOURCE may not lower an OOM score.
  cat >"$state/containerd.toml" <<TOML
version = 2
root = "$state/containerd"
state = "/run/containerd"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$pause"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$state/cni"
TOML
  # Images come by hand and a full disk is someone else's: nothing is collected or evicted.
  cat >"$state/kubelet.yaml" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
cgroupDriver: cgroupfs
failCgroupV1: false
failSwapOn: false
authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
authorization: {mode: AlwaysAllow}
clusterDomain: cluster.local
clusterDNS: [$dns_ip]
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: 100Mi, nodefs.available: 1%, imagefs.available: 1%}
YAML
  cat >"$state/proxy.yaml" <<YAML
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: iptables
clusterCIDR: $pods
hostnameOverride: node
clientConnection: {kubeconfig: $kubeconfig}
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
YAML
  cat >"$state/Corefile" <<COREFILE
.:53 {
  errors
  kubernetes cluster.local {
    kubeconfig $kubeconfig node
  }
}
COREFILE
}

# In the new namespaces, before the init process takes over.
enter() {
  mount --make-rprivate /
  mount -t proc proc /proc
  mount --make-rshared / # volumes and containers pass mounts on
  local folder
  for folder in /var/lib/kubelet /var/lib/cni /var/log/pods /var/log/containers; do
    mkdir -p "$folder" "$state/root$folder"
    mount --bind "$state/root$folder" "$folder"
  done
  for folder in /run/containerd /run/netns; do
    mkdir -p "$folder"
    mount -t tmpfs tmpfs "$folder"
  done
  # The kubelet wants these kernel settings, which are the machine's: it sees them as they should be.
  local setting
  for setting in vm/overcommit_memory=1 kernel/panic=10 kernel/panic_on_oops=1; do
    echo "${setting#*=}" >"$state/${setting##*/}"
    mount --bind "$state/${setting##*/}" "/proc/sys/${setting%=*}"
  done
  hostname node
  exec catatonit -P
}

network() {
  ip link add "$link" type veth peer name eth0 netns "$(cat "$state/init.pid")"
  ip addr add "$machine_ip/30" dev "$link"
  ip link set "$link" up
  inside ip link set lo up
  inside ip addr add "$node_ip/30" dev eth0
  inside ip link set eth0 up
  inside ip route add default via "$machine_ip"
  inside sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
  # A service that kube-proxy does not know yet is refused and does not leave by the default route.
  inside ip route add unreachable "$services"
  ip route replace "$pods" via "$node_ip"
  ip route replace "$services" via "$node_ip"
}

start() { # NAME COMMAND...
  setsid nsenter --target "$(cat "$state/init.pid")" --mount --net --ipc --uts --pid -- "${@:2}" \
    >"$state/log/$1" 2>&1 </dev/null &
}

# The image of the containers that hold a pod's namespaces: catatonit, which just waits.
pause_image() {
  local folder=$state/pause
  mkdir -p "$folder/root"
  cp "$(command -v catatonit)" "$folder/root"
  tar -C "$folder/root" -cf "$folder/layer.tar" catatonit
  echo "{\"architecture\": \"amd64\", \"os\": \"linux\", \"config\": {\"User\": \"65535\", \"Entrypoint\": [\"/catatonit\", \"-P\"]},
    \"rootfs\": {\"type\": \"layers\", \"diff_ids\": [\"sha256:$(sha256sum <"$folder/layer.tar" | cut -d' ' -f1)\"]}}" >"$folder/config.json"
  echo "[{\"Config\": \"config.json\", \"RepoTags\": [\"$pause\"], \"Layers\": [\"layer.tar\"]}]" >"$folder/manifest.json"
  tar -C "$folder" -cf "$folder/image.tar" manifest.json config.json layer.tar
  load "$folder/image.tar"
}

load() { inside ctr --namespace k8s.io images import "$1" >&2; }

build() {
  [ "$(id -u)" = 0 ] || die "only root can make a node"
  install_packages
  "$here/programs/build.sh" "$home" >&2
}

up() {
  build
  ! running || return 0
  down
  mkdir -p "$state/log"
  credentials
  configuration
  setsid unshare --mount --net --ipc --uts --pid --fork bash "$here/node.sh" enter \
    >"$state/log/init" 2>&1 </dev/null &
  await 10 "init process" init_started $!
  network

  start etcd "$bin/etcd" --data-dir "$state/etcd" --unsafe-no-fsync --log-level warn
  start containerd containerd --config "$state/containerd.toml"
  start apiserver "$bin/kube-apiserver" --etcd-servers http://127.0.0.1:2379 \
    --advertise-address "$node_ip" --cert-dir "$state/pki" --token-auth-file "$state/tokens" \
    --service-cluster-ip-range "$services" --authorization-mode RBAC --allow-privileged \
    --service-account-issuer https://kubernetes.default.svc \
    --service-account-key-file "$state/service-accounts.key" \
    --service-account-signing-key-file "$state/service-accounts.key" \
    --kubelet-preferred-address-types InternalIP
  await 30 "containerd" inside ctr version
  pause_image
  await 120 "API server" kubectl get --raw /readyz
  start controller-manager "$bin/kube-controller-manager" --kubeconfig "$kubeconfig" --leader-elect=false \
    --service-account-private-key-file "$state/service-accounts.key" --root-ca-file "$state/pki/apiserver.crt"
  start scheduler "$bin/kube-scheduler" --kubeconfig "$kubeconfig" --leader-elect=false
  start kubelet "$bin/kubelet" --config "$state/kubelet.yaml" --kubeconfig "$kubeconfig" \
    --hostname-override node --node-ip "$node_ip"
  start proxy "$bin/kube-proxy" --config "$state/proxy.yaml"
  start dns "$bin/coredns" -conf "$state/Corefile"
  await 120 "ready node" kubectl wait --for=condition=Ready node/node --timeout=5s
  await 60 "default service account" kubectl get serviceaccount default
  await 60 "root certificate" kubectl get configmap kube-root-ca.crt
}

# The init process is the only child of unshare.
init_started() { # PID OF UNSHARE
  local pid
  pid=$(cat "/proc/$1/task/$1/children" 2>/dev/null) && [ "$(readlink "/proc/${pid% }/exe")" = "$(command -v catatonit)" ] &&
    echo "${pid% }" >"$state/init.pid"
}

down() {
  local pid group try
  if running; then
    pid=$(cat "$state/init.pid")
    kill -KILL "$pid"
    await 20 "end of the init process" eval "! kill -0 $pid"
  fi
  ip link delete "$link" 2>/dev/null || :
  for group in /sys/fs/cgroup/kubepods /sys/fs/cgroup/*/kubepods; do
    for try in 1 2 3 4 5; do
      [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || sleep 0.5
    done
  done
  rm -rf --one-file-system "$state"
}

case ${1:-} in
  build | up | down | enter) "$1" ;;
  load) load "$(realpath "$2")" ;;
  inside) inside "${@:2}" ;;
  env) echo "export KUBECONFIG='$kubeconfig' PATH='$bin':\"\$PATH\" NO_PROXY='$node_ip,$pods,$services,127.0.0.1' no_proxy='$node_ip,$pods,$services,127.0.0.1'" ;;
  *) sed -n '2,/^set /p' "$0" | sed '$d; s/^# \{0,1\}//' >&2; exit 2 ;;
esac
