{{/* Labels of one part: (dict "root" $ "part" "injector"). */}}
{{- define "tachograph.labels" -}}
{{ include "tachograph.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end }}

{{- define "tachograph.selector" -}}
app.kubernetes.io/name: tachograph
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end }}

{{/* Labels of what belongs to no part. */}}
{{- define "tachograph.commonLabels" -}}
app.kubernetes.io/name: tachograph
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "tachograph.bucket" -}}
{{- if .Values.emulator.enabled -}}
gs://{{ .Values.emulator.bucket }}
{{- else -}}
{{ required "bucket is required: gs://bucket, or emulator.enabled for a trial" .Values.bucket }}
{{- end -}}
{{- end }}

{{- define "tachograph.endpoint" -}}
{{- if .Values.emulator.enabled -}}
http://tachograph-storage.{{ .Release.Namespace }}.svc:4443
{{- else -}}
{{ .Values.storage.endpoint }}
{{- end -}}
{{- end }}

{{- define "tachograph.controllerUrl" -}}
https://tachograph-controller.{{ .Release.Namespace }}.svc:8443
{{- end }}

{{/* Pod-level settings that satisfy the restricted Pod Security Standard: (dict "root" $ "part" "injector"). */}}
{{- define "tachograph.podSpec" -}}
serviceAccountName: tachograph-{{ .part }}
terminationGracePeriodSeconds: 30
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  seccompProfile: { type: RuntimeDefault }
{{- with .root.Values.images.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .root.Values.scheduling.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .root.Values.scheduling.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.scheduling.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "tachograph.selector" $ | nindent 8 }}
  {{- end }}
{{- end }}

{{- define "tachograph.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{/* Environment of every part. */}}
{{- define "tachograph.environment" -}}
- name: TACHO_CLUSTER
  value: {{ required "cluster is required: a name of [a-z0-9-]" .Values.cluster | quote }}
- name: TACHO_NAMESPACE
  valueFrom: { fieldRef: { fieldPath: metadata.namespace } }
- name: TACHO_LOG_LEVEL
  value: {{ .Values.logLevel }}
{{- end }}

{{/* Environment of the parts that write to the bucket. */}}
{{- define "tachograph.storageEnvironment" -}}
- name: TACHO_BUCKET
  value: {{ include "tachograph.bucket" . | quote }}
{{- with include "tachograph.endpoint" . }}
- name: TACHO_STORAGE_ENDPOINT
  value: {{ . | quote }}
{{- end }}
{{- end }}

{{/* A budget that keeps all but one replica: (dict "root" $ "part" "injector"). */}}
{{- define "tachograph.disruptionBudget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: tachograph-{{ .part }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "tachograph.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {{- include "tachograph.selector" . | nindent 6 }}
{{- end }}

{{/* Namespaces whose pods are recorded; never the installation's own nor the cluster's, which must start without us. */}}
{{- define "tachograph.namespaceSelector" -}}
matchExpressions:
  - { key: tachograph.dev/inject, operator: Exists }
  - key: kubernetes.io/metadata.name
    operator: NotIn
    values: [kube-system, {{ .Release.Namespace }}]
{{- end }}

{{/* A webhook's way to the injector: (dict "root" $ "path" "/mutate"). */}}
{{- define "tachograph.webhookClient" -}}
admissionReviewVersions: [v1]
# caBundle is written by the injector itself, and kept by upgrades.
clientConfig:
  service:
    name: tachograph-injector
    namespace: {{ .root.Release.Namespace }}
    port: 443
    path: {{ .path }}
failurePolicy: Fail
timeoutSeconds: 5
{{- end }}
