{{/* Name of the release's objects; a release called plimsoll needs no prefix. */}}
{{- define "plimsoll.name" -}}
{{- if contains "plimsoll" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-plimsoll" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{/* Called with the root and a component. */}}
{{- define "plimsoll.selector" -}}
app.kubernetes.io/name: plimsoll
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "plimsoll.labels" -}}
{{ include "plimsoll.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "plimsoll.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "plimsoll.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "plimsoll.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{/* Refuses a config that refers to a Secret that is not mounted: the pod would never start. Called with what a component reads of it, the mounted Secrets and their key. */}}
{{- define "plimsoll.checkSecrets" -}}
{{- range regexFindAll "/etc/plimsoll-secrets/[^/}]+" (.config | toYaml) -1 | uniq }}
{{- $secret := base . }}
{{- if not (has $secret $.secrets) }}
{{- fail (printf "config refers to the Secret %s, which is not mounted: add %s to %s.secrets" $secret $secret $.key) }}
{{- end }}
{{- end }}
{{- end }}

{{/* Config of the service; the chart sets where it listens. Where there are exporters, they run the canaries. */}}
{{- define "plimsoll.serviceConfig" -}}
{{- include "plimsoll.checkSecrets" (dict "config" .Values.config "secrets" .Values.service.secrets "key" "service") -}}
{{- with .Values.config.service }}{{ if eq (toString .availability) "pair" }}
{{- fail "config has service.availability: pair, but the chart runs one pod with its own volume: use deploy/kubernetes/service for a pair" }}
{{- end }}{{ end -}}
{{- $config := mergeOverwrite (deepCopy .Values.config) (dict "service" (dict "listen" "0.0.0.0:18761")) -}}
{{- if .Values.exporters.enabled }}{{ with $config.exporter }}{{ range .clusters }}{{ with . }}{{ $_ := unset . "canary" }}{{ end }}{{ end }}{{ end }}{{ end -}}
{{ $config | toYaml }}
{{- end }}

{{/* Config of the exporters: each pod is a member of the group that shares the targets; one pod alone has all of them. */}}
{{- define "plimsoll.exporterConfig" -}}
{{- include "plimsoll.checkSecrets" (dict "config" (omit .Values.config "service") "secrets" .Values.exporters.secrets "key" "exporters") -}}
{{- $name := printf "%s-exporter" (include "plimsoll.name" .) -}}
{{- $members := dict -}}
{{- range $index := until (int .Values.exporters.replicas) -}}
{{- $pod := printf "%s-%d" $name $index -}}
{{- $_ := set $members $pod (printf "http://%s.%s:18760" $pod $name) -}}
{{- end -}}
{{- $own := dict "listen" "0.0.0.0:18760" -}}
{{- if gt (len $members) 1 }}{{ $_ := set $own "shards" (dict "members" $members) }}{{ end -}}
{{ mergeOverwrite (deepCopy .Values.config) (dict "exporter" $own) | toYaml }}
{{- end }}

{{/* The rules look for job plimsoll, and take the highest value of its targets: their series must differ only in `instance`. */}}
{{- define "plimsoll.relabelings" -}}
- { targetLabel: job, replacement: plimsoll }
- { sourceLabels: [__meta_kubernetes_namespace, __meta_kubernetes_pod_name], separator: /, targetLabel: instance }
- { action: labeldrop, regex: pod|container|endpoint|service|namespace }
{{- end }}

{{/* Ports of brokers, and of what else is read; called with the component. */}}
{{- define "plimsoll.egress" -}}
# Names are resolved by the DNS of the cluster.
- to:
    - namespaceSelector:
        matchLabels: { kubernetes.io/metadata.name: kube-system }
      podSelector:
        matchLabels: { k8s-app: kube-dns }
  ports:
    - { protocol: UDP, port: 53 }
    - { protocol: TCP, port: 53 }
- to:
    - namespaceSelector:
        matchLabels: { plimsoll/reached-by-service: 'true' }
    - podSelector:
        matchLabels: {{- include "plimsoll.selector" . | nindent 10 }}
    {{- range .root.Values.networkPolicy.reaches }}
    - ipBlock: { cidr: {{ . | quote }} }
    {{- end }}
  ports:
    # Kafka, its JMX agents and ZooKeeper.
    - { protocol: TCP, port: 9092, endPort: 9094 }
    - { protocol: TCP, port: 7071 }
    - { protocol: TCP, port: 8778 }
    - { protocol: TCP, port: 2181 }
    # RocketMQ: name server, controller, brokers from their VIP channel on, and their own metrics.
    - { protocol: TCP, port: 9876 }
    - { protocol: TCP, port: 9878 }
    - { protocol: TCP, port: 10909, endPort: 10912 }
    - { protocol: TCP, port: 5557 }
    # Proxy of RocketMQ, schema registry, admin server of ZooKeeper.
    - { protocol: TCP, port: 8080, endPort: 8081 }
    # Prometheus, VictoriaMetrics, Thanos, Mimir.
    - { protocol: TCP, port: 9090 }
    - { protocol: TCP, port: 8428 }
    - { protocol: TCP, port: 8481 }
    - { protocol: TCP, port: 10902 }
    - { protocol: TCP, port: 80 }
    # node_exporter, hosts over SSH, HTTPS, OTLP, each other.
    - { protocol: TCP, port: 9100 }
    - { protocol: TCP, port: 22 }
    - { protocol: TCP, port: 443 }
    - { protocol: TCP, port: 4318 }
    - { protocol: TCP, port: 18760 }
    # Mail servers.
    - { protocol: TCP, port: 25 }
    - { protocol: TCP, port: 465 }
    - { protocol: TCP, port: 587 }
    {{- if .root.Values.discovery.enabled }}
    # The Kubernetes API, at an address in `reaches`.
    - { protocol: TCP, port: 6443 }
    {{- end }}
    {{- range .root.Values.networkPolicy.ports }}
    - { protocol: TCP, port: {{ int . }} }
    {{- end }}
{{- end }}
