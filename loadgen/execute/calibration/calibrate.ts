// Measures the load generator's own latency and maximum rate for a workload against a null broker.

import { type Clock, seconds } from '../../../core/clock.ts';
import type { Calibration } from '../../../core/documents/generator-calibration.ts';
import { messagesPerSecond } from '../../../core/units.ts';
import { startNullBroker } from '../null-broker/start-null-broker.ts';
import type { RunPlan } from '../../plan/plan.ts';
import { proxyAddressOf } from '../../plan/workload/proxy-fit.ts';
import type { Segment } from '../../plan/profiles/profile.ts';
import { defaultPartitions } from '../topic.ts';
import type { StartThread } from '../workers/traffic-thread.ts';
import { type DrivenFigures, openBareLoad } from './bare-load.ts';

interface CalibrationTools {
  /** Brokers of the real cluster; determines how many requests may be unanswered. */
  brokers: number;
  /** First rate of a search. */
  startTps?: number;
  startThread: StartThread;
  clock: Clock;
}

/** Above the rate of any worker, so that workers send as fast as they can. */
const flatOutTps = messagesPerSecond(20_000_000);
/** The first warm-up also serves the floors: V8 compiles the send path during it. */
const [ceilingWarmUpSeconds, ceilingSeconds] = [1, seconds(1)];
const [floorWarmUpSeconds, floorSeconds] = [0.2, seconds(0.8)];
const mostFloors = 3;
/** Floors are measured at rates low enough that the generator itself has no queue. */
const highestFloorShare = 0.7;

/**
 * Acks none has no responses to measure, and a null broker commits no transactions.
 * @returns undefined if calibration is possible
 */
export function whyNotCalibrated({ workload, cluster }: Pick<RunPlan, 'workload' | 'cluster'>): string | undefined {
  if (proxyAddressOf(cluster.config) !== undefined) return 'calibration is not possible through a proxy';
  if (workload.transactions === undefined && workload.acks !== 'none') return undefined;
  return 'acks none and transactions have no response to measure';
}

/**
 * Takes about six seconds; nothing is sent to the cluster.
 * @throws AppError run-failed if the null broker does not start
 */
export async function calibrate(
  plan: RunPlan,
  { brokers, startTps, startThread, clock }: CalibrationTools,
  io: { signal: AbortSignal },
): Promise<Calibration> {
  const partitions = plan.topic.partitions ?? defaultPartitions;
  using nullBroker = await startNullBroker(plan.cluster.broker, partitions, io);
  const { client } = plan.cluster.config as { client?: unknown };
  const config = { ...(nullBroker.config as object), ...(client !== undefined && { client }) };
  const calibrated = { ...plan, cluster: { ...plan.cluster, config } };
  await using load = await openBareLoad(calibrated, { names: plan.topic.names, partitions }, brokers, startThread, io);

  const lanes = lanesOf(plan);
  const most = Math.max(0, ...lanes);
  const flatOut: Segment =
    most > 0
      ? { kind: 'lanes', lanes: most, duration: ceilingSeconds }
      : { kind: 'rate', from: flatOutTps, to: flatOutTps, duration: ceilingSeconds };
  const highest = await load.drive(flatOut, ceilingWarmUpSeconds, io);
  const ceilingTps = rateOf(highest);
  const floors: Calibration['floors'] = [];
  for (const open of spread(lanes)) {
    const figures = await load.drive({ kind: 'lanes', lanes: open, duration: floorSeconds }, floorWarmUpSeconds, io);
    floors.push({ lanes: open, ...floorOf(figures) });
  }
  const rates = plan.search === undefined ? ratesOf(plan) : searchedRates(startTps ?? 1000, ceilingTps);
  for (const rate of spread(rates.map((each) => Math.min(each, highestFloorShare * ceilingTps)))) {
    const from = messagesPerSecond(rate);
    const figures = await load.drive({ kind: 'rate', from, to: from, duration: floorSeconds }, floorWarmUpSeconds, io);
    floors.push({ targetTps: rate, ...floorOf(figures) });
  }
  return {
    measuredAt: clock.now().toISOString(),
    floors: floors.filter(({ achievedTps }) => achievedTps > 0),
    ceiling: {
      tps: ceilingTps,
      workerCpu: highest.workerCpu,
      eventLoopUtilisation: highest.eventLoopUtilisation,
    },
  };
}

const rateOf = ({ messages, seconds: took }: DrivenFigures) => (took > 0 ? messages / took : 0);

const floorOf = (figures: DrivenFigures) => ({
  achievedTps: rateOf(figures),
  serviceSeconds: { p50: figures.service?.p50 ?? 0, p99: figures.service?.p99 ?? 0 },
  workerCpu: figures.workerCpu,
  eventLoopUtilisation: figures.eventLoopUtilisation,
});

const lanesOf = ({ segments }: RunPlan) =>
  segments.flatMap((segment) => (segment.kind === 'lanes' ? [segment.lanes] : []));

const ratesOf = ({ steps }: RunPlan) =>
  steps.flatMap(({ targetTps }) => (targetTps !== undefined && targetTps > 0 ? [targetTps] : []));

/** A search starts at its first rate and may reach the generator's limit. */
const searchedRates = (start: number, ceiling: number) => {
  const top = Math.max(start, highestFloorShare * ceiling);
  return [start, Math.sqrt(start * top), top];
};

/** @returns at most three loads: the lowest, the highest and one between */
export function spread(loads: readonly number[]): number[] {
  const rising = [...new Set(loads)].toSorted((a, b) => a - b);
  if (rising.length <= mostFloors) return rising;
  return [0, Math.floor(rising.length / 2), rising.length - 1].map((index) => rising[index] ?? 0);
}
