// Waits until delayed and transactional messages that were sent to queues that go have arrived there.

import type { Io } from '../../../brokers/driver.ts';
import { seconds } from '../../../core/units.ts';
import { changesNothing, done, type Blocker, type Step } from '../../change/step.ts';
import { masterOf } from '../broker-group.ts';
import type { Tools } from '../change.ts';
import { deliverySeconds, halfMessageBlockers, undeliveredAt } from '../scale-in/await-delivered.ts';
import { uncountedText, type WaitingKind } from '../uncounted.ts';
import { longestOf, type QueuesFacts } from './facts.ts';

/** The queues that go are not chosen any more: what a broker still holds after the longest delay was sent to others. */
export function awaitLate(facts: QueuesFacts, tools: Tools): Step<QueuesFacts> {
  return {
    id: 'see-late',
    description: 'wait until delayed and transactional messages of the removed queues have arrived',
    pause: seconds(5),
    undo: changesNothing,
    async run(io) {
      if (facts.late === undefined) return done(`no delayed or transactional message of ${facts.topic} was found`);
      const now = tools.clock.now();
      const holds = await lateBlockers(facts, tools, io);
      if (holds.length > 0) return { kind: 'held', holds };
      return {
        ...done('no delayed or transactional message can arrive in the removed queues'),
        // What came late is stored since now at the latest.
        learnt: { quietAt: now.toISOString(), wasReopened: false },
      };
    },
  };
}

/** What was sent to the queues that go until `quietAt`, and may arrive there yet. */
export async function lateBlockers(facts: QueuesFacts, { desk, clock }: Tools, io: Io): Promise<Blocker[]> {
  const { late } = facts;
  if (late === undefined) return [];
  const now = clock.now();
  const quietMs = Date.parse(facts.quietAt ?? now.toISOString());
  const within = (delay: number) => new Date(quietMs + (delay + deliverySeconds) * 1000);
  const longestHidden: Partial<Record<WaitingKind, number>> = {
    timer: late.longestTimerSeconds ?? longestOf(late),
    transaction: late.transactionSeconds,
  };
  const holds: Blocker[] = [];
  for (const { brokerName } of facts.brokers) {
    const address = await masterOf(desk, brokerName, io);
    const { holds: delayed, hidden } = await undeliveredAt(desk, address, { ...late, quietAt: facts.quietAt }, io);
    const open = await halfMessageBlockers(desk, address, io);
    for (const { what, until } of delayed) {
      const own = until === undefined ? longestOf(late) : (until.getTime() - quietMs) / 1000;
      holds.push({ what: `${what} at ${brokerName}`, until: within(own) });
    }
    for (const { what } of open)
      holds.push({ what: `${what} at ${brokerName}`, until: within(late.transactionSeconds) });
    for (const kind of hidden) {
      const longest = longestHidden[kind];
      if (longest === undefined) continue;
      holds.push({ what: `${uncountedText(kind)} at ${brokerName}`, until: within(longest) });
    }
  }
  return holds.filter(({ until }) => until === undefined || until > now);
}
