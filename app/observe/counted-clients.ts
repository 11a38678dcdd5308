// Adds up over all brokers what each of them counts for a client.

import type { CountedClient } from '../../brokers/client-use.ts';
import type { CountedUse } from '../../core/client-cost.ts';

/** @returns the largest use first: of threads, else of bytes */
export function countedUse(clients: readonly CountedClient[]): CountedUse[] {
  const all = new Map<string, CountedUse>();
  for (const { broker: _, ...client } of clients) {
    const key = JSON.stringify([client.user, client.clientId]);
    const before = all.get(key);
    all.set(key, before === undefined ? { ...client } : added(before, client));
  }
  const threads = all.values().reduce((sum, { threadSeconds = 0 }) => sum + threadSeconds, 0);
  return Array.from(all.values(), (client) => ({
    ...client,
    ...(threads > 0 && client.threadSeconds !== undefined && { shareOfThreads: client.threadSeconds / threads }),
  })).toSorted((one, other) => (other.threadSeconds ?? 0) - (one.threadSeconds ?? 0) || bytesOf(other) - bytesOf(one));
}

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
