// Waits until the messages of closed queues have expired, unless the operator gave up replaying them.

import { seconds } from '../../core/clock.ts';
import { changesNothing, done, type Blocker, type Step } from '../change/step.ts';
import type { Tools } from './change.ts';
import { expiryOf, type Retention } from './unread-blocker.ts';

type Expiring = Retention & { giveUpReplay: boolean; hidesWaiting?: boolean | undefined };

/** Messages that cannot be counted are only covered by the retention. */
const isGivenUp = ({ giveUpReplay, hidesWaiting }: Expiring) => giveUpReplay && hidesWaiting !== true;

export function awaitExpired<Facts extends Expiring>(facts: Facts, { clock }: Pick<Tools, 'clock'>): Step<Facts> {
  return {
    id: 'see-expired',
    description: isGivenUp(facts)
      ? 'skip the wait for retention: --give-up-replay was given'
      : 'wait until the retention of all messages on the broker has ended, so that no replay needs them',
    zh: isGivenUp(facts)
      ? '不等待保留期：已指定 --give-up-replay'
      : '等待该 Broker 上所有消息的保留期结束，此后不再需要回溯',
    pause: seconds(60),
    undo: changesNothing,
    async run() {
      if (isGivenUp(facts)) return done({ en: '--give-up-replay was given', zh: '已指定 --give-up-replay' });
      const holds = retentionBlockers(facts, clock.now());
      if (holds.length > 0) return { kind: 'held', holds };
      const ended = expiryOf(facts)?.toISOString();
      return done({
        en: `the retention of ${facts.retentionHours} h ended at ${ended}`,
        zh: `${facts.retentionHours} 小时的保留期已于 ${ended} 结束`,
      });
    },
  };
}

/** Blocks while a consumer can still replay messages. */
export function retentionBlockers(facts: Expiring, now: Date): Blocker[] {
  if (isGivenUp(facts)) return [];
  const more = facts.hidesWaiting === true ? '' : '; --give-up-replay continues';
  const moreZh = facts.hidesWaiting === true ? '' : '；--give-up-replay 可直接继续';
  const until = expiryOf(facts);
  if (until === undefined) {
    const what = `the broker does not report how long it keeps messages (fileReservedTime, with tiered storage also tieredStoreFileReservedTime)${more}`;
    const zh = `Broker 没有报告消息保留时间（fileReservedTime，多级存储时还有 tieredStoreFileReservedTime）${moreZh}`;
    return [{ what, zh }];
  }
  if (now >= until) return [];
  const what = `messages on it can be read again for ${facts.retentionHours} h (fileReservedTime or tieredStoreFileReservedTime)${more}`;
  const zh = `其上的消息在 ${facts.retentionHours} 小时内仍可回溯（fileReservedTime 或 tieredStoreFileReservedTime）${moreZh}`;
  return [{ what, zh, until }];
}
