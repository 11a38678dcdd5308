// How far behind is a group? Where it committed; never having committed is no lag.

import type { ConsumerLag } from '../core/cluster.ts';

export function lagOf({ end, committed }: ConsumerLag): bigint | undefined {
  if (committed === undefined) return undefined;
  return end > committed ? end - committed : 0n;
}

/** @returns undefined when it has committed nowhere */
export function lagIn(partitions: Iterable<ConsumerLag>): bigint | undefined {
  const lags = Array.from(partitions, lagOf).filter((lag) => lag !== undefined);
  return lags.length === 0 ? undefined : lags.reduce((sum, lag) => sum + lag, 0n);
}
