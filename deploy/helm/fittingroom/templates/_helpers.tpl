{{- define "fittingroom.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "fittingroom.fullname" -}}
{{- if eq .Release.Name (include "fittingroom.name" .) -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "fittingroom.name" .) | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "fittingroom.selector" -}}
app.kubernetes.io/name: {{ include "fittingroom.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: gateway
{{- end -}}

{{- define "fittingroom.labels" -}}
app.kubernetes.io/name: {{ include "fittingroom.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "fittingroom.image" -}}
{{- printf "%s:%s" .Values.image.repository (default (printf "%s-cpu" .Chart.AppVersion) .Values.image.tag) -}}
{{- end -}}

{{- define "fittingroom.rayAddress" -}}
{{- if .Values.ray.createCluster -}}
{{- printf "%s-ray-head-svc:6379" (include "fittingroom.fullname" .) -}}
{{- else -}}
{{- required "ray.address is needed where ray.createCluster is false" .Values.ray.address -}}
{{- end -}}
{{- end -}}

{{/* Ray lets nobody in without a token. Of a cluster of this chart it lies in a Secret that the operator makes. */}}
{{- define "fittingroom.rayEnvironment" -}}
{{- $own := printf "%s-ray" (include "fittingroom.fullname" .) -}}
{{- $secret := default (ternary $own "" .Values.ray.createCluster) .Values.ray.tokenSecret -}}
- {name: RAY_USAGE_STATS_ENABLED, value: "0"}
- {name: RAY_AUTH_MODE, value: token}
- name: RAY_AUTH_TOKEN
  valueFrom:
    secretKeyRef:
      name: {{ required "ray.tokenSecret is needed where ray.createCluster is false" $secret }}
      key: auth_token
{{- end -}}

{{/* A setting `server.port` as a variable of the environment: FITTINGROOM_SERVER__PORT */}}
{{- define "fittingroom.variable" -}}
FITTINGROOM_{{ . | replace "." "__" | upper }}
{{- end -}}

{{- define "fittingroom.environment" -}}
{{- range $name, $value := .Values.settings }}
- name: {{ include "fittingroom.variable" $name }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- range $name, $key := .Values.secrets }}
- name: {{ include "fittingroom.variable" $name }}_FILE
  value: /run/secrets/fittingroom/{{ $key }}
{{- end }}
{{- end -}}

{{- define "fittingroom.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "fittingroom.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* Several gateways that do not share accounts, permits and results would answer wrongly: refuse to install them. */}}
{{- define "fittingroom.check" -}}
{{- $several := or (gt (int .Values.replicas) 1) .Values.autoscaling.enabled -}}
{{- if and $several .Values.persistence.enabled -}}
{{- fail "several gateways keep no state of their own: set persistence.enabled=false" -}}
{{- end -}}
{{- if not .Values.persistence.enabled -}}
{{- range $name := list "accounts.database" "accounts.master_key" -}}
{{- if not (hasKey $.Values.secrets $name) -}}
{{- fail (printf "without persistence secrets must name %s" $name) -}}
{{- end -}}
{{- end -}}
{{- if not (hasKey .Values.settings "results.url") -}}
{{- fail "without persistence settings must have results.url (s3://...)" -}}
{{- end -}}
{{- end -}}
{{- if and $several (not (hasKey .Values.secrets "limits.url")) -}}
{{- fail "several gateways count together: secrets must name limits.url" -}}
{{- end -}}
{{- if and .Values.secrets (not .Values.secretName) -}}
{{- fail "secrets name keys of a Secret: set secretName" -}}
{{- end -}}
{{- end -}}
