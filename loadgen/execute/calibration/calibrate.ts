// Measures the load generator's own latency and maximum rate for a workload against a null broker.

import { type Clock, seconds } from '../../../core/clock.ts';
import type { Calibration } from '../../../core/documents/generator-calibration.ts';
import { messagesPerSecond } from '../../../core/units.ts';
import { startNullBroker } from '../null-broker/start-null-broker.ts';
import type { RunPlan } from '../../plan/plan.ts';
import { proxyAddressOf } from '../../plan/workload/proxy-fit.ts';
import type { Segment } from '../../plan/profiles/profile.ts';
import { defaultPartitions, type RunTopic } from '../topic.ts';
import type { StartThread } from '../workers/traffic-thread.ts';
import type { JournalLine } from '../../../core/documents/run-bundle.ts';
import { getOrMake } from '../../../core/get-or-make.ts';
import { defined } from '../../../core/defined.ts';
import { createConductor, reportDelaySeconds } from '../conductor.ts';
import { createLatencySum, type LatencyPercentiles } from '../../../core/statistics/latency-sum.ts';
import { awaitedElsewhere } from '../../../core/errors.ts';
import { chooseOrigin, createRunClock } from '../run-clock.ts';
import { createRunProgressSum } from '../../record/run-progress-sum.ts';
import { openThreads } from '../threads.ts';

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

export interface DrivenFigures {
  /** Acknowledged messages, and the time in seconds over which they are summed. */
  messages: number;
  seconds: number;
  failedSends: number;
  /**
   * Times from sent to acknowledged, from intended to acknowledged, and from planned to sent; each absent if nothing
   * was measured.
   */
  service?: LatencyPercentiles;
  latency?: LatencyPercentiles;
  sendDelay?: LatencyPercentiles;
  /** Load of the busiest worker: CPU seconds per second of its thread, and share of time its event loop was busy. */
  workerCpu: number;
  eventLoopUtilisation: number;
}

type ProducedLine = Extract<JournalLine, { kind: 'produced' }>;

/** Time for all threads to receive the origin, which takes milliseconds. */
const leadSeconds = 0.2;

/** @param brokers determines how many requests may be unanswered @throws AppError from the broker */
export async function openBareLoad(
  plan: RunPlan,
  { names, partitions }: Pick<RunTopic, 'names' | 'partitions'>,
  brokers: number,
  startThread: StartThread,
  io: { signal: AbortSignal },
) {
  const topic = { names, partitions, replicationFactor: 1, own: names, async [Symbol.asyncDispose]() {} };
  await using opening = new AsyncDisposableStack();
  const threads = opening.use(await openThreads({ ...plan, groups: [] }, topic, brokers, startThread, io));
  const origin = chooseOrigin(leadSeconds);
  const clock = createRunClock(origin);
  const lines: ProducedLine[] = [];
  threads.onLines((reported) => lines.push(...reported.filter((line) => line.kind === 'produced')));
  const sum = createRunProgressSum([]);
  const conductor = createConductor({ threads, clock, fromSeconds: 0, sum, record: () => {} });
  const lost = Promise.race(threads.producers.map(({ done }) => done)).then(() =>
    Promise.reject(new Error('it ended')),
  );
  lost.catch(awaitedElsewhere);
  threads.tellAll({ kind: 'start', origin });
  const stack = opening.move();

  async function drive(segment: Segment, warmUpSeconds: number, { signal }: { signal: AbortSignal }) {
    lines.length = 0;
    const warmUp = warmUpSeconds > 0 ? [{ ...segment, duration: seconds(warmUpSeconds) }] : [];
    const start = conductor.extend([...warmUp, segment]) + warmUpSeconds;
    const end = start + segment.duration;
    await clock.sleepUntil(end + reportDelaySeconds, { signal });
    conductor.cut();
    await conductor.finished({ signal });
    return figuresOf(lines.filter((line) => isOf(line, start, end)));
  }

  return {
    /**
     * Sends the load of a segment, first as a warm-up and then to measure; messages unsent at the end are dropped.
     * @throws the signal's reason
     */
    drive: (segment: Segment, warmUpSeconds: number, given: { signal: AbortSignal }): Promise<DrivenFigures> =>
      Promise.race([drive(segment, warmUpSeconds, given), lost]),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** A shorter overlap counts as rounding: the interval belongs to the phase before or after. */
const leastSeconds = 0.1;

/** Ignores reports that barely overlap: on a busy machine a report comes late and includes some of the warm-up. */
function isOf({ elapsedSeconds, intervalSeconds }: ProducedLine, start: number, end: number): boolean {
  const within = Math.min(elapsedSeconds, end) - Math.max(elapsedSeconds - intervalSeconds, start);
  return within > leastSeconds;
}

export function figuresOf(lines: readonly ProducedLine[]): DrivenFigures {
  const [service, latency, sendDelay] = [createLatencySum(), createLatencySum(), createLatencySum()];
  const workers = new Map<string, { seconds: number; cpu: number; busy: number }>();
  let messages = 0;
  let failedSends = 0;
  for (const line of lines) {
    const { worker, intervalSeconds } = line;
    const thread = getOrMake(workers, worker, () => ({ seconds: 0, cpu: 0, busy: 0 }));
    thread.seconds += intervalSeconds;
    thread.cpu += line.cpuSeconds;
    thread.busy += line.eventLoopUtilisation * intervalSeconds;
    messages += line.acknowledged;
    failedSends += line.failed;
    if (line.service !== undefined) service.add(line.service);
    latency.add(line.latency);
    sendDelay.add(line.sendDelay);
  }
  const each = [...workers.values()];
  const most = (of: (worker: (typeof each)[number]) => number) =>
    Math.max(0, ...each.map((one) => of(one) / one.seconds));
  return {
    messages,
    seconds: each.reduce((sum, one) => sum + one.seconds, 0) / Math.max(1, each.length),
    failedSends,
    ...defined({
      service: service.percentiles(),
      latency: latency.percentiles(),
      sendDelay: sendDelay.percentiles(),
    }),
    workerCpu: most(({ cpu }) => cpu),
    eventLoopUtilisation: most(({ busy }) => busy),
  };
}
