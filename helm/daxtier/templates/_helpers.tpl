{{- define "daxtier.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- /* At most 50 characters, so that the longest name made of it, `<name>-smoke-check`, is not too long. */ -}}
{{- define "daxtier.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains (include "daxtier.name" .) .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "daxtier.name" .) | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "daxtier.instanceLabels" -}}
app.kubernetes.io/name: {{ include "daxtier.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- /* What the workload and the Service select: the helm test pod is not among them. */ -}}
{{- define "daxtier.selectorLabels" -}}
{{ include "daxtier.instanceLabels" . }}
app.kubernetes.io/component: server
{{- end -}}

{{- /* A tag may be longer than a label, which moreover must begin and end with a letter or a digit. */ -}}
{{- define "daxtier.version" -}}
{{- .Values.image.tag | default .Chart.AppVersion | trunc 63 | trimAll "._-" | quote -}}
{{- end -}}

{{- define "daxtier.labels" -}}
{{ include "daxtier.instanceLabels" . }}
app.kubernetes.io/version: {{ include "daxtier.version" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "daxtier.image" -}}
{{- $name := printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- with .Values.image.digest }}{{ $name = printf "%s@%s" $.Values.image.repository . }}{{ end -}}
{{- $name -}}
{{- end -}}

{{- define "daxtier.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "daxtier.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{- define "daxtier.secretName" -}}
{{- .Values.auth.existingSecret | default (include "daxtier.fullname" .) -}}
{{- end -}}

{{- define "daxtier.tlsSecretName" -}}
{{- .Values.tls.existingSecret | default (printf "%s-tls" (include "daxtier.fullname" .)) -}}
{{- end -}}

{{- define "daxtier.host" -}}
{{- printf "%s.%s.svc.%s" (include "daxtier.fullname" .) .Release.Namespace .Values.clusterDomain -}}
{{- end -}}

{{- /* A StatefulSet's pods have names of their own: pass (dict "root" . "ordinal" n). */ -}}
{{- define "daxtier.podHost" -}}
{{- $name := include "daxtier.fullname" .root -}}
{{- printf "%s-%d.%s-headless.%s.svc.%s" $name (int .ordinal) $name .root.Release.Namespace .root.Values.clusterDomain -}}
{{- end -}}

{{- define "daxtier.httpScheme" -}}
{{- ternary "https" "http" .Values.tls.enabled -}}
{{- end -}}

{{- define "daxtier.socketPath" -}}
{{- printf "%s/%s" (trimSuffix "/" .Values.unixSocket.hostPath) .Values.unixSocket.fileName -}}
{{- end -}}

{{- /* Seconds of a duration such as 500ms, 20s, 5m, 1h, rounded up. */ -}}
{{- define "daxtier.seconds" -}}
{{- $number := regexFind "^[0-9]+" . | int -}}
{{- $unit := regexFind "[a-z]+$" . -}}
{{- if eq $unit "ms" -}}{{ div (add $number 999) 1000 }}
{{- else -}}{{ mul $number (get (dict "s" 1 "m" 60 "h" 3600) $unit) }}
{{- end -}}
{{- end -}}

{{- /* The devices as a list of {device-path, max-dax-size-gb}, in JSON; null where the service is to find none. */ -}}
{{- define "daxtier.devices" -}}
{{- if hasKey .Values.dax "devices" -}}
{{- toJson (index .Values.dax "devices") -}}
{{- else if hasKey .Values.dax "device-path" -}}
{{- list (pick .Values.dax "device-path" "max-dax-size-gb") | toJson -}}
{{- else if eq .Values.device.mode "file" -}}
{{- $path := printf "%s/dax0" (trimSuffix "/" .Values.device.file.mountPath) -}}
{{- list (dict "device-path" $path "max-dax-size-gb" .Values.device.file.sizeGb) | toJson -}}
{{- else -}}
null
{{- end -}}
{{- end -}}

{{- /* The whole application.yaml. */ -}}
{{- define "daxtier.config" -}}
{{- $dax := deepCopy .Values.dax -}}
{{- $devices := include "daxtier.devices" . | fromJsonArray -}}
{{- if not (or (hasKey $dax "devices") (hasKey $dax "device-path")) -}}
{{- $_ := set $dax "devices" $devices -}}
{{- end -}}
{{- $resp := dict "host" .Values.bindAddress "port" .Values.ports.resp -}}
{{- if .Values.unixSocket.enabled -}}
{{- $_ := set $resp "unix-socket" (include "daxtier.socketPath" .) -}}
{{- end -}}
{{- $_ := set $dax "resp" (mergeOverwrite (deepCopy (get $dax "resp" | default dict)) $resp) -}}
{{- $server := dict "address" .Values.bindAddress "port" .Values.ports.http -}}
{{- $management := dict "address" .Values.bindAddress "port" .Values.ports.management -}}
{{- $config := dict "server" $server "management" (dict "server" $management) "dax" $dax -}}
{{- if .Values.tls.enabled -}}
{{- $_ := set $server "ssl" (dict "bundle" "http") -}}
{{- $_ := set $management "ssl" (dict "enabled" false) -}}
{{- $keystore := dict "certificate" "file:/etc/daxtier/tls/tls.crt" "private-key" "file:/etc/daxtier/tls/tls.key" -}}
{{- $bundle := dict "reload-on-update" true "keystore" $keystore -}}
{{- $_ := set $config "spring" (dict "ssl" (dict "bundle" (dict "pem" (dict "http" $bundle)))) -}}
{{- end -}}
{{- mergeOverwrite $config (deepCopy .Values.extraConfig) | toYaml -}}
{{- end -}}

{{- /* What the alerts look at: the targets of this release. */ -}}
{{- define "daxtier.alertSelector" -}}
{{- .Values.metrics.prometheusRule.selector | default (printf "namespace=\"%s\",job=\"%s\"" .Release.Namespace .Release.Name) -}}
{{- end -}}
