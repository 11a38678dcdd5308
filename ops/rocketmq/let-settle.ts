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
    zh: `给消费者 ${facts.settleSeconds} 秒发现新队列并重新分配队列`,
    pause: seconds(1),
    undo: changesNothing,
    async run() {
      if (facts.hasReaders === false)
        return done({ en: 'no group was online on the topic', zh: '该 Topic 没有在线的消费组' });
      const since = facts.readableAt ?? clock.now().toISOString();
      const until = new Date(Date.parse(since) + facts.settleSeconds * 1000);
      if (clock.now() >= until) {
        return done({ en: `${facts.settleSeconds} s are over`, zh: `已等待 ${facts.settleSeconds} 秒` });
      }
      return heldBy({ en: 'consumers refresh their routes periodically', zh: '等待消费者定期更新路由' }, until);
    },
  };
}
