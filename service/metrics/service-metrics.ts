// Defines the metrics of the service; docs/metrics.md is generated from this table.

import type { MetricDefinition } from '../../exporter/collector.ts';

const gauge = (help: string, labels: readonly string[] = ['cluster'], unit?: string) =>
  ({ type: 'gauge', help, labels, additive: false, ...(unit !== undefined && { unit }) }) as const;

const perSecond = 'messages per second';

/** Unknown has no series. Labels are all there are: there is no origin besides them; `job` is not to be used, Prometheus has it. */
export const serviceMetrics = {
  plimsoll_safe_max_tps: gauge(
    'Messages produced per second that the cluster can safely carry: low is the figure to plan with, estimate the most likely one, high the upper end of the interval.',
    ['cluster', 'bound'],
    perSecond,
  ),
  plimsoll_safe_max_kind: gauge(
    '1 for the kind of verdict that is in force: confirmed, predicted, observed, at-least or unknown.',
    ['cluster', 'kind'],
    '1',
  ),
  plimsoll_now_produce_tps: gauge(
    'Messages produced per second, between the last two readings.',
    ['cluster'],
    perSecond,
  ),
  plimsoll_now_consume_tps: gauge(
    'Messages consumed per second, between the last two readings.',
    ['cluster'],
    perSecond,
  ),
  plimsoll_now_age_seconds: gauge('Age of the reading that the rate of now is of; it stays when the rate is gone.'),
  plimsoll_headroom_ratio: gauge('1 less the rate now over the safe maximum; negative above it.'),
  plimsoll_cluster_state: gauge(
    '1 for the state the cluster is in, 0 for the others: down, degraded, over, near, stale, unknown, ok.',
    ['cluster', 'state'],
    '1 or 0',
  ),
  plimsoll_cluster_brokers_answering: gauge(
    'Brokers that answered the last reading that succeeded; 0 while the cluster is down.',
    ['cluster'],
    'brokers',
  ),
  plimsoll_cluster_brokers_expected: gauge(
    'Brokers that were listed in the last six hours, or hold replicas.',
    ['cluster'],
    'brokers',
  ),
  plimsoll_maintenance_on: gauge(
    '1 while a configured maintenance window of the cluster is open, else 0; its alerts are then not sent.',
    ['cluster'],
    '1 or 0',
  ),
  plimsoll_cluster_console_info: gauge(
    '1 with the address of the pages that show the cluster, as configured (service.publicUrl); Grafana dashboards link there.',
    ['cluster', 'url'],
    '1',
  ),
  plimsoll_cluster_domain_info: gauge(
    '1 for each business domain that the cluster carries.',
    ['cluster', 'domain'],
    '1',
  ),
  plimsoll_binding_probability: gauge(
    'Probability that this is the bottleneck: a resource of a node, or an SLO (gc-pause, publish-latency, consumer-lag …) that a node or group violates.',
    ['cluster', 'resource', 'node'],
    'probability',
  ),
  plimsoll_without_one_tps: gauge('Safe maximum after the loss that hurts most.', ['cluster', 'lost', 'id'], perSecond),
  plimsoll_without_one_headroom_ratio: gauge(
    '1 less the rate now over the safe maximum after the loss that hurts most; negative: it cannot be borne now.',
    ['cluster', 'lost', 'id'],
  ),
  plimsoll_forecast_peak_tps: gauge(
    'Highest forecast rate within the horizon, with its 80% interval (low, high).',
    ['cluster', 'bound'],
    perSecond,
  ),
  plimsoll_forecast_peak_timestamp_seconds: gauge('When the highest rate is expected.'),
  plimsoll_forecast_within_tps: gauge(
    'Highest rate the forecast has from now on within 15m, 1h or 24h.',
    ['cluster', 'within', 'bound'],
    perSecond,
  ),
  plimsoll_forecast_age_seconds: gauge('Since the forecast was made.'),
  plimsoll_time_to_limit_seconds: gauge(
    'Until the middle of the forecast meets the safe maximum; no series while it does not.',
  ),
  plimsoll_action_gain_tps: gauge(
    'Messages per second of room that a prepared action gains: low is certain, high at best. Only while the cluster is near or over its safe maximum, or is expected to be; the page of the event day has the commands.',
    ['cluster', 'action', 'bound'],
    perSecond,
  ),
  plimsoll_verdict_age_seconds: gauge('Since the verdict in force was made.'),
  plimsoll_verdict_lasts_seconds: gauge('How old a verdict may become before it is stale, as configured.', []),
  plimsoll_verdict_drifted: gauge(
    'Settings that are not what they were when the verdict was made.',
    ['cluster'],
    'settings',
  ),
  plimsoll_calibration_graded: gauge('Predictions that were graded by a later event.', ['cluster'], 'predictions'),
  plimsoll_calibration_held_ratio: gauge('Share of them that held.'),
  plimsoll_calibration_bias_ratio: gauge(
    'Of the forecasts among them, what came over what was expected, less 1, on average: positive where too little was expected.',
  ),
  plimsoll_cluster_process_state: gauge(
    '1 for the state of a process of instances.yaml, 0 for the others: running, starting, stopping, stopped, crash-loop, failed, unknown. No series while the hosts are not read.',
    ['process', 'cluster', 'host', 'role', 'state'],
    '1 or 0',
  ),
  plimsoll_cluster_process_as_desired: gauge(
    '1 if a process is in the state that instances.yaml names, else 0.',
    ['process', 'cluster', 'host', 'role'],
    '1 or 0',
  ),
  plimsoll_cluster_process_restarts_last_hour: gauge(
    'Restarts of a process in the last hour, by the log of its supervisor; no series where that is not readable.',
    ['process', 'cluster', 'host', 'role'],
    'restarts',
  ),
  plimsoll_promotion_on: gauge('1 while the promotion is on, else 0.', ['promotion'], '1 or 0'),
  plimsoll_promotion_start_timestamp_seconds: gauge('When the promotion begins or began.', ['promotion']),
  plimsoll_promotion_end_timestamp_seconds: gauge('When the promotion ends or ended.', ['promotion']),
  plimsoll_readings_bytes: gauge('Memory used by the recorded readings of the last 24 hours.', []),
  plimsoll_readings_limit_bytes: gauge('Memory that recorded readings may use; what does not fit is left out.', []),
  plimsoll_readings_left_out: gauge(
    'Brokers, consumer groups and topics of which no readings are recorded: those with the least activity, beyond the limit of each kind or of memory.',
    ['cluster', 'part'],
    'parts',
  ),
  plimsoll_leader: gauge(
    '1 if this instance runs the scheduled jobs, 0 while another one does, none, or as a configured standby.',
    [],
    '1 or 0',
  ),
  plimsoll_job_success: gauge(
    '1 if the last turn of the job succeeded, else 0; no series before its first turn has ended.',
    ['task', 'cluster'],
    '1 or 0',
  ),
  plimsoll_job_last_success_timestamp_seconds: gauge('When the job last succeeded.', ['task', 'cluster']),
  plimsoll_job_duration_seconds: gauge('How long the last turn of the job took.', ['task', 'cluster']),
  plimsoll_ledger_writable: gauge(
    '1 if the last write to the history succeeded or none was tried, else 0.',
    [],
    '1 or 0',
  ),
  plimsoll_ledger_write_failures_total: {
    type: 'counter',
    unit: 'writes',
    help: 'Failed writes to the history.',
    labels: [],
    additive: false,
  },
  plimsoll_ledger_used_bytes: gauge('Disk space used by the history and its indexes.', []),
  plimsoll_ledger_quota_bytes: gauge('Configured disk quota of the history; above 90% no forecasts are recorded.', []),
  plimsoll_ledger_entries: gauge('History entries.', ['kind'], 'entries'),
  plimsoll_ledger_last_entry_timestamp_seconds: gauge('Time of the newest history entry.', []),
} as const satisfies Record<string, MetricDefinition>;

export type ServiceMetric = keyof typeof serviceMetrics;
