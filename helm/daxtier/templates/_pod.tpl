{{- define "daxtier.podSecurityContext" -}}
{{- $context := .Values.podSecurityContext | default dict | deepCopy -}}
{{- with .Values.device.supplementalGroups -}}
{{- $_ := set $context "supplementalGroups" (concat (get $context "supplementalGroups" | default list) . | uniq) -}}
{{- end -}}
{{- if .Values.device.runAsRoot -}}
{{- /* The group stays: the clients of the Unix socket belong to it. */ -}}
{{- $context = mergeOverwrite $context (dict "runAsUser" 0 "runAsNonRoot" false) -}}
{{- end -}}
{{- toYaml $context -}}
{{- end -}}

{{- /* Only the privileged mode relaxes the container. */ -}}
{{- define "daxtier.securityContext" -}}
{{- $context := .Values.securityContext | default dict | deepCopy -}}
{{- if eq .Values.device.mode "privileged" -}}
{{- $context = mergeOverwrite (omit $context "capabilities") (dict "privileged" true "allowPrivilegeEscalation" true) -}}
{{- end -}}
{{- toYaml $context -}}
{{- end -}}

{{- /* A folder that the kubelet has made belongs to root. Its owner may hand it to one of its own groups without
       any capability, so this runs as root with the service's group and nothing else. */ -}}
{{- define "daxtier.folderSecurityContext" -}}
{{- mergeOverwrite (.Values.securityContext | default dict | deepCopy) (dict "runAsUser" 0 "runAsNonRoot" false) | toYaml -}}
{{- end -}}

{{- define "daxtier.initResources" -}}
requests:
  cpu: 10m
  memory: 128Mi
limits:
  memory: 256Mi
{{- end -}}

{{- define "daxtier.imageLines" -}}
image: {{ include "daxtier.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- end -}}

{{- define "daxtier.probe" -}}
httpGet:
  path: /actuator/health/{{ .path }}
  port: management
{{ toYaml .settings }}
{{- end -}}

{{- define "daxtier.placement" -}}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "daxtier.topologySpread" -}}
{{- $labels := include "daxtier.selectorLabels" . | fromYaml -}}
{{- $constraints := .Values.topologySpreadConstraints -}}
{{- if and (not $constraints) (eq .Values.kind "StatefulSet") -}}
{{- $constraints = list (dict "maxSkew" 1 "topologyKey" "kubernetes.io/hostname" "whenUnsatisfiable" "ScheduleAnyway") -}}
{{- end -}}
{{- range $constraints }}
- {{ merge (deepCopy .) (dict "labelSelector" (dict "matchLabels" $labels)) | toYaml | nindent 2 | trim }}
{{- end }}
{{- end -}}

{{- define "daxtier.resources" -}}
{{- $resources := .Values.resources | default dict | deepCopy -}}
{{- if eq .Values.device.mode "resource" -}}
{{- $_ := set $resources "limits" (merge (get $resources "limits" | default dict) .Values.device.resources) -}}
{{- $_ := set $resources "requests" (merge (get $resources "requests" | default dict) .Values.device.resources) -}}
{{- else if eq .Values.device.mode "claim" -}}
{{- $claims := list -}}
{{- range .Values.device.claims -}}
{{- $claims = append $claims (pick . "name" "request") -}}
{{- end -}}
{{- $_ := set $resources "claims" $claims -}}
{{- end -}}
{{- toYaml $resources -}}
{{- end -}}

