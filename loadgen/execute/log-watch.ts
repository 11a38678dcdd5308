// Reads the log offsets of the run's partitions and how many delayed messages the brokers have not delivered yet.

import type { ClusterInspector, Io } from '../../brokers/driver.ts';
import { scheduleTopic, withUndeliveredLevels } from '../../brokers/rocketmq/delay-levels.ts';
import { untilAborted } from '../../core/clock.ts';
import { type LogOffsets, numberLogs } from '../delivery/log-offsets.ts';
import type { RunClock } from './run-clock.ts';
import type { Workload } from '../plan/workload.ts';
import type { RunProgress } from '../record/progress.ts';
import type { RocketmqBroker } from '../../brokers/rocketmq/details.ts';
import { parseRuntimeInfo } from '../../brokers/rocketmq/runtime-info.ts';
import type { PartitionOffsets } from '../../core/cluster.ts';

export interface LogsSeen {
  places: LogOffsets;
  /**
   * Delayed messages of any producer, read before the log ends; absent without a delay, or if a broker did not report
   * it.
   */
  keptBack?: number;
}

/** A broker that does not respond within this time is excluded from the comparison. */
const deadlineMilliseconds = 10_000;

/**
 * @param open opens a new inspector for each reading: one that was used before the topics were created may not know
 * them
 * @returns a function that reads the logs; its first call decides how queues of several brokers are numbered
 * @param onUnread called with the reason if no broker responded; the reading is then undefined
 */
export function watchLogs(
  open: (io: Io) => Promise<Pick<ClusterInspector, 'snapshot'> & AsyncDisposable>,
  topics: readonly string[],
  delay: Workload['delay'],
  onUnread: (reason: string) => void,
): () => Promise<LogsSeen | undefined> {
  let number: ReturnType<typeof numberLogs> | undefined;
  async function read(io: Io): Promise<LogsSeen> {
    await using inspector = await open(io);
    const wanted = delay === undefined ? topics : [...topics, scheduleTopic];
    const { offsets, rocketmq } = await inspector.snapshot(io, { topics: wanted, groups: [] });
    number ??= numberLogs(offsets, topics);
    const keptBack = delay && rocketmq && keptBackBy({ brokers: rocketmq.brokers, offsets }, delay);
    return { places: number(offsets), ...(keptBack !== undefined && { keptBack }) };
  }
  return async () => {
    const signal = AbortSignal.timeout(deadlineMilliseconds);
    return untilAborted(read({ signal }), signal).catch((cause: Error) => {
      onUnread(cause.message);
      return undefined;
    });
  };
}

/**
 * A lost broker leaves the replicas in sync after 9 s (broker.session.timeout.ms of Kafka), a slow one after 30 to 45 s
 * (replica.lag.time.max.ms, checked twice in that time).
 */
const mostSeconds = 50;

/**
 * Kafka shows readers only what every replica in sync has. What a leader acknowledged alone is in its log, but not in the end that it
 * reports, until replicas that lag have copied it or left: read before, it would look lost.
 *
 * @param acknowledged since `before` was read
 * @returns the ends once they include what was acknowledged, or after a time; the latest if brokers stop responding
 */
export async function readEnds(
  { before, read }: { before?: LogsSeen | undefined; read: ReturnType<typeof watchLogs> },
  {
    acks,
    delay,
    transactions,
    acknowledged,
  }: Pick<Workload, 'acks' | 'delay' | 'transactions'> & { acknowledged: number },
  clock: Pick<RunClock, 'elapsed' | 'sleepUntil'>,
  onProgress: (progress: RunProgress) => void,
): Promise<LogsSeen | undefined> {
  const sum = (seen: LogsSeen | undefined) => (seen?.places ?? []).reduce((total, { end }) => total + end, 0);
  const start = clock.elapsed();
  const { signal } = new AbortController();
  // RocketMQ stores messages with a delay or in a transaction in their queue only later.
  const isReadOnce = acks === 'all' || delay !== undefined || transactions !== undefined;
  for (let latest: LogsSeen | undefined, readings = 1; ; readings++) {
    const seen = await read();
    const now = clock.elapsed();
    latest = seen ?? latest;
    const isOver = isReadOnce || (seen?.places.length ?? 0) === 0 || now - start >= mostSeconds;
    const messages = acknowledged - (sum(seen) - sum(before));
    if (isOver || messages <= 0) return latest;
    // Followers that are merely late need less than a second.
    if (readings === 2) onProgress({ kind: 'awaits-ends', messages, seconds: mostSeconds });
    await clock.sleepUntil(now + 1, { signal });
  }
}

/**
 * Sums both kinds of delay: levels are queues with a delivery position; timers of 5.x are counted as a whole. Both are
 * added, because a broker may implement levels as timers; the figures include messages of other producers.
 *
 * @returns undefined if a master did not report them, or has messages on disk that are not yet in a queue
 */
export function keptBackBy(
  { brokers, offsets }: { brokers: readonly RocketmqBroker[]; offsets: readonly PartitionOffsets[] },
  delay: NonNullable<Workload['delay']>,
): number | undefined {
  const masters = brokers.filter(({ role }) => role !== 'slave');
  if (masters.length === 0) return undefined;
  let sum = 0;
  for (const { runtime, config, brokerName } of masters) {
    const { delayLevels, timerWaitingMessages, timerBehindMessages, dispatchBehindBytes } = parseRuntimeInfo(
      runtime,
      config,
    );
    if (runtime === undefined || (dispatchBehindBytes ?? 0n) > 0n) return undefined;
    const timers = timerWaitingMessages === undefined ? undefined : timerWaitingMessages + (timerBehindMessages ?? 0n);
    const areLevelsTimers = config?.get('timerInterceptDelayLevel') === 'true';
    if (timers === undefined && (!('level' in delay) || areLevelsTimers)) return undefined;
    if ('level' in delay) {
      const own = offsets.filter((queue) => queue.brokerName === brokerName);
      // A level without messages on this broker has no figures.
      const level = withUndeliveredLevels(delayLevels, own).find((each) => each.level === delay.level);
      sum += Math.max(0, Number((level?.end ?? 0n) - (level?.delivered ?? 0n))) + Number(timers ?? 0n);
    } else sum += Number(timers ?? 0n);
  }
  return sum;
}
