// Opens new queues for reading before writing, so that no message is missed.

import { seconds } from '../../../core/units.ts';
import { masterOf } from '../broker-group.ts';
import { done, type Step } from '../../change/step.ts';
import type { Tools } from '../change.ts';
import { restoreEach } from '../restore-each.ts';
import { readUnread } from '../unread.ts';
import { leavingQueues, type QueuesFacts } from './facts.ts';
import { restoreQueuesAt, setOnEach, staleRoutes, type Queues } from './set-queues.ts';

export function openReads(facts: QueuesFacts, { desk, clock }: Tools): Step<QueuesFacts> {
  const { to, brokers } = facts;
  return {
    id: 'open-reads',
    description: `let consumers read ${to} queues on each broker`,
    pause: seconds(1),
    async run(io) {
      const raised = (now: number) => Math.max(now, to);
      const evidence = await setOnEach(desk, facts, io, (now) => ({ ...now, readQueues: raised(now.readQueues) }));
      const holds = await staleRoutes(desk, facts, ({ readQueues }) => readQueues >= to, io);
      if (holds.length > 0) return { kind: 'held', holds };
      return { ...done(evidence), learnt: { readableAt: clock.now().toISOString() } };
    },
    undo: {
      description: 'restore the former number of read queues, if the new ones have no unread messages',
      run: (io) =>
        restoreEach(brokers, async (broker) => {
          const added = leavingQueues({ ...facts, to: broker.readQueues }, { ...broker, readQueues: to });
          const address = await masterOf(desk, broker.brokerName, io, broker.address);
          const unread = added.length === 0 ? [] : await readUnread(desk, address, added, io);
          const ends = await desk.ends(address, added, io);
          if (unread.length > 0 || ends.some((end) => end > 0n)) {
            return `${broker.brokerName}: new queues hold messages and stay readable; \`plimsoll ops rocketmq queues --topic ${facts.topic} --broker ${broker.brokerName} --to ${broker.readQueues}\` removes them`;
          }
          // Producers may write to queues that others opened meanwhile: consumers have to read them.
          const isOfOthers = ({ readQueues, writeQueues }: Queues) =>
            ![broker.readQueues, to].includes(readQueues) || ![broker.writeQueues, to].includes(writeQueues);
          const before = (now: Queues) => (isOfOthers(now) ? undefined : { ...now, readQueues: broker.readQueues });
          return await restoreQueuesAt(desk, facts, { ...broker, address }, before, io);
        }),
    },
  };
}
