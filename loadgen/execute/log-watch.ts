// Reads what the run's partitions hold now, and what the brokers still hold back.

import type { ClusterInspector, Io } from '../../brokers/driver.ts';
import { scheduleTopic } from '../../brokers/rocketmq/delay-levels.ts';
import { untilAborted } from '../../core/abort.ts';
import { keptBackBy } from './kept-back.ts';
import { numberLogs, type LogOffsets } from '../delivery/log-offsets.ts';
import type { Workload } from '../plan/workload.ts';

export interface LogsSeen {
  places: LogOffsets;
  /** Delayed messages of anyone, read before the ends of the logs; absent without a delay, and when a broker did not say. */
  keptBack?: number;
}

/** A broker that does not answer in this time is left out of the comparison. */
const deadlineMilliseconds = 10_000;

/**
 * @param open its own inspector for each reading: one that looked before the topics were made may not know them yet
 * @returns a function that reads them; the first call decides how queues of several brokers are numbered
 * @param onUnread called with the reason when nothing answered; the reading is then undefined
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
