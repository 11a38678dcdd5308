// Computes the metrics of the service from the state of the clusters; unknown values have no series.

import type { ClusterStatus, FleetStatus } from '../../core/documents/cluster-status.ts';
import { clusterStates } from '../../core/documents/cluster-status.ts';
import { instanceStates, isAsDesired, type InstanceStatus } from '../../core/documents/instances.ts';
import type { Limit } from '../../core/documents/analysis.ts';
import type { PreparedAction } from '../../core/documents/event-outlook.ts';
import { limitKindOf } from '../../core/documents/safe-tps.ts';
import type { Measurement } from '../../exporter/collector.ts';
import type { HistoryHealth } from '../history/watched-history.ts';
import type { JobState } from '../schedule/schedule.ts';
import { highestWithin, type KnownForecast } from '../status/forecast-ahead.ts';
import type { ReadingsReader } from '../readings/readings-reader.ts';
import { promotionAt, type PromotionWindow } from '../status/promotions.ts';
import { safeRateOf } from '../status/safe-rate.ts';
import type { ServiceMetric } from './service-metrics.ts';

export interface MeasuredService {
  fleet: FleetStatus;
  forecastOf(cluster: string): KnownForecast | undefined;
  /** Of a cluster that needs one soon; empty for others. */
  actionsOf(status: ClusterStatus): readonly PreparedAction[];
  /** In the order of time. */
  promotions: readonly PromotionWindow[];
  /** By cluster with a configured window: whether one is open. */
  maintenance: ReadonlyMap<string, boolean>;
  jobs: readonly JobState[];
  /** Whether this instance runs the scheduled jobs. */
  isLeader: boolean;
  history: Readonly<HistoryHealth>;
  readings: ReadingsReader;
  instances: readonly InstanceStatus[];
  verdictLastsSeconds: number;
  /** Where people reach the pages; absent where it is not configured. */
  publicUrl?: string;
}

const spans = { '15m': 900, '1h': 3600, '24h': 86_400 } as const;

export function* measureService(service: MeasuredService): Iterable<Measurement> {
  const { fleet, forecastOf, actionsOf, promotions, maintenance, jobs, history, verdictLastsSeconds, publicUrl } =
    service;
  const nowMs = Date.parse(fleet.at);
  for (const status of fleet.clusters) {
    yield* measureStatus(status, nowMs);
    if (publicUrl !== undefined) {
      yield one('plimsoll_cluster_console_info', [status.cluster, publicUrl.replace(/\/+$/, '')], 1);
    }
    for (const action of actionsOf(status)) {
      if (action.kind !== 'ready') continue;
      const { low, high } = action.gain;
      yield one('plimsoll_action_gain_tps', [status.cluster, action.lever, 'low'], low);
      yield one('plimsoll_action_gain_tps', [status.cluster, action.lever, 'high'], high);
    }
    for (const [part, count] of Object.entries(service.readings.of(status.cluster)?.leftOut ?? {})) {
      if (part !== 'cluster') yield one('plimsoll_readings_left_out', [status.cluster, part], count);
    }
    const forecast = forecastOf(status.cluster);
    if (forecast !== undefined) yield* measureForecast(status, forecast, nowMs);
  }
  for (const instance of service.instances) yield* measureInstance(instance);
  const { bytes, mostBytes } = service.readings.usage();
  yield one('plimsoll_readings_bytes', [], bytes);
  yield one('plimsoll_readings_limit_bytes', [], mostBytes);
  yield one('plimsoll_verdict_lasts_seconds', [], verdictLastsSeconds);
  for (const [name, times] of Map.groupBy(promotions, (each) => each.name)) {
    // A series has no year: it is of the time that is on or next, else of the last one.
    const shown = promotionAt(times, nowMs) ?? times.at(-1);
    if (shown === undefined) continue;
    const { fromMs, toMs } = shown;
    yield one('plimsoll_promotion_on', [name], Number(fromMs <= nowMs && nowMs < toMs));
    yield one('plimsoll_promotion_start_timestamp_seconds', [name], fromMs / 1000);
    yield one('plimsoll_promotion_end_timestamp_seconds', [name], toMs / 1000);
  }
  for (const [cluster, isOn] of maintenance) yield one('plimsoll_maintenance_on', [cluster], Number(isOn));
  for (const { name, cluster = '', lastEnd, lastSuccessAt } of jobs) {
    if (lastEnd !== undefined) {
      yield one('plimsoll_job_success', [name, cluster], Number(lastEnd.failure === undefined));
      yield one('plimsoll_job_duration_seconds', [name, cluster], lastEnd.durationSeconds);
    }
    if (lastSuccessAt !== undefined) {
      yield one('plimsoll_job_last_success_timestamp_seconds', [name, cluster], lastSuccessAt.getTime() / 1000);
    }
  }
  yield one('plimsoll_leader', [], Number(service.isLeader));
  yield one('plimsoll_history_writable', [], Number(history.isWritable));
  yield one('plimsoll_history_write_failures_total', [], history.failures);
  if (history.usage !== undefined) {
    const { usedBytes, quotaBytes, entries } = history.usage;
    yield one('plimsoll_history_used_bytes', [], usedBytes);
    if (quotaBytes !== undefined) yield one('plimsoll_history_quota_bytes', [], quotaBytes);
    for (const [kind, count] of entries) yield one('plimsoll_history_entries', [kind], count);
  }
  if (history.lastEntryAt !== undefined) {
    yield one('plimsoll_history_last_entry_timestamp_seconds', [], history.lastEntryAt.getTime() / 1000);
  }
}

