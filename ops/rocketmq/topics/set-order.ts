// Sets the order configuration of a topic in every name server: clients take the number of queues of an ordered topic from it.

import { z } from 'zod';
import type { Io } from '../../../brokers/driver.ts';
import type { ChangeDesk } from '../../../brokers/rocketmq/changes/change-desk.ts';
import type { TopicDefinition } from '../../../brokers/rocketmq/protocol/get-all-topic-config.ts';
import { seconds } from '../../../core/units.ts';
import type { Step } from '../../change/step.ts';

export const OrderChange = z
  .strictObject({ before: z.string().nullable(), after: z.string().nullable() })
  .describe('order configuration of the name servers, such as broker-a:4; null: none');
type OrderChange = z.infer<typeof OrderChange>;

/** Queues by broker name, in the order of the text. */
export const orderEntries = (order: string | null): Map<string, string> =>
  new Map(
    (order ?? '').split(';').flatMap((entry) => {
      const [name = '', queues = ''] = entry.split(':');
      return name === '' ? [] : [[name, queues] as const];
    }),
  );

/** `broker-a:8;broker-b:8`. Brokers that the change does not define keep their entries. */
export function orderAfter(
  before: string | null,
  brokers: readonly { brokerName: string; after: Pick<TopicDefinition, 'order' | 'writeQueues'> }[],
): string | null {
  const entries = orderEntries(before);
  for (const { brokerName, after } of brokers) {
    if (after.order) entries.set(brokerName, String(after.writeQueues));
    else entries.delete(brokerName);
  }
  return entries.size === 0 ? null : [...entries].map(([name, queues]) => `${name}:${queues}`).join(';');
}

export function setOrder<Facts>(
  topic: string,
  { before, after }: OrderChange,
  desk: Pick<ChangeDesk, 'namesrv' | 'orderOf' | 'setOrder'>,
): Step<Facts> {
  const text = (order: string | null) => order ?? 'none';
  async function toAll(order: string | null, isKept: (now: string | null) => boolean, io: Io): Promise<string[]> {
    const done: string[] = [];
    for (const server of desk.namesrv) {
      const now = (await desk.orderOf(server, topic, io)) ?? null;
      if (isKept(now)) {
        done.push(`${server}: others changed it to ${text(now)}, and it is kept`);
        continue;
      }
      if (now !== order) await desk.setOrder(server, topic, order ?? undefined, io);
      done.push(`${server}: ${text(now)} → ${text(order)}`);
    }
    return done;
  }
  return {
    id: 'set-order',
    by: 'plimsoll',
    description: `order configuration of ${topic} in every name server: ${text(before)} → ${text(after)}`,
    pause: seconds(1),
    run: async (io) => ({ kind: 'done', evidence: await toAll(after, () => false, io) }),
    undo: {
      description: `order configuration of ${topic} again: ${text(before)}`,
      run: (io) => toAll(before, (now) => now !== before && now !== after, io),
    },
  };
}
