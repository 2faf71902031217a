# What the scenarios share. Sourced by run.sh, which sets $root, $work, $node, $image_tar, and for each
# scenario $helm (a program) and $namespace.
checks=0
chart=$root/helm/daxtier
client_image=localhost/client:1

fail() { echo "FAILED: $*" >&2; exit 1; }
pass() { checks=$((checks + 1)); echo "ok: $*"; }

# check WORDS COMMAND...: the command succeeds.
check() {
  "${@:2}" >"$work/output" 2>&1 || { cat "$work/output" >&2; fail "$1"; }
  pass "$1"
}

# check_says WORDS TEXT COMMAND...: the command's output has the text; its status does not matter.
check_says() {
  "${@:3}" >"$work/output" 2>&1 || :
  grep -qF -- "$2" "$work/output" || { cat "$work/output" >&2; fail "$1: no \"$2\""; }
  pass "$1"
}

# eventually SECONDS WORDS COMMAND...: the command succeeds in that time.
eventually() {
  local end=$((SECONDS + $1))
  until "${@:3}" >"$work/output" 2>&1; do
    [ $SECONDS -lt $end ] || { cat "$work/output" >&2; fail "$2: not within $1 s"; }
    sleep 0.3
  done
  pass "$2"
}

on_node() { "$node" inside "$@"; }
k() { kubectl --namespace "$namespace" "$@"; }
h() { "$helm" --namespace "$namespace" "$@"; }

make_namespace() { # POD SECURITY LEVEL
  kubectl delete namespace "$namespace" --ignore-not-found >/dev/null # of an earlier run on a kept node
  kubectl create namespace "$namespace" >/dev/null
  kubectl label namespace "$namespace" "pod-security.kubernetes.io/enforce=$1" >/dev/null
}

# The tier's image, and one of redis-cli and busybox for pods that are its clients.
load_images() {
  image=$(tar -xOf "$image_tar" index.json | grep -o 'localhost/daxtier:[^"]*')
  "$node" load "$image_tar" 2>/dev/null
  local folder=$work/client file
  mkdir -p "$folder/root/bin"
  for file in redis-cli busybox; do
    cp "$(command -v $file)" "$folder/root/bin"
    for library in $(ldd "$(command -v $file)" | grep -o '/[^ ]*'); do
      install -D "$library" "$folder/root$library"
    done
  done
  tar -C "$folder/root" -cf "$folder/layer.tar" .
  echo "{\"architecture\": \"amd64\", \"os\": \"linux\", \"config\": {\"Env\": [\"PATH=/bin\"], \"User\": \"20002:20002\"},
    \"rootfs\": {\"type\": \"layers\", \"diff_ids\": [\"sha256:$(sha256sum <"$folder/layer.tar" | cut -d' ' -f1)\"]}}" >"$folder/config.json"
  echo "[{\"Config\": \"config.json\", \"RepoTags\": [\"$client_image\"], \"Layers\": [\"layer.tar\"]}]" >"$folder/manifest.json"
  tar -C "$folder" -cf "$folder/image.tar" manifest.json config.json layer.tar
  "$node" load "$folder/image.tar" 2>/dev/null
}

# release VALUES [OPTION...]: installs or upgrades the release "tier" and waits until it has rolled out.
release() {
  h upgrade --install tier "$chart" --values "$chart/ci/$1-values.yaml" \
    --set "image.tag=${image##*:}" "${@:2}" >"$work/notes" || fail "$helm upgrade --install"
}
workload() { k get daemonset,statefulset -o name; }
rolled_out() { check "the $1 is rolled out" k rollout status "$(workload)" --timeout=120s; }

pod() { k get pods -l app.kubernetes.io/name=daxtier,app.kubernetes.io/component!=smoke-check \
  --field-selector status.phase=Running -o jsonpath='{.items[0].metadata.name}'; }
secret() { k get secret tier-daxtier -o "jsonpath={.data.$1}" | base64 -d; }
service_ip() { k get service "${1:-tier-daxtier}" -o jsonpath='{.spec.clusterIP}'; }

# redis COMMAND...: from the machine, through the Service.
redis() { redis-cli -h "$(service_ip)" -p 6380 -a "$(secret password)" --no-auth-warning "$@"; }
# http PORT PATH [CURL OPTION...]
http() { curl -sS --fail-with-body --max-time 60 "http://$(service_ip):$1/$2" "${@:3}"; }
reconfigure() { # OPERATION BODY [CURL OPTION...]
  http 9000 "reconfigure/dax/$1" -H 'Content-Type: application/json' -d "$2" "${@:3}"
}

# The service's process, as the machine sees it.
java_pid() {
  local uid file pid
  uid=$(k get pod "$(pod)" -o jsonpath='{.metadata.uid}')
  for file in $(grep -l "pod$uid" /proc/[0-9]*/cgroup 2>/dev/null); do
    pid=${file#/proc/} pid=${pid%/cgroup}
    [ "$(cat "/proc/$pid/comm" 2>/dev/null)" != java ] || { echo "$pid"; return; }
  done
  return 1
}

# client_pod NAME [SPEC]: a pod of the client image that waits for commands; SPEC is more of its YAML.
client_pod() {
  k apply -f - >/dev/null <<YAML
apiVersion: v1
kind: Pod
metadata: {name: $1}
spec:
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: 0
  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}${3:-}}
  containers:
    - name: client
      image: $client_image
      command: [busybox, sleep, "3600"]
      securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
${2:-}
YAML
  k wait --for=condition=Ready "pod/$1" --timeout=60s >/dev/null
}
