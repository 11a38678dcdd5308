// Defines the metrics of the service, the source of docs/reference/metrics.md.

import { labelled } from '../../exporter/collector.ts';

const { gauge, flag } = labelled('cluster');
const ofService = labelled();
const perProcess = labelled('process', 'cluster', 'host', 'role');
const perJob = labelled('task', 'cluster');
const perPromotion = labelled('promotion');

const perSecond = 'messages per second';

/**
 * Unknown values have no series. Labels must be unambiguous, because no origin labels are added; `job` is reserved by
 * Prometheus.
 */
export const serviceMetrics = {
  plimsoll_safe_max_tps: labelled('cluster', 'bound').gauge(
    'Safe maximum in messages produced per second: low is the value to plan with, estimate is the most likely one, high is the upper end of the interval.',
    perSecond,
  ),
  plimsoll_safe_max_kind: labelled('cluster', 'kind').gauge(
    '1 for the kind of the current verdict: confirmed, predicted, observed, at-least or unknown; limit-cause-unknown for an at-least above which throughput stopped growing.',
    '1',
  ),
  plimsoll_now_produce_tps: gauge('Messages produced per second between the last two readings.', perSecond),
  plimsoll_now_consume_tps: gauge('Messages consumed per second between the last two readings.', perSecond),
  plimsoll_now_age_seconds: gauge(
    'Age of the last reading of the load; also exported when the load has become too old and is absent.',
  ),
  plimsoll_headroom_ratio: gauge('1 - current load / safe maximum; negative above the safe maximum.'),
  plimsoll_cluster_state: labelled('cluster', 'state').flag(
    '1 for the state of the cluster, 0 for the others: down, degraded, over, near, stale, unknown, ok.',
  ),
  plimsoll_cluster_near_limit: flag(
    '1 if the load is above the share of the safe maximum that warns (service.thresholds.near), else 0, also while the cluster is degraded. No series while the load or the safe maximum is unknown.',
  ),
  plimsoll_cluster_brokers_answering: gauge(
    'Brokers that answered in the last successful reading; 0 while the cluster is down.',
    'brokers',
  ),
  plimsoll_cluster_brokers_expected: gauge(
    'Brokers listed or holding replicas (RocketMQ: listed in the last six hours).',
    'brokers',
  ),
  plimsoll_maintenance_on: flag(
    '1 during a configured maintenance window of the cluster, else 0; its alerts are then not sent.',
  ),
  plimsoll_cluster_console_info: labelled('cluster', 'url').gauge(
    '1 with the URL of the pages of the cluster, as configured (service.publicUrl); Grafana dashboards link there.',
    '1',
  ),
  plimsoll_cluster_domain_info: labelled('cluster', 'domain').gauge('1 for each business domain on the cluster.', '1'),
  plimsoll_binding_probability: labelled('cluster', 'resource', 'node').gauge(
    'Probability that this is the bottleneck: a resource of a node, or an SLO (gc-pause, publish-latency, consumer-lag …) that a node or group violates.',
    'probability',
  ),
  plimsoll_without_one_tps: labelled('cluster', 'lost', 'id').gauge(
    'Safe maximum at N-1, after losing the broker with the largest effect.',
    perSecond,
  ),
  plimsoll_without_one_headroom_ratio: labelled('cluster', 'lost', 'id').gauge(
    '1 - current load / safe maximum at N-1, after losing the broker with the largest effect; negative if the cluster could not carry the load then.',
  ),
  plimsoll_forecast_peak_tps: labelled('cluster', 'bound').gauge(
    'Highest forecast rate within the horizon, with its 80% interval (low, high).',
    perSecond,
  ),
  plimsoll_forecast_peak_timestamp_seconds: gauge('Time of the highest forecast rate.'),
  plimsoll_forecast_within_tps: labelled('cluster', 'within', 'bound').gauge(
    'Highest forecast rate within the next 15m, 1h or 24h.',
    perSecond,
  ),
  plimsoll_forecast_age_seconds: gauge('Age of the forecast.'),
  plimsoll_time_to_limit_seconds: gauge(
    'Time until the median of the forecast reaches the safe maximum; no series if it does not, or if it is above a safe maximum that is only a lower bound.',
  ),
  plimsoll_action_gain_tps: labelled('cluster', 'action', 'bound').gauge(
    'Headroom that a prepared action gains, in messages per second: low is certain, high is the best case. Only while the cluster is near or above its safe maximum, or is forecast to be; the page of the event day has the commands.',
    perSecond,
  ),
  plimsoll_verdict_age_seconds: gauge('Age of the current verdict.'),
  plimsoll_verdict_lasts_seconds: ofService.gauge('Configured maximum age of a verdict; older ones are stale.'),
  plimsoll_verdict_drifted: gauge('Settings that have changed since the verdict.', 'settings'),
  plimsoll_calibration_graded: gauge('Predictions compared with a later event.', 'predictions'),
  plimsoll_calibration_held_ratio: gauge('Share of the graded predictions that were right.'),
  plimsoll_calibration_bias_ratio: gauge(
    'Mean of actual / forecast - 1 over the graded forecasts: positive if forecasts were too low.',
  ),
  plimsoll_cluster_process_state: labelled('process', 'cluster', 'host', 'role', 'state').flag(
    '1 for the state of a process of instances.yaml, 0 for the others: running, starting, stopping, stopped, crash-loop, failed, unknown. No series while the hosts are not read.',
  ),
  plimsoll_cluster_process_as_desired: perProcess.flag(
    '1 if a process is in the state that instances.yaml names, else 0.',
  ),
  plimsoll_cluster_process_restarts_last_hour: perProcess.gauge(
    'Restarts of a process in the last hour, from the log of its supervisor; no series if that is not readable.',
    'restarts',
  ),
  plimsoll_promotion_on: perPromotion.flag('1 during the promotion, else 0.'),
  plimsoll_promotion_start_timestamp_seconds: perPromotion.gauge('Start time of the promotion.'),
  plimsoll_promotion_end_timestamp_seconds: perPromotion.gauge('End time of the promotion.'),
  plimsoll_readings_bytes: ofService.gauge('Memory used by the recorded readings of the last 24 hours.'),
  plimsoll_readings_limit_bytes: ofService.gauge(
    'Maximum memory of recorded readings; readings beyond it are not recorded.',
  ),
  plimsoll_readings_left_out: labelled('cluster', 'part').gauge(
    'Brokers, consumer groups and topics without recorded readings: the least active ones beyond the limit per kind or of memory.',
    'parts',
  ),
  plimsoll_leader: ofService.flag(
    '1 if this instance runs the scheduled jobs, 0 if another one or none does, or if it is a configured standby.',
  ),
  plimsoll_job_success: perJob.flag(
    '1 if the last run of the job succeeded, else 0; no series before the end of its first run.',
  ),
  plimsoll_job_last_success_timestamp_seconds: perJob.gauge('Time of the last success of the job.'),
  plimsoll_job_duration_seconds: perJob.gauge('Duration of the last run of the job.'),
  plimsoll_history_writable: ofService.flag('1 if the last write to the history succeeded or none was tried, else 0.'),
  plimsoll_history_write_failures_total: ofService.counter('Failed writes to the history.', 'writes'),
  plimsoll_history_used_bytes: ofService.gauge('Disk space used by the history and its indexes.'),
  plimsoll_history_quota_bytes: ofService.gauge(
    'Configured disk quota of the history; above 90% no forecasts are recorded.',
  ),
  plimsoll_history_entries: labelled('kind').gauge('History entries.', 'entries'),
  plimsoll_history_last_entry_timestamp_seconds: ofService.gauge('Time of the newest history entry.'),
};

export type ServiceMetric = keyof typeof serviceMetrics;
