# What is tried on the node, one function a scenario. Those that begin with with_each_helm run with
# helm 3 and with helm 4. Sourced by run.sh.
SCENARIOS=(
  with_each_helm_api_server_takes_every_object
  with_each_helm_life_of_a_release
  character_devices
  unix_socket
  statefulset
  prometheus
  container_engine
)

# Objects of custom resources are left out: the node does not know them. They are decoded strictly in
# the unit tests. A pod is taken only where its service account is there already.
with_each_helm_api_server_takes_every_object() {
  make_namespace privileged
  k create serviceaccount tier-daxtier >/dev/null
  k create serviceaccount kv-tier >/dev/null
  local values
  for values in "$chart"/ci/*-values.yaml; do
    h template tier "$chart" --values "$values" --kube-version 1.34 |
      awk 'BEGIN { RS = "\n---\n"; ORS = RS } !/\napiVersion: (monitoring.coreos.com|cert-manager.io)/' >"$work/objects.yaml"
    check "the API server takes the objects of $(basename "$values")" \
      k apply --dry-run=server --validate=strict -f "$work/objects.yaml"
  done
}

with_each_helm_life_of_a_release() {
  make_namespace restricted
  release file
  rolled_out "first revision, in a namespace with PodSecurity restricted,"

  local pid status
  pid=$(java_pid)
  status=$(cat "/proc/$pid/status")
  check "the process is user and group 10001" grep -Pq '^Uid:\t10001\t10001\t10001\t10001$' <<<"$status"
  check "it has no capability, now or later" test "$(grep -cP '^Cap(Inh|Prm|Eff|Bnd|Amb):\t0+$' <<<"$status")" = 5
  check "it is under seccomp and gains no privileges" test "$(grep -cP '^(Seccomp:\t2|NoNewPrivs:\t1)$' <<<"$status")" = 2
  check "its root file system is read-only" grep -q '^[^ ]* / [^ ]* ro' "/proc/$pid/mounts"

  eventually 20 "the Service answers the machine" redis PING
  head -c 3000000 /dev/urandom >"$work/value"
  loads() { redis -D "" GET "$1" | cmp - "$work/value"; }
  check_says "the machine stores through the Service" OK redis -x SET from-machine <"$work/value"
  check "and loads the same bytes" loads from-machine
  client_pod client
  local host=tier-daxtier.$namespace.svc.cluster.local password
  password=$(secret password)
  check_says "another pod stores by the Service's name" OK \
    k exec client -- redis-cli -h "$host" -p 6380 -a "$password" --no-auth-warning SET from-pod hello
  check_says "and the machine loads it" hello redis GET from-pod
  check_says "without the password nothing is served" NOAUTH k exec client -- redis-cli -h "$host" -p 6380 GET from-pod

  local token
  token=$(secret admin-token)
  local drain='{"device_path": "/devices/dax0", "mode": "drain"}'
  check_says "a change without the token is refused with 401" 401 \
    reconfigure remove "$drain" -o /dev/null -w '%{http_code}'
  check "helm test succeeds" h test tier --timeout 120s

  check "a third device file is made in the pod" \
    k exec "$(pod)" -- java -jar /app/daxtier.jar create-device-file /devices/dax2=0.0625GiB
  check_says "it is added" '"status":"ok"' \
    reconfigure add '{"device_path": "/devices/dax2", "size": "64MiB"}' -H "Authorization: Bearer $token"
  check_says "the first device is drained" '"state":"draining"' \
    reconfigure remove "$drain" -H "Authorization: Bearer $token"
  check_says "and its objects move away" '"state":"removed"' \
    reconfigure remove '{"device_path": "/devices/dax0"}' -H "Authorization: Bearer $token"
  check "nothing is lost by that" loads from-machine

  local before
  before=$(pod)
  release file --set dax.exists-grace=11s
  rolled_out "second revision"
  check "a changed value replaces the pod" test "$(pod)" != "$before"
  check "the password stays" test "$(secret password)" = "$password"
  before=$(pod)
  check "rollback" h rollback tier 1
  rolled_out "first revision again"
  check "the rollback replaces the pod" test "$(pod)" != "$before"
  check "the password stays" test "$(secret password)" = "$password"

  pid=$(java_pid)
  k wait --for=condition=Ready=false "pod/$(pod)" --timeout=30s >"$work/unready" 2>&1 &
  local waiting=$!
  kill -KILL "$pid"
  check "readiness goes down when the process is killed" wait $waiting
  check "and comes back with a new process" k wait --for=condition=Ready "pod/$(pod)" --timeout=60s
  check "in the same pod" test "$(k get pod "$(pod)" -o jsonpath='{.status.containerStatuses[0].restartCount}')" = 1
  eventually 20 "which serves again" redis PING

  before=$SECONDS
  k delete pod client --wait >/dev/null
  check "uninstall" h uninstall tier --wait --cascade foreground --timeout 120s
  k delete pod -l app.kubernetes.io/component=smoke-check >/dev/null
  check "the pod ends within its grace period" test $((SECONDS - before)) -lt 60
  local left
  left=$(k get pods,services,daemonsets,statefulsets,configmaps,secrets,serviceaccounts,networkpolicies,poddisruptionbudgets -o name |
    grep -vx -e configmap/kube-root-ca.crt -e serviceaccount/default || :)
  check "nothing is left of the release (${left:-none})" test -z "$left"
}

# /dev/kmsg stands in for a device: containers may not open it unless they are privileged. It is no
# Device-DAX, which only someone who has opened it can say.
character_devices() {
  make_namespace privileged
  mknod -m 666 "$work/dax" c 1 11
  local mount=(--set-json "extraVolumes=[{\"name\": \"dax\", \"hostPath\": {\"path\": \"$work/dax\", \"type\": \"CharDevice\"}}]"
    --set-json 'extraVolumeMounts=[{"name": "dax", "mountPath": "/dev/dax9.0"}]')
  local words="/dev/dax9.0 cannot be opened: the container's device cgroup forbids it"
  local add='{"device_path": "/dev/dax9.0", "size": "64MiB"}'

  # No device plugin runs here: the node is told that it has the resource, and hands out nothing for it.
  local resource=(--set image.repository=localhost/daxtier --set nodeSelector=null --set dax.slot-bytes=4194304)
  offer_resource null
  release resource "${resource[@]}" "${mount[@]}" \
    --set-json 'dax.devices=[{"device-path": "/dev/dax9.0", "max-dax-size-gb": 0.0625}]'
  eventually 30 "where nobody offers the resource the pod is not scheduled" \
    says "Insufficient squat.ai/dax" k get events
  offer_resource '"1"'
  eventually 90 "a device of the configuration that the container may not open is refused in our words" \
    says "$words" k logs -l app.kubernetes.io/name=daxtier --all-containers
  eventually 30 "which the pod's status shows too" says "$words" \
    k get pods -o 'jsonpath={.items[*].status.containerStatuses[*].lastState.terminated.message}'

  release resource "${resource[@]}" "${mount[@]}" --set-json 'dax.devices=[]' --set dax.hotplug-enabled=true
  rolled_out "release without any device"
  eventually 20 "the Service answers" redis PING
  local authorization
  authorization="Authorization: Bearer $(secret admin-token)"
  check_says "a device that is added is refused" '"error":"failed to map DAX device"' reconfigure add "$add" -H "$authorization"
  check_says "in our words in the log" "$words" k logs "$(pod)"
  check_says "and in health" "$words" http 9001 actuator/health
  check_says "which stays up" '"status":"UP"' http 9001 actuator/health/readiness

  release privileged --set-json 'dax.allowed-device-paths=["/dev/kmsg"]'
  rolled_out "privileged release"
  eventually 20 "the Service answers" redis PING
  check_says "with the privilege the node's device opens" '"error":"failed to map DAX device"' \
    reconfigure add '{"device_path": "/dev/kmsg", "size": "256MiB"}' -H "$authorization"
  check_says "and is seen to be no Device-DAX" "/dev/kmsg is not a Device-DAX device" http 9001 actuator/health
  check "uninstall" h uninstall tier --wait --cascade foreground
}
offer_resource() { # COUNT
  kubectl patch node node --subresource=status --type=merge --patch \
    "{\"status\": {\"capacity\": {\"squat.ai/dax\": $1}, \"allocatable\": {\"squat.ai/dax\": $1}}}" >/dev/null
}
says() { "${@:2}" | grep -F -- "$1"; } # TEXT COMMAND...

unix_socket() {
  make_namespace privileged
  release file-hostpath --set "unixSocket.hostPath=$work/socket" --set "device.file.hostPath=$work/devices"
  rolled_out "release with a Unix socket in a folder of the node"
  client_pod client "      volumeMounts: [{name: socket, mountPath: $work/socket}]
  volumes: [{name: socket, hostPath: {path: $work/socket, type: Directory}}]" ', supplementalGroups: [10001]'
  local over=(k exec client -- redis-cli -s "$work/socket/daxtier.sock" -a "$(secret password)" --no-auth-warning)
  check_says "a pod of the group stores through the socket" OK "${over[@]}" SET key value
  check_says "and another way loads it" value redis GET key
  k delete pod client --wait >/dev/null
  client_pod stranger "      volumeMounts: [{name: socket, mountPath: $work/socket}]
  volumes: [{name: socket, hostPath: {path: $work/socket, type: Directory}}]"
  check_says "a pod outside the group is not let in" "Permission denied" \
    k exec stranger -- redis-cli -s "$work/socket/daxtier.sock" PING
  k delete pod stranger --wait >/dev/null
  check "uninstall" h uninstall tier --wait --cascade foreground
  check "the device file stays in the folder of the node, as the docs say" test -s "$work/devices/dax0"
}

statefulset() {
  make_namespace restricted
  release statefulset
  rolled_out "StatefulSet of two tiers"
  client_pod client
  local json host ordinal password
  password=$(secret password)
  for ordinal in 0 1; do
    json=$(k get configmap tier-daxtier-connection -o "jsonpath={.data.l2-adapter-$ordinal\.json}")
    check "NOTES name what the ConfigMap has for tier $ordinal" grep -qF -- "--l2-adapter '$json'" "$work/notes"
    host=$(grep -o '"host":"[^"]*"' <<<"$json" | cut -d'"' -f4)
    eventually 30 "$host answers" k exec client -- redis-cli -h "$host" -p 6380 -a "$password" --no-auth-warning SET "key" "$ordinal"
  done
  for ordinal in 0 1; do
    host=$(k get configmap tier-daxtier-connection -o "jsonpath={.data.host-$ordinal}")
    check_says "tier $ordinal keeps its own objects" "$ordinal" \
      k exec client -- redis-cli -h "$host" -p 6380 -a "$password" --no-auth-warning GET key
  done
  check_says "a rerun of NOTES says the same" "$host" h get notes tier
  k delete pod client --wait >/dev/null
  check "uninstall" h uninstall tier --wait --cascade foreground
}

# Debian's Prometheus scrapes the pod; each query of the dashboard has an answer.
prometheus() {
  make_namespace restricted
  release file
  rolled_out "release to be scraped"
  cat >"$work/prometheus.yaml" <<YAML
global: {scrape_interval: 1s}
scrape_configs:
  - job_name: $namespace/tier-daxtier
    metrics_path: /actuator/prometheus
    static_configs:
      - targets: ["$(k get pod "$(pod)" -o jsonpath='{.status.podIP}'):9001"]
        labels: {namespace: "$namespace", pod: "$(pod)"}
YAML
  local url=http://127.0.0.1:19097
  command prometheus --config.file="$work/prometheus.yaml" --storage.tsdb.path="$work/tsdb" \
    --web.listen-address="${url#http://}" >"$work/prometheus.log" 2>&1 &
  local server=$!
  scraped() { curl -sSG --data-urlencode "query=$1" "$url/api/v1/query" | grep -q '"value"'; }
  eventually 30 "Prometheus scrapes the pod" scraped daxtier_objects
  # Rates need something that happens between two scrapes.
  for key in one two; do
    check_says "$key is stored" OK redis SET "model@1@0@$key@salt" value
    check_says "$key is found" 1 redis EXISTS "model@1@0@$key@salt"
    check_says "$key is loaded" value redis GET "model@1@0@$key@salt"
  done
  eventually 30 "the objects are scraped" scraped 'daxtier_objects == 2'
  eventually 10 "every query of the dashboard has a series" python3 "$root/src/test/kubernetes/dashboard.py" "$url" \
    "$chart/files/dashboard.json" "namespace=$namespace" "job=$namespace/tier-daxtier" "pod=$(pod)"
  kill $server
  http 9001 actuator/prometheus | grep -E '^(# (HELP|TYPE) )?daxtier_' >"$work/scrape"
  check "promtool finds nothing wrong with the service's own metrics" promtool check metrics <"$work/scrape"
  check "uninstall" h uninstall tier --wait --cascade foreground
}

# The image without Kubernetes, by containerd's own client. The group is one that goes with the node. With
# AOTMode=on the JVM ends if it may not use the image's cache.
container_engine() {
  local folder=$work/volume began
  mkdir "$folder"
  truncate --size 64M "$folder/dax0"
  chown -R 10001:10001 "$folder"
  on_node ctr --namespace k8s.io run --rm --net-host --cgroup /kubepods/image --read-only \
    $(printf -- '--cap-drop CAP_%s ' CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP \
      NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE) \
    --mount type=tmpfs,src=tmpfs,dst=/tmp,options=mode=1777 \
    --mount "type=bind,src=$folder,dst=/devices,options=rbind:rw" \
    --env DAX_DEVICEPATH=/devices/dax0 --env DAX_MAXDAXSIZEGB=0.0625 --env DAX_SLOTBYTES=4194304 \
    --env JDK_JAVA_OPTIONS=-XX:AOTMode=on "$image" tier >"$work/service.log" 2>&1 &
  local service=$!
  answers() { on_node curl -sS --fail-with-body "http://127.0.0.1:9000/actuator/$1" || { tail -5 "$work/service.log"; false; }; }
  eventually 60 "containerd's client starts the image and it is ready" answers health/readiness
  local status
  status=$(on_node sh -c 'cat /proc/$(ctr -n k8s.io task ls | awk "\$1 == \"tier\" { print \$2 }")/status')
  check "as user and group 10001" grep -Pq '^Uid:\t10001\t10001\t10001\t10001$' <<<"$status"
  check "without any capability" test "$(grep -cP '^Cap(Inh|Prm|Eff|Bnd|Amb):\t0+$' <<<"$status")" = 5
  head -c 3000000 /dev/urandom >"$work/value"
  cli() { on_node redis-cli -p 6380 "$@"; }
  check_says "it stores" OK cli -x SET key <"$work/value"
  same() { cli -D "" GET key | cmp - "$work/value"; }
  check "and loads the same bytes" same
  check_says "its bill of materials is served" '"bomFormat" : "CycloneDX"' answers sbom/application
  began=$SECONDS
  on_node ctr --namespace k8s.io task kill --signal SIGTERM tier
  wait $service && status=0 || status=$?
  check "it ends by SIGTERM" test "$status" = 143
  check "within its grace period of 20 s ($((SECONDS - began)) s)" test $((SECONDS - began)) -lt 20
}
