// Sets the write queues on each broker and waits until the routes of every name server show them.

import { seconds } from '../../../core/units.ts';
import { done, type Step } from '../../change/step.ts';
import type { Tools } from '../change.ts';
import type { QueuesFacts } from './facts.ts';
import { restoreOnEach, staleRoutes, setOnEach } from './set-queues.ts';

export function setWrites(facts: QueuesFacts, { desk }: Tools): Step<QueuesFacts> {
  const { to } = facts;
  return {
    id: 'set-writes',
    description: `let producers write to ${to} queues on each broker`,
    pause: seconds(1),
    async run(io) {
      const evidence = await setOnEach(desk, facts, io, (now) => ({ ...now, writeQueues: to }));
      const holds = await staleRoutes(desk, facts, ({ writeQueues }) => writeQueues === to, io);
      return holds.length > 0 ? { kind: 'held', holds } : done(evidence);
    },
    undo: {
      description: 'restore the former number of write queues',
      run: (io) =>
        restoreOnEach(desk, facts, io, (now, { readQueues, writeQueues }) =>
          [to, writeQueues].includes(now.writeQueues)
            ? { readQueues: Math.max(now.readQueues, readQueues), writeQueues }
            : undefined,
        ),
    },
  };
}
