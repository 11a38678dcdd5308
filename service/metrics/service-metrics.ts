// Defines the metrics of the service; docs/metrics.md is generated from this table.

import type { MetricDefinition } from '../../exporter/collector.ts';

const gauge = (help: string, labels: readonly string[] = ['cluster'], unit?: string) =>
  ({ type: 'gauge', help, labels, ...(unit !== undefined && { unit }) }) as const;

const perSecond = 'messages per second';

/** Unknown has no series. Labels are all there are: there is no origin besides them; `job` is not to be used, Prometheus has it. */
export const serviceMetrics = {
  plimsoll_safe_max_tps: gauge(
    'Safe maximum in messages produced per second: low is the value to plan with, estimate is the most likely one, high is the upper end of the interval.',
    ['cluster', 'bound'],
    perSecond,
  ),
  plimsoll_safe_max_kind: gauge(
    '1 for the kind of the current verdict: confirmed, predicted, observed, at-least or unknown; limit-cause-unknown for an at-least above which throughput stopped growing.',
    ['cluster', 'kind'],
    '1',
  ),
  plimsoll_now_produce_tps: gauge(
    'Messages produced per second between the last two readings.',
    ['cluster'],
    perSecond,
  ),
  plimsoll_now_consume_tps: gauge(
    'Messages consumed per second between the last two readings.',
    ['cluster'],
    perSecond,
  ),
  plimsoll_now_age_seconds: gauge(
    'Age of the last reading of the load; also exported when the load has become too old and is absent.',
  ),
  plimsoll_headroom_ratio: gauge('1 - current load / safe maximum; negative above the safe maximum.'),
  plimsoll_cluster_state: gauge(
    '1 for the state of the cluster, 0 for the others: down, degraded, over, near, stale, unknown, ok.',
    ['cluster', 'state'],
    '1 or 0',
  ),
  plimsoll_cluster_near_limit: gauge(
    '1 if the load is above the share of the safe maximum that warns (service.thresholds.near), else 0, also while the cluster is degraded. No series while the load or the safe maximum is unknown.',
    ['cluster'],
    '1 or 0',
  ),
  plimsoll_cluster_brokers_answering: gauge(
    'Brokers that answered in the last successful reading; 0 while the cluster is down.',
    ['cluster'],
    'brokers',
  ),
  plimsoll_cluster_brokers_expected: gauge(
    'Brokers that were listed in the last six hours or have replicas.',
    ['cluster'],
    'brokers',
  ),
  plimsoll_maintenance_on: gauge(
    '1 during a configured maintenance window of the cluster, else 0; its alerts are then not sent.',
    ['cluster'],
    '1 or 0',
  ),
  plimsoll_cluster_console_info: gauge(
    '1 with the URL of the pages of the cluster, as configured (service.publicUrl); Grafana dashboards link there.',
    ['cluster', 'url'],
    '1',
  ),
  plimsoll_cluster_domain_info: gauge('1 for each business domain on the cluster.', ['cluster', 'domain'], '1'),
  plimsoll_binding_probability: gauge(
    'Probability that this is the bottleneck: a resource of a node, or an SLO (gc-pause, publish-latency, consumer-lag …) that a node or group violates.',
    ['cluster', 'resource', 'node'],
    'probability',
  ),
  plimsoll_without_one_tps: gauge(
    'Safe maximum at N-1, after losing the broker with the largest effect.',
    ['cluster', 'lost', 'id'],
    perSecond,
  ),
  plimsoll_without_one_headroom_ratio: gauge(
    '1 - current load / safe maximum at N-1, after losing the broker with the largest effect; negative if the cluster could not carry the load then.',
    ['cluster', 'lost', 'id'],
  ),
  plimsoll_forecast_peak_tps: gauge(
    'Highest forecast rate within the horizon, with its 80% interval (low, high).',
    ['cluster', 'bound'],
    perSecond,
  ),
  plimsoll_forecast_peak_timestamp_seconds: gauge('Time of the highest forecast rate.'),
  plimsoll_forecast_within_tps: gauge(
    'Highest forecast rate within the next 15m, 1h or 24h.',
    ['cluster', 'within', 'bound'],
    perSecond,
  ),
  plimsoll_forecast_age_seconds: gauge('Age of the forecast.'),
  plimsoll_time_to_limit_seconds: gauge(
    'Time until the median of the forecast reaches the safe maximum; no series if it does not, or if it is above a safe maximum that is only a lower bound.',
  ),
  plimsoll_action_gain_tps: gauge(
    'Headroom that a prepared action gains, in messages per second: low is certain, high is the best case. Only while the cluster is near or above its safe maximum, or is forecast to be; the page of the event day has the commands.',
    ['cluster', 'action', 'bound'],
    perSecond,
  ),
  plimsoll_verdict_age_seconds: gauge('Age of the current verdict.'),
  plimsoll_verdict_lasts_seconds: gauge('Configured maximum age of a verdict; older ones are stale.', []),
  plimsoll_verdict_drifted: gauge('Settings that have changed since the verdict.', ['cluster'], 'settings'),
  plimsoll_calibration_graded: gauge('Predictions compared with a later event.', ['cluster'], 'predictions'),
  plimsoll_calibration_held_ratio: gauge('Share of the graded predictions that were right.'),
  plimsoll_calibration_bias_ratio: gauge(
    'Mean of actual / forecast - 1 over the graded forecasts: positive if forecasts were too low.',
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
    'Restarts of a process in the last hour, from the log of its supervisor; no series if that is not readable.',
    ['process', 'cluster', 'host', 'role'],
    'restarts',
  ),
  plimsoll_promotion_on: gauge('1 during the promotion, else 0.', ['promotion'], '1 or 0'),
  plimsoll_promotion_start_timestamp_seconds: gauge('Start time of the promotion.', ['promotion']),
  plimsoll_promotion_end_timestamp_seconds: gauge('End time of the promotion.', ['promotion']),
  plimsoll_readings_bytes: gauge('Memory used by the recorded readings of the last 24 hours.', []),
  plimsoll_readings_limit_bytes: gauge('Maximum memory of recorded readings; readings beyond it are not recorded.', []),
  plimsoll_readings_left_out: gauge(
    'Brokers, consumer groups and topics without recorded readings: the least active ones beyond the limit per kind or of memory.',
    ['cluster', 'part'],
    'parts',
  ),
  plimsoll_leader: gauge(
    '1 if this instance runs the scheduled jobs, 0 if another one or none does, or if it is a configured standby.',
    [],
    '1 or 0',
  ),
  plimsoll_job_success: gauge(
    '1 if the last run of the job succeeded, else 0; no series before the end of its first run.',
    ['task', 'cluster'],
    '1 or 0',
  ),
  plimsoll_job_last_success_timestamp_seconds: gauge('Time of the last success of the job.', ['task', 'cluster']),
  plimsoll_job_duration_seconds: gauge('Duration of the last run of the job.', ['task', 'cluster']),
  plimsoll_history_writable: gauge(
    '1 if the last write to the history succeeded or none was tried, else 0.',
    [],
    '1 or 0',
  ),
  plimsoll_history_write_failures_total: {
    type: 'counter',
    unit: 'writes',
    help: 'Failed writes to the history.',
    labels: [],
  },
  plimsoll_history_used_bytes: gauge('Disk space used by the history and its indexes.', []),
  plimsoll_history_quota_bytes: gauge('Configured disk quota of the history; above 90% no forecasts are recorded.', []),
  plimsoll_history_entries: gauge('History entries.', ['kind'], 'entries'),
  plimsoll_history_last_entry_timestamp_seconds: gauge('Time of the newest history entry.', []),
} as const satisfies Record<string, MetricDefinition>;

export type ServiceMetric = keyof typeof serviceMetrics;
