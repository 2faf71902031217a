{{- /* What a schema cannot say. Each refusal is one sentence that names the value. */ -}}
{{- define "daxtier.check" -}}
{{- $mode := .Values.device.mode -}}
{{- $dax := .Values.dax -}}
{{- if and (eq $mode "resource") (not .Values.device.resources) -}}
{{- fail "device.resources must name an extended resource in device.mode resource, such as {\"squat.ai/dax\": 1}" -}}
{{- end -}}
{{- if and .Values.device.resources (ne $mode "resource") -}}
{{- fail (printf "device.resources is only used in device.mode resource, not in %s" $mode) -}}
{{- end -}}
{{- if and (eq $mode "claim") (not .Values.device.claims) -}}
{{- fail "device.claims must name a ResourceClaim or a ResourceClaimTemplate in device.mode claim" -}}
{{- end -}}
{{- if and .Values.device.claims (ne $mode "claim") -}}
{{- fail (printf "device.claims is only used in device.mode claim, not in %s" $mode) -}}
{{- end -}}
{{- if and (eq $mode "claim") (semverCompare "<1.32.0-0" .Capabilities.KubeVersion.Version) -}}
{{- fail (printf "device.mode claim needs Kubernetes 1.32 or later, this is %s" .Capabilities.KubeVersion.Version) -}}
{{- end -}}
{{- $name := include "daxtier.fullname" . -}}
{{- if not (regexMatch "^[a-z]([a-z0-9-]*[a-z0-9])?$" $name) -}}
{{- fail (printf "a Service cannot be called %s: fullnameOverride must be a name of a-z, 0-9 and -, with a letter first" $name) -}}
{{- end -}}
{{- $none := and (not (hasKey $dax "devices")) (not (hasKey $dax "device-path")) -}}
{{- if and $none (ne $mode "file") -}}
{{- fail (printf "dax.device-path or dax.devices must say which devices to use in device.mode %s" $mode) -}}
{{- end -}}
{{- if and (hasKey $dax "devices") (hasKey $dax "device-path") -}}
{{- fail "dax.device-path and dax.devices are two forms of the same thing: give one" -}}
{{- end -}}
{{- if and (hasKey $dax "device-path") (not (hasKey $dax "max-dax-size-gb")) -}}
{{- fail "dax.max-dax-size-gb must say how much of dax.device-path to use" -}}
{{- end -}}
{{- if and (hasKey $dax "devices") (not $dax.devices) (not (index $dax "hotplug-enabled")) -}}
{{- fail "dax.devices may be empty only when dax.hotplug-enabled is true" -}}
{{- end -}}
{{- if eq $mode "file" -}}
{{- range include "daxtier.devices" . | fromJsonArray -}}
{{- if not (hasPrefix (printf "%s/" (trimSuffix "/" $.Values.device.file.mountPath)) (index . "device-path")) -}}
{{- fail (printf "%s must lie in device.file.mountPath %s in device.mode file" (index . "device-path") $.Values.device.file.mountPath) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.device.file.hostPath .Values.device.file.emptyDir -}}
{{- fail "device.file.hostPath and device.file.emptyDir exclude each other" -}}
{{- end -}}
{{- end -}}
{{- if and .Values.tls.enabled (not .Values.tls.existingSecret) (not .Values.tls.certManager.enabled) -}}
{{- fail "tls.enabled needs tls.existingSecret or tls.certManager.enabled" -}}
{{- end -}}
{{- if and .Values.tls.certManager.enabled (not .Values.tls.enabled) -}}
{{- fail "tls.certManager.enabled needs tls.enabled" -}}
{{- end -}}
{{- if and .Values.tls.certManager.enabled .Values.tls.existingSecret -}}
{{- fail "tls.existingSecret and tls.certManager.enabled exclude each other" -}}
{{- end -}}
{{- if and .Values.tls.certManager.enabled (not .Values.tls.certManager.issuerRef.name) -}}
{{- fail "tls.certManager.issuerRef.name must name the issuer" -}}
{{- end -}}
{{- if and .Values.auth.existingSecret (or .Values.auth.username .Values.auth.password .Values.auth.adminToken) -}}
{{- fail "auth.existingSecret excludes auth.username, auth.password and auth.adminToken" -}}
{{- end -}}
{{- if and .Values.metrics.podMonitor.enabled .Values.metrics.serviceMonitor.enabled -}}
{{- fail "metrics.podMonitor and metrics.serviceMonitor would scrape every pod twice: enable one" -}}
{{- end -}}
{{- $grace := include "daxtier.seconds" (dig "resp" "shutdown-grace" "20s" $dax) | int -}}
{{- $needed := add .Values.preStopSeconds $grace 10 | int -}}
{{- if lt (int .Values.terminationGracePeriodSeconds) $needed -}}
{{- fail (printf "terminationGracePeriodSeconds must be at least %d: preStopSeconds, dax.resp.shutdown-grace and 10 s to unmap" $needed) -}}
{{- end -}}
{{- if and .Values.unixSocket.enabled (ne .Values.kind "DaemonSet") -}}
{{- fail "unixSocket.enabled needs kind DaemonSet: two pods on a node would take each other's socket" -}}
{{- end -}}
{{- $ports := list (int .Values.ports.resp) (int .Values.ports.http) (int .Values.ports.management) -}}
{{- if ne (len (uniq $ports)) 3 -}}
{{- fail "ports.resp, ports.http and ports.management must differ" -}}
{{- end -}}
{{- end -}}
