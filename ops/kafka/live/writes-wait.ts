// How long may writes stand still when the move of a partition ends? As long as a follower waits after it was refused.

import type { Finding } from '../../../core/analysis.ts';

/**
 * With the end of a move the leader epoch of the partition rises. A follower that hears of it before the leader does is refused once, and
 * asks again after this setting, 1,000 ms by default; acks=all waits for it. docs/reassignment.md has what producers felt.
 */
export const fetchBackoff = 'replica.fetch.backoff.ms';

/** Nobody's timeout is as short. */
const unnoticedMs = 100;

/** @param backoffs milliseconds by broker; those that do not tell are left out */
export function writesWait(backoffs: ReadonlyMap<number, number>): Finding | undefined {
  const longest = Math.max(0, ...backoffs.values());
  if (longest <= unnoticedMs) return undefined;
  const brokers = [...backoffs].filter(([, milliseconds]) => milliseconds > unnoticedMs).map(([id]) => id);
  return {
    severity: 'info',
    code: 'writes-wait',
    message: `When the move of a partition ends, writes to it with acks=all may stand still for ${longest} ms, once or twice: ${fetchBackoff} of broker ${brokers.join(', ')}. A broker reads it when it starts; with ${unnoticedMs} the wait is as short.`,
    evidence: [{ name: fetchBackoff, value: longest, unit: 'ms', source: 'DescribeConfigs' }],
  };
}
