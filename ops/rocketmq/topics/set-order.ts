// Sets the order configuration of a topic in every name server: clients take the number of queues of an ordered topic from it.

import { z } from 'zod';
import type { Io } from '../../../brokers/driver.ts';
import type { ChangeDesk } from '../../../brokers/rocketmq/changes/change-desk.ts';
import type { TopicDefinition } from '../../../brokers/rocketmq/protocol/get-all-topic-config.ts';
import { seconds } from '../../../core/units.ts';
import { done, type Step } from '../../change/step.ts';
import { restoreEach } from '../change-each.ts';

const sides = { before: z.string().nullable(), after: z.string().nullable() };

export const OrderChange = z
  .strictObject({
    ...sides,
    differing: z
      .record(z.string(), z.strictObject(sides))
      .optional()
      .describe('by address, those of name servers that had another one'),
  })
  .describe('order configuration of the name servers, such as broker-a:4; null: none');
type OrderChange = z.infer<typeof OrderChange>;
type OrderDesk = Pick<ChangeDesk, 'namesrv' | 'orderOf' | 'setOrder'>;

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

/**
 * Name servers do not share it: each keeps its own entries of brokers that the change does not define.
 *
 * @param servers those that answer
 * @param definedOn the brokers of the change, with what they have afterwards
 * @returns undefined where nothing changes
 */
export async function planOrder(
  { desk, topic, servers }: { desk: Pick<OrderDesk, 'orderOf'>; topic: string; servers: readonly string[] },
  definedOn: (before: string | null) => Parameters<typeof orderAfter>[1],
  io: Io,
): Promise<OrderChange | undefined> {
  const changes = new Map<string, Pick<OrderChange, 'before' | 'after'>>();
  for (const server of servers) {
    const before = (await desk.orderOf(server, topic, io)) ?? null;
    changes.set(server, { before, after: orderAfter(before, definedOn(before)) });
  }
  const [first] = changes.values();
  if (first === undefined || [...changes.values()].every(({ before, after }) => before === after)) return undefined;
  const differing = [...changes].filter(([, { before }]) => before !== first.before);
  return { ...first, ...(differing.length > 0 && { differing: Object.fromEntries(differing) }) };
}

export function setOrder<Facts>(topic: string, change: OrderChange, desk: OrderDesk): Step<Facts> {
  const { differing = {} } = change;
  const sidesOf = (server: string) => differing[server] ?? change;
  const text = (order: string | null) => order ?? 'none';
  async function restore(server: string, io: Io): Promise<string> {
    const own = sidesOf(server);
    const now = (await desk.orderOf(server, topic, io)) ?? null;
    if (now !== own.before && now !== own.after) return `${server}: others changed it to ${text(now)}, and it is kept`;
    return await set(server, now, own.before, io);
  }
  async function set(server: string, now: string | null, order: string | null, io: Io): Promise<string> {
    if (now !== order) await desk.setOrder(server, topic, order ?? undefined, io);
    return `${server}: ${text(now)} → ${text(order)}`;
  }
  const inEach = (textOf: (own: Pick<OrderChange, 'before' | 'after'>) => string) =>
    [textOf(change), ...Object.entries(differing).map(([server, own]) => `${server}: ${textOf(own)}`)].join('; ');
  return {
    id: 'set-order',
    description: `order configuration of ${topic} in every name server: ${inEach((own) => `${text(own.before)} → ${text(own.after)}`)}`,
    pause: seconds(1),
    async run(io) {
      const evidence = await Array.fromAsync(desk.namesrv, async (server) => {
        const now = (await desk.orderOf(server, topic, io)) ?? null;
        return await set(server, now, sidesOf(server).after, io);
      });
      return done(evidence);
    },
    undo: {
      description: `order configuration of ${topic} again: ${inEach((own) => text(own.before))}`,
      isIndependent: true,
      run: (io) => restoreEach(desk.namesrv, (server) => restore(server, io)),
    },
  };
}
