// What do the run's partitions hold, as the brokers say now?

import type { ClusterInspector } from '../brokers/driver.ts';
import { numberLogs, type LogOffsets } from './ledger/log-offsets.ts';

/** A broker that does not answer in this time is left out of the comparison. */
const deadlineMilliseconds = 10_000;

/** @returns a function that reads them; the first call decides how queues of several brokers are numbered. Undefined when nothing answered */
export function watchLogs(
  inspector: Pick<ClusterInspector, 'snapshot'>,
  topics: readonly string[],
): () => Promise<LogOffsets | undefined> {
  let number: ReturnType<typeof numberLogs> | undefined;
  return async () => {
    const signal = AbortSignal.timeout(deadlineMilliseconds);
    const snapshot = await inspector.snapshot({ signal }, { topics, groups: [] }).catch(() => undefined);
    if (snapshot === undefined) return undefined;
    number ??= numberLogs(snapshot.offsets, topics);
    return number(snapshot.offsets);
  };
}
