// Computes and renders the service metrics from the state of the clusters; unknown values have no series.

import { clusterStates, type ClusterStatus, type FleetStatus } from '../../core/documents/cluster-status.ts';
import { instanceStates, isAsDesired, type InstanceStatus } from '../../core/documents/instances.ts';
import type { Limit } from '../../core/documents/analysis.ts';
import type { PreparedAction } from '../../core/documents/event-outlook.ts';
import { limitKindOf } from '../../core/documents/safe-tps.ts';
import { known, type Measurement } from '../../exporter/collector.ts';
import { renderLines } from '../../exporter/exposition/render-lines.ts';
import { countSeries } from '../../exporter/exposition/series-count.ts';
import type { FamilySource } from '../../exporter/prom-client-families.ts';
import type { HistoryHealth } from '../history/watched-history.ts';
import type { JobState } from '../schedule/schedule.ts';
import { highestWithin, type KnownForecast } from '../status/forecast-ahead.ts';
import type { ReadingsReader } from '../readings/readings-reader.ts';
import { promotionAt, type PromotionWindow } from '../status/promotions.ts';
import { safeRateOf } from '../status/safe-rate.ts';
import { serviceMetrics, type ServiceMetric } from './service-metrics.ts';

export interface MeasuredService {
  fleet: FleetStatus;
  forecastOf(cluster: string): KnownForecast | undefined;
  /** Actions for a cluster that needs one soon; empty for others. */
  actionsOf(status: ClusterStatus): readonly PreparedAction[];
  /** In chronological order. */
  promotions: readonly PromotionWindow[];
  /** Whether a maintenance window is open, by cluster with a configured window. */
  maintenance: ReadonlyMap<string, boolean>;
  jobs: readonly JobState[];
  /** Whether this instance runs the scheduled jobs. */
  isLeader: boolean;
  history: Readonly<HistoryHealth>;
  readings: ReadingsReader;
  instances: readonly InstanceStatus[];
  verdictLastsSeconds: number;
  /** Address of the pages; absent if not configured. */
  publicUrl?: string;
}

/** @param state state at the time of a scrape */
export function serviceFamilies(state: () => MeasuredService): FamilySource {
  return async () => {
    const unlimited = { origin: { names: [], values: [] }, shed: new Set<never>(), count: countSeries(Infinity) };
    const lines = await renderLines(serviceMetrics, measureService(state()), unlimited);
    return { definitions: serviceMetrics, lines: lines ?? new Map() };
  };
}

const spans = { '15m': 900, '1h': 3600, '24h': 86_400 } as const;

export function* measureService(service: MeasuredService): Iterable<Measurement> {
  const { fleet, promotions, history, publicUrl } = service;
  const nowMs = Date.parse(fleet.at);
  for (const status of fleet.clusters) {
    const { cluster } = status;
    yield* measureStatus(status, nowMs);
    if (publicUrl !== undefined) {
      yield* one('plimsoll_cluster_console_info', [cluster, publicUrl.replace(/\/+$/, '')], 1);
    }
    for (const action of service.actionsOf(status)) {
      if (action.kind === 'ready') yield* bounds('plimsoll_action_gain_tps', [cluster, action.lever], action.gain);
    }
    for (const [part, count] of Object.entries(service.readings.of(cluster)?.leftOut ?? {})) {
      if (part !== 'cluster') yield* one('plimsoll_readings_left_out', [cluster, part], count);
    }
    const forecast = service.forecastOf(cluster);
    if (forecast !== undefined) yield* measureForecast(status, forecast, nowMs);
  }
  for (const instance of service.instances) yield* measureInstance(instance);
  const { bytes, mostBytes } = service.readings.usage();
  yield* one('plimsoll_readings_bytes', [], bytes);
  yield* one('plimsoll_readings_limit_bytes', [], mostBytes);
  yield* one('plimsoll_verdict_lasts_seconds', [], service.verdictLastsSeconds);
  for (const [name, times] of Map.groupBy(promotions, (each) => each.name)) {
    // A series does not identify the year, so it shows the current or next occurrence, otherwise the last one.
    const shown = promotionAt(times, nowMs) ?? times.at(-1);
    if (shown === undefined) continue;
    const { fromMs, toMs } = shown;
    yield* one('plimsoll_promotion_on', [name], Number(fromMs <= nowMs && nowMs < toMs));
    yield* one('plimsoll_promotion_start_timestamp_seconds', [name], fromMs / 1000);
    yield* one('plimsoll_promotion_end_timestamp_seconds', [name], toMs / 1000);
  }
  for (const [cluster, isOn] of service.maintenance) yield* one('plimsoll_maintenance_on', [cluster], Number(isOn));
  for (const { name, cluster = '', lastEnd, lastSuccessAt } of service.jobs) {
    if (lastEnd !== undefined) {
      yield* one('plimsoll_job_success', [name, cluster], Number(lastEnd.failure === undefined));
      yield* one('plimsoll_job_duration_seconds', [name, cluster], lastEnd.durationSeconds);
    }
    yield* one('plimsoll_job_last_success_timestamp_seconds', [name, cluster], secondsOf(lastSuccessAt));
  }
  yield* one('plimsoll_leader', [], Number(service.isLeader));
  yield* one('plimsoll_history_writable', [], Number(history.isWritable));
  yield* one('plimsoll_history_write_failures_total', [], history.failures);
  yield* one('plimsoll_history_used_bytes', [], history.usage?.usedBytes);
  yield* one('plimsoll_history_quota_bytes', [], history.usage?.quotaBytes);
  for (const [kind, count] of history.usage?.entries ?? []) yield* one('plimsoll_history_entries', [kind], count);
  yield* one('plimsoll_history_last_entry_timestamp_seconds', [], secondsOf(history.lastEntryAt));
}

