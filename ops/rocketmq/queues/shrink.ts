// Closes unused queues to consumers once they are proven quiet, read and expired.

import { seconds } from '../../../core/units.ts';
import type { Io } from '../../../brokers/driver.ts';
import { masterOf } from '../broker-group.ts';
import { changesNothing, type Blocker, type Step } from '../../change/step.ts';
import type { Tools } from '../change.ts';
import { retentionBlockers } from '../await-expired.ts';
import { watchIncoming } from '../incoming.ts';
import { senderBlockers } from '../sender-blockers.ts';
import { unreadBlocker } from '../unread-blocker.ts';
import { readUnread } from '../unread.ts';
import { lateBlockers } from './await-late.ts';
import { leavingQueues, longestOf, type QueuesFacts } from './facts.ts';
import { reopenedQueues, restoreOnEach, staleRoutes, setOnEach } from './set-queues.ts';

export function awaitQueuesQuiet(facts: QueuesFacts, { desk, clock }: Tools): Step<QueuesFacts> {
  const watches = new Map(facts.brokers.map(({ brokerName }) => [brokerName, watchIncoming(desk)]));
  let quietSince: number | undefined;
  return {
    id: 'see-quiet',
    by: 'plimsoll',
    description: `watch until no client wrote to the removed queues for ${facts.quietSeconds} s`,
    pause: seconds(Math.min(5, facts.quietSeconds / 4)),
    undo: changesNothing,
    async run(io) {
      const senders = [];
      for (const broker of facts.brokers) {
        const queues = leavingQueues(facts, broker);
        const address = await masterOf(desk, broker.brokerName, io);
        const seen = await watches.get(broker.brokerName)?.look(address, queues, io);
        senders.push(...(seen?.senders ?? []));
      }
      const now = clock.monotonic();
      if (senders.length > 0 || quietSince === undefined) quietSince = now;
      if (senders.length > 0) return { kind: 'held', holds: senderBlockers(senders) };
      if (now - quietSince < facts.quietSeconds) {
        const what = `waiting for ${facts.quietSeconds} s without messages`;
        return { kind: 'held', holds: [{ what }] };
      }
      const evidence = [
        `no message of a client in ${Math.floor(now - quietSince)} s in the queues from ${facts.to} on`,
      ];
      return { kind: 'done', evidence, learnt: { quietAt: clock.now().toISOString() } };
    },
  };
}

/** A step between set-writes and close-reads, which may be days apart: held while the queues are open to producers again. */
export function whileClosed(step: Step<QueuesFacts>, facts: QueuesFacts, { desk, clock }: Tools): Step<QueuesFacts> {
  return {
    ...step,
    async run(io) {
      const holds = await reopenedQueues(desk, facts, io);
      if (holds.length === 0) return await step.run(io);
      // What is sent meanwhile may arrive late, and its retention begins now.
      return { kind: 'held', holds, learnt: { quietAt: clock.now().toISOString(), wasReopened: true } };
    },
  };
}

export function awaitQueuesRead(facts: QueuesFacts, tools: Tools): Step<QueuesFacts> {
  return {
    id: 'see-read',
    by: 'plimsoll',
    description: 'wait until no group has unread messages in the removed queues',
    pause: seconds(2),
    undo: changesNothing,
    async run(io) {
      const holds = await unreadBlockers(facts, tools, io);
      if (holds.length > 0) return { kind: 'held', holds };
      return { kind: 'done', evidence: [`no group has unread messages from queue ${facts.to} on`] };
    },
  };
}

async function unreadBlockers(facts: QueuesFacts, { desk, clock }: Tools, io: Io): Promise<Blocker[]> {
  const holds: Blocker[] = [];
  for (const broker of facts.brokers) {
    const queues = leavingQueues(facts, broker);
    if (queues.length === 0) continue;
    const address = await masterOf(desk, broker.brokerName, io);
    const unread = await readUnread(desk, address, queues, io);
    const counted = unread.filter(({ group }) => !facts.ignoredGroups.includes(group));
    holds.push(...counted.map((each) => unreadBlocker(each, facts, clock.now())));
  }
  return holds;
}

/** What was delayed arrives later than it was sent, and is kept from then on. */
function withLate(facts: QueuesFacts): QueuesFacts {
  const { late, quietAt } = facts;
  if (late === undefined || quietAt === undefined) return facts;
  return { ...facts, quietAt: new Date(Date.parse(quietAt) + longestOf(late) * 1000).toISOString() };
}

export function closeReads(facts: QueuesFacts, tools: Tools): Step<QueuesFacts> {
  const { to } = facts;
  const { desk, clock } = tools;
  return {
    id: 'close-reads',
    by: 'plimsoll',
    description: `let consumers read ${to} queues on each broker`,
    pause: seconds(1),
    async run(io) {
      // The queues may have been open to producers for a while since the steps before.
      const again =
        facts.wasReopened === true
          ? [...(await lateBlockers(facts, tools, io)), ...retentionBlockers(withLate(facts), clock.now())]
          : [];
      const open = [...again, ...(await unreadBlockers(facts, tools, io))];
      if (open.length > 0) return { kind: 'held', holds: open };
      const evidence = await setOnEach(desk, facts, (now) => ({ ...now, readQueues: to }), io);
      const holds = await staleRoutes(desk, facts, ({ readQueues }) => readQueues === to, io);
      return holds.length > 0 ? { kind: 'held', holds } : { kind: 'done', evidence };
    },
    undo: {
      description: 'restore the former number of read queues',
      run: (io) =>
        restoreOnEach(
          desk,
          facts,
          (now, { readQueues }) => ({ ...now, readQueues: Math.max(now.readQueues, readQueues) }),
          io,
        ),
    },
  };
}