{{- define "daxtier.podTemplate" -}}
{{- $file := eq .Values.device.mode "file" -}}
{{- $hostFile := and $file .Values.device.file.hostPath -}}
{{- $socket := .Values.unixSocket.enabled -}}
metadata:
  labels:
    {{- include "daxtier.selectorLabels" . | nindent 4 }}
    app.kubernetes.io/version: {{ include "daxtier.version" . }}
    {{- with .Values.commonLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    checksum/config: {{ include "daxtier.config" . | sha256sum }}
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "daxtier.serviceAccountName" . }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
  securityContext:
    {{- include "daxtier.podSecurityContext" . | nindent 4 }}
  {{- with include "daxtier.placement" . }}
  {{- . | trim | nindent 2 }}
  {{- end }}
  {{- with .Values.runtimeClassName }}
  runtimeClassName: {{ . }}
  {{- end }}
  {{- with include "daxtier.topologySpread" . | trim }}
  topologySpreadConstraints:
    {{- . | nindent 4 }}
  {{- end }}
  {{- if eq .Values.device.mode "claim" }}
  resourceClaims:
    {{- range .Values.device.claims }}
    - {{ omit . "request" | toYaml | nindent 6 | trim }}
    {{- end }}
  {{- end }}
  {{- $folders := and $socket .Values.unixSocket.prepareFolder | or (and $hostFile .Values.device.file.prepareFolder) }}
  {{- $create := and $file .Values.device.file.create }}
  {{- if or $folders $create .Values.extraInitContainers }}
  initContainers:
    {{- if $folders }}
    - name: folders
      {{- include "daxtier.imageLines" . | nindent 6 }}
      args:
        - prepare-folder
        {{- if and $hostFile .Values.device.file.prepareFolder }}
        - {{ .Values.device.file.mountPath }}
        {{- end }}
        {{- if and $socket .Values.unixSocket.prepareFolder }}
        - {{ .Values.unixSocket.hostPath }}
        {{- end }}
      securityContext:
        {{- include "daxtier.folderSecurityContext" . | nindent 8 }}
      resources:
        {{- include "daxtier.initResources" . | nindent 8 }}
      volumeMounts:
        - name: tmp
          mountPath: /tmp
        {{- if and $hostFile .Values.device.file.prepareFolder }}
        - name: devices
          mountPath: {{ .Values.device.file.mountPath }}
        {{- end }}
        {{- if and $socket .Values.unixSocket.prepareFolder }}
        - name: socket
          mountPath: {{ .Values.unixSocket.hostPath }}
        {{- end }}
    {{- end }}
    {{- if $create }}
    - name: device-files
      {{- include "daxtier.imageLines" . | nindent 6 }}
      args:
        - create-device-file
        {{- range include "daxtier.devices" . | fromJsonArray }}
        - {{ printf "%s=%vGiB" (index . "device-path") (index . "max-dax-size-gb") | quote }}
        {{- end }}
      securityContext:
        {{- include "daxtier.securityContext" . | nindent 8 }}
      resources:
        {{- include "daxtier.initResources" . | nindent 8 }}
      volumeMounts:
        - name: tmp
          mountPath: /tmp
        - name: devices
          mountPath: {{ .Values.device.file.mountPath }}
    {{- end }}
    {{- with .Values.extraInitContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- end }}
  containers:
    - name: daxtier
      {{- include "daxtier.imageLines" . | nindent 6 }}
      env:
        - name: SPRING_CONFIG_ADDITIONAL_LOCATION
          value: file:/etc/daxtier/config/
        - name: DAX_RESP_PASSWORD
          valueFrom:
            secretKeyRef:
              name: {{ include "daxtier.secretName" . }}
              key: password
        - name: DAX_RESP_USERNAME
          valueFrom:
            secretKeyRef:
              name: {{ include "daxtier.secretName" . }}
              key: username
              optional: true
        - name: DAX_ADMINTOKEN
          valueFrom:
            secretKeyRef:
              name: {{ include "daxtier.secretName" . }}
              key: admin-token
              optional: true
        {{- with .Values.javaOptions }}
        - name: JDK_JAVA_OPTIONS
          value: {{ . | quote }}
        {{- end }}
        {{- with .Values.extraEnv }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- with .Values.extraEnvFrom }}
      envFrom:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      ports:
        - name: resp
          containerPort: {{ .Values.ports.resp }}
        - name: http
          containerPort: {{ .Values.ports.http }}
        - name: management
          containerPort: {{ .Values.ports.management }}
      startupProbe:
        {{- include "daxtier.probe" (dict "path" "liveness" "settings" .Values.probes.startup) | nindent 8 }}
      livenessProbe:
        {{- include "daxtier.probe" (dict "path" "liveness" "settings" .Values.probes.liveness) | nindent 8 }}
      readinessProbe:
        {{- include "daxtier.probe" (dict "path" "readiness" "settings" .Values.probes.readiness) | nindent 8 }}
      {{- /* The sleep action is on from Kubernetes 1.30; before, the API server would refuse it. */}}
      {{- if and (gt (int .Values.preStopSeconds) 0) (semverCompare ">=1.30.0-0" .Capabilities.KubeVersion.Version) }}
      lifecycle:
        preStop:
          sleep:
            seconds: {{ .Values.preStopSeconds }}
      {{- end }}
      securityContext:
        {{- include "daxtier.securityContext" . | nindent 8 }}
      resources:
        {{- include "daxtier.resources" . | nindent 8 }}
      terminationMessagePolicy: FallbackToLogsOnError
      {{- if eq .Values.device.mode "privileged" }}
      terminationMessagePath: /tmp/termination-log
      {{- end }}
      volumeMounts:
        - name: config
          mountPath: /etc/daxtier/config
          readOnly: true
        - name: tmp
          mountPath: /tmp
        {{- if .Values.tls.enabled }}
        - name: tls
          mountPath: /etc/daxtier/tls
          readOnly: true
        {{- end }}
        {{- if eq .Values.device.mode "privileged" }}
        - name: dev
          mountPath: /dev
        {{- end }}
        {{- if $file }}
        - name: devices
          mountPath: {{ .Values.device.file.mountPath }}
        {{- end }}
        {{- if $socket }}
        - name: socket
          mountPath: {{ .Values.unixSocket.hostPath }}
        {{- end }}
        {{- with .Values.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    {{- with .Values.extraContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  volumes:
    - name: config
      configMap:
        name: {{ include "daxtier.fullname" . }}-config
    - name: tmp
      emptyDir:
        sizeLimit: 256Mi
    {{- if .Values.tls.enabled }}
    - name: tls
      secret:
        secretName: {{ include "daxtier.tlsSecretName" . }}
        defaultMode: 0440
    {{- end }}
    {{- if eq .Values.device.mode "privileged" }}
    - name: dev
      hostPath:
        path: /dev
        type: Directory
    {{- end }}
    {{- if $hostFile }}
    - name: devices
      hostPath:
        path: {{ .Values.device.file.hostPath }}
        type: DirectoryOrCreate
    {{- else if $file }}
    - name: devices
      {{- if .Values.device.file.emptyDir }}
      emptyDir:
        {{- toYaml .Values.device.file.emptyDir | nindent 8 }}
      {{- else }}
      emptyDir: {}
      {{- end }}
    {{- end }}
    {{- if $socket }}
    - name: socket
      hostPath:
        path: {{ .Values.unixSocket.hostPath }}
        type: DirectoryOrCreate
    {{- end }}
    {{- with .Values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}