const one = (metric: ServiceMetric, labels: readonly string[], value: number | undefined) =>
  known(metric, labels, value);

const secondsOf = (at: Date | undefined) => at && at.getTime() / 1000;

/** Skips processes that are not in instances.yaml, because their names are not stable. */
function* measureInstance(instance: InstanceStatus): Iterable<Measurement> {
  const { name, cluster, host, role, state, desired, restartsLastHour } = instance;
  if (cluster === undefined || desired === undefined) return;
  const labels = [name, cluster, host, role];
  for (const each of instanceStates)
    yield* one('plimsoll_cluster_process_state', [...labels, each], Number(each === state));
  yield* one('plimsoll_cluster_process_as_desired', labels, Number(isAsDesired(instance)));
  yield* one('plimsoll_cluster_process_restarts_last_hour', labels, restartsLastHour);
}

function* measureStatus(status: ClusterStatus, nowMs: number): Iterable<Measurement> {
  const { cluster, state, loadState, safeMaxTps, verdict, now, withoutOne, trust } = status;
  for (const each of clusterStates) yield* one('plimsoll_cluster_state', [cluster, each], Number(each === state));
  if (loadState !== undefined) yield* one('plimsoll_cluster_near_limit', [cluster], Number(loadState !== 'ok'));
  yield* one('plimsoll_cluster_brokers_answering', [cluster], status.brokers);
  yield* one('plimsoll_cluster_brokers_expected', [cluster], status.brokersExpected);
  for (const domain of status.domains) yield* one('plimsoll_cluster_domain_info', [cluster, domain], 1);
  if (safeMaxTps !== undefined) {
    yield* one('plimsoll_safe_max_kind', [cluster, limitKindOf(safeMaxTps)], 1);
    yield* bounds('plimsoll_safe_max_tps', [cluster], safeRateOf(safeMaxTps) ?? {});
  }
  yield* one('plimsoll_verdict_age_seconds', [cluster], verdict?.ageSeconds);
  yield* one('plimsoll_verdict_drifted', [cluster], verdict?.drifted.length);
  for (const { limitedBy, probability } of status.binding ?? []) {
    yield* one('plimsoll_binding_probability', [cluster, ...placeOf(limitedBy)], probability);
  }
  yield* one('plimsoll_now_produce_tps', [cluster], now?.produceTps);
  yield* one('plimsoll_now_consume_tps', [cluster], now?.consumeTps);
  const readAt = now?.at ?? status.noDataSince;
  if (readAt !== undefined) yield* one('plimsoll_now_age_seconds', [cluster], ageAt(nowMs, Date.parse(readAt)));
  yield* one('plimsoll_headroom_ratio', [cluster], status.headroom);
  if (withoutOne !== undefined) {
    const { lost, id, tps, headroom } = withoutOne;
    yield* one('plimsoll_without_one_tps', [cluster, lost, id], tps);
    yield* one('plimsoll_without_one_headroom_ratio', [cluster, lost, id], headroom);
  }
  yield* one('plimsoll_calibration_graded', [cluster], trust?.graded);
  yield* one('plimsoll_calibration_held_ratio', [cluster], trust && trust.held / trust.graded);
  yield* one('plimsoll_calibration_bias_ratio', [cluster], trust?.bias);
}

function placeOf(limit: Limit): [resource: string, node: string] {
  const what = 'resource' in limit ? limit.resource : limit.slo;
  return [what, 'node' in limit ? limit.node : limit.group];
}

function* measureForecast(
  { cluster, forecast }: ClusterStatus,
  made: KnownForecast,
  nowMs: number,
): Iterable<Measurement> {
  yield* one('plimsoll_forecast_age_seconds', [cluster], ageAt(nowMs, made.madeAtMs));
  // A forecast past its horizon has no values; its age shows that.
  if (forecast === undefined) return;
  const { peak, secondsToLimit } = forecast;
  yield* bounds('plimsoll_forecast_peak_tps', [cluster], { ...peak, estimate: peak.tps });
  yield* one('plimsoll_forecast_peak_timestamp_seconds', [cluster], Date.parse(peak.at) / 1000);
  for (const [within, seconds] of Object.entries(spans)) {
    const highest = highestWithin(made.forecast, nowMs, nowMs + seconds * 1000);
    if (highest === undefined) continue;
    yield* bounds('plimsoll_forecast_within_tps', [cluster, within], { ...highest, estimate: highest.tps });
  }
  yield* one('plimsoll_time_to_limit_seconds', [cluster], secondsToLimit);
}

const ageAt = (nowMs: number, atMs: number) => Math.max(0, (nowMs - atMs) / 1000);

function* bounds(
  metric: ServiceMetric,
  labels: readonly string[],
  { low, estimate, high }: { low?: number | undefined; estimate?: number | undefined; high?: number | undefined },
): Iterable<Measurement> {
  for (const [bound, value] of Object.entries({ low, estimate, high })) yield* one(metric, [...labels, bound], value);
}
