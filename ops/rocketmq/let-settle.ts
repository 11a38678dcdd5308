// Waits until consumers have had time to find new queues before producers write to them.

import { seconds } from '../../core/clock.ts';
import { changesNothing, done, heldBy, type Step } from '../change/step.ts';
import type { Tools } from './change.ts';

/** Java clients read routes every 30 s (pollNameServerInterval) and rebalance every 20 s (rebalance waitInterval). */
export const settleSeconds = 50;

export interface Settling {
  settleSeconds: number;
  /** ISO 8601. */
  readableAt?: string | undefined;
  /** Absent: assumed true. */
  hasReaders?: boolean;
}

export function letSettle<Facts extends Settling>(facts: Facts, { clock }: Tools): Step<Facts> {
  return {
    id: 'let-settle',
    description: `give consumers ${facts.settleSeconds} s to find the new queues and to rebalance`,
    pause: seconds(1),
    undo: changesNothing,
    async run() {
      if (facts.hasReaders === false) return done('no group was online on the topic');
      const since = facts.readableAt ?? clock.now().toISOString();
      const until = new Date(Date.parse(since) + facts.settleSeconds * 1000);
      if (clock.now() >= until) return done(`${facts.settleSeconds} s are over`);
      return heldBy('consumers refresh their routes periodically', until);
    },
  };
}
