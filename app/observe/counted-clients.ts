// Sums what each broker counts for a client.

import type { CountedClient } from '../../brokers/client-use.ts';
import type { CountedUse } from '../../core/client-cost.ts';
import type { Limit } from '../../core/documents/analysis.ts';

/**
 * @param of the verdict's limit, and the load over the safe maximum
 * @returns largest use first: of threads, else of bytes
 */
export function countedUse(
  clients: readonly CountedClient[],
  { limit, loadOfSafeMax }: { limit?: Limit | undefined; loadOfSafeMax?: number | undefined } = {},
): CountedUse[] {
  const all = new Map<string, CountedUse>();
  for (const { broker: _, ...client } of clients) {
    const key = JSON.stringify([client.user, client.clientId]);
    const before = all.get(key);
    all.set(key, before === undefined ? { ...client } : added(before, client));
  }
  const threads = all.values().reduce((sum, { threadSeconds = 0 }) => sum + threadSeconds, 0);
  const isOfThreads = limit !== undefined && 'resource' in limit && threadLimits.has(limit.resource);
  return Array.from(all.values(), (client): CountedUse => {
    if (threads === 0 || client.threadSeconds === undefined) return client;
    const shareOfThreads = client.threadSeconds / threads;
    const ofSafeMax = isOfThreads && loadOfSafeMax !== undefined;
    return { ...client, shareOfThreads, ...(ofSafeMax && { shareOfSafeMax: shareOfThreads * loadOfSafeMax }) };
  }).toSorted((one, other) => (other.threadSeconds ?? 0) - (one.threadSeconds ?? 0) || bytesOf(other) - bytesOf(one));
}

/** Limits that thread time is a measure of. */
const threadLimits: ReadonlySet<string> = new Set(['cpu', 'threads']);

const bytesOf = ({ producedBytesPerSecond = 0, fetchedBytesPerSecond = 0 }: CountedUse) =>
  producedBytesPerSecond + fetchedBytesPerSecond;

function added(one: CountedUse, other: CountedUse): CountedUse {
  const sum: CountedUse = { ...one };
  for (const figure of ['producedBytesPerSecond', 'fetchedBytesPerSecond', 'threadSeconds'] as const) {
    const value = other[figure];
    if (value !== undefined) sum[figure] = (one[figure] ?? 0) + value;
  }
  if (other.isThrottled) sum.isThrottled = true;
  return sum;
}