const one = (metric: ServiceMetric, labels: readonly string[], value: number): Measurement => ({
  metric,
  labels,
  value,
});

/** Processes that are not in instances.yaml have no name that stays. */
function* measureInstance(instance: InstanceStatus): Iterable<Measurement> {
  const { name, cluster, host, role, state, desired, restartsLastHour } = instance;
  if (cluster === undefined || desired === undefined) return;
  const labels = [name, cluster, host, role];
  for (const each of instanceStates)
    yield one('plimsoll_cluster_process_state', [...labels, each], Number(each === state));
  yield one('plimsoll_cluster_process_as_desired', labels, Number(isAsDesired(instance)));
  if (restartsLastHour !== undefined)
    yield one('plimsoll_cluster_process_restarts_last_hour', labels, restartsLastHour);
}

function* measureStatus(status: ClusterStatus, nowMs: number): Iterable<Measurement> {
  const {
    cluster,
    domains,
    state,
    loadState,
    safeMaxTps,
    verdict,
    binding = [],
    now,
    noDataSince,
    headroom,
    trust,
  } = status;
  for (const each of clusterStates) yield one('plimsoll_cluster_state', [cluster, each], Number(each === state));
  if (loadState !== undefined) yield one('plimsoll_cluster_near_limit', [cluster], Number(loadState !== 'ok'));
  if (status.brokers !== undefined) yield one('plimsoll_cluster_brokers_answering', [cluster], status.brokers);
  if (status.brokersExpected !== undefined) {
    yield one('plimsoll_cluster_brokers_expected', [cluster], status.brokersExpected);
  }
  for (const domain of domains) yield one('plimsoll_cluster_domain_info', [cluster, domain], 1);
  if (safeMaxTps !== undefined) {
    yield one('plimsoll_safe_max_kind', [cluster, limitKindOf(safeMaxTps)], 1);
    const { low, estimate, high } = safeRateOf(safeMaxTps) ?? {};
    for (const [bound, value] of Object.entries({ low, estimate, high })) {
      if (value !== undefined) yield one('plimsoll_safe_max_tps', [cluster, bound], value);
    }
  }
  if (verdict !== undefined) {
    yield one('plimsoll_verdict_age_seconds', [cluster], verdict.ageSeconds);
    yield one('plimsoll_verdict_drifted', [cluster], verdict.drifted.length);
  }
  for (const { limitedBy, probability } of binding) {
    yield one('plimsoll_binding_probability', [cluster, ...placeOf(limitedBy)], probability);
  }
  if (now !== undefined) {
    yield one('plimsoll_now_produce_tps', [cluster], now.produceTps);
    if (now.consumeTps !== undefined) yield one('plimsoll_now_consume_tps', [cluster], now.consumeTps);
  }
  const readAt = now?.at ?? noDataSince;
  if (readAt !== undefined) {
    yield one('plimsoll_now_age_seconds', [cluster], Math.max(0, (nowMs - Date.parse(readAt)) / 1000));
  }
  if (headroom !== undefined) yield one('plimsoll_headroom_ratio', [cluster], headroom);
  if (status.withoutOne !== undefined) {
    const { lost, id, tps, headroom: after } = status.withoutOne;
    yield one('plimsoll_without_one_tps', [cluster, lost, id], tps);
    if (after !== undefined) yield one('plimsoll_without_one_headroom_ratio', [cluster, lost, id], after);
  }
  if (trust !== undefined) {
    yield one('plimsoll_calibration_graded', [cluster], trust.graded);
    yield one('plimsoll_calibration_held_ratio', [cluster], trust.held / trust.graded);
    if (trust.bias !== undefined) yield one('plimsoll_calibration_bias_ratio', [cluster], trust.bias);
  }
}

function placeOf(limit: Limit): [resource: string, node: string] {
  const what = 'resource' in limit ? limit.resource : limit.slo;
  return [what, 'node' in limit ? limit.node : limit.group];
}

function* measureForecast(
  { cluster, forecast }: ClusterStatus,
  known: KnownForecast,
  nowMs: number,
): Iterable<Measurement> {
  yield one('plimsoll_forecast_age_seconds', [cluster], Math.max(0, (nowMs - known.madeAtMs) / 1000));
  // A forecast past its horizon has no values; its age shows that.
  if (forecast === undefined) return;
  const { peak, secondsToLimit } = forecast;
  yield* bounds('plimsoll_forecast_peak_tps', [cluster], peak);
  yield one('plimsoll_forecast_peak_timestamp_seconds', [cluster], Date.parse(peak.at) / 1000);
  for (const [within, seconds] of Object.entries(spans)) {
    const highest = highestWithin(known.forecast, nowMs, nowMs + seconds * 1000);
    if (highest !== undefined) yield* bounds('plimsoll_forecast_within_tps', [cluster, within], highest);
  }
  if (secondsToLimit !== undefined) yield one('plimsoll_time_to_limit_seconds', [cluster], secondsToLimit);
}

function* bounds(
  metric: ServiceMetric,
  labels: readonly string[],
  { tps, low, high }: { tps: number; low?: number | undefined; high?: number | undefined },
): Iterable<Measurement> {
  if (low !== undefined) yield one(metric, [...labels, 'low'], low);
  yield one(metric, [...labels, 'estimate'], tps);
  if (high !== undefined) yield one(metric, [...labels, 'high'], high);
}
