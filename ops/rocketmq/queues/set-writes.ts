// From when on do producers write to the new number of queues? Set on each broker, and seen in the routes of each name server.

import { seconds } from '../../../core/units.ts';
import type { Step, Tools } from '../change.ts';
import type { QueuesFacts } from './facts.ts';
import { routesBehind, setQueues } from './set-queues.ts';

export function setWrites(facts: QueuesFacts, { desk }: Tools): Step<QueuesFacts> {
  const { to, brokers } = facts;
  return {
    id: 'set-writes',
    by: 'plimsoll',
    says: `let producers write to ${to} queues on each broker`,
    pause: seconds(1),
    async run(io) {
      const evidence: string[] = [];
      for (const broker of brokers) {
        evidence.push(await setQueues(desk, facts, broker, (now) => ({ ...now, writeQueues: to }), io));
      }
      const holds = await routesBehind(desk, facts, ({ writeQueues }) => writeQueues === to, io);
      return holds.length > 0 ? { kind: 'held', holds } : { kind: 'done', evidence };
    },
    undo: {
      says: 'let producers write to as many queues as before',
      async run(io) {
        const put: string[] = [];
        for (const broker of brokers) {
          const back = (now: { readQueues: number; writeQueues: number }) => ({
            readQueues: Math.max(now.readQueues, broker.readQueues),
            writeQueues: broker.writeQueues,
          });
          put.push(await setQueues(desk, facts, broker, back, io));
        }
        return put;
      },
    },
  };
}
