// Sets the order configuration of a topic in every name server, from which clients read the number of queues of an ordered topic.

import { z } from 'zod';
import type { Io } from '../../../brokers/driver.ts';
import type { ChangeDesk } from '../../../brokers/rocketmq/changes/change-desk.ts';
import type { TopicDefinition } from '../../../brokers/rocketmq/protocol/topic-requests.ts';
import { seconds } from '../../../core/clock.ts';
import { changedByOthers, done, type Step } from '../../change/step.ts';
import { atServer, changeEach, restoreEach } from '../change-each.ts';

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
export type OrderChange = z.infer<typeof OrderChange>;
type OrderDesk = Pick<ChangeDesk, 'namesrv' | 'orderOf' | 'setOrder'>;

/** Queues by broker name, in the order of the text. */
export const orderEntries = (order: string | null): Map<string, string> =>
  new Map(
    (order ?? '').split(';').flatMap((entry) => {
      const [name = '', queues = ''] = entry.split(':');
      return name === '' ? [] : [[name, queues] as const];
    }),
  );

/**
 * Format: `broker-a:8;broker-b:8`. Brokers outside the change keep their entries. New ones are sorted by name, as
 * producers sort the queues of a route (MQClientInstance of 4.9 and 5.x), so the keys of a topic that becomes ordered
 * stay in their queues.
 */
export function orderAfter(
  before: string | null,
  brokers: readonly { brokerName: string; after: Pick<TopicDefinition, 'order' | 'writeQueues'> }[],
): string | null {
  const entries = orderEntries(before);
  for (const { brokerName, after } of brokers.toSorted((one, other) => (one.brokerName < other.brokerName ? -1 : 1))) {
    if (after.order) entries.set(brokerName, String(after.writeQueues));
    else entries.delete(brokerName);
  }
  return orderText(entries);
}

const orderText = (entries: ReadonlyMap<string, string>): string | null =>
  entries.size === 0 ? null : [...entries].map(([name, queues]) => `${name}:${queues}`).join(';');

/**
 * Others may have changed it since the plan: only entries of this change are set or removed.
 *
 * @returns the new order configuration, and the entries of this change that others have changed
 */
function moved(now: string | null, from: string | null, to: string | null) {
  const [entries, before, after] = [orderEntries(now), orderEntries(from), orderEntries(to)];
  const kept: string[] = [];
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [own, wanted, current] = [before.get(name), after.get(name), entries.get(name)];
    if (own === wanted || current === wanted) continue;
    if (current !== own) kept.push(`${name}:${current ?? 'none'}`);
    else if (wanted === undefined) entries.delete(name);
    else entries.set(name, wanted);
  }
  return { order: now === from || now === to ? to : orderText(entries), kept };
}

/**
 * Name servers do not share order configurations: each keeps its entries of brokers outside the change.
 *
 * @param servers name servers that respond
 * @param definedOn returns the brokers of the change, with their new definition
 * @returns undefined if nothing changes
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
  const text = (order: string | null, none = 'none') => order ?? none;
  async function restore(server: string, io: Io) {
    const { before, after } = sidesOf(server);
    const now = (await desk.orderOf(server, topic, io)) ?? null;
    const { order, kept } = moved(now, after, before);
    if (order === now && now !== before) {
      return atServer(
        server,
        `others changed it to ${text(now)}, and it is kept`,
        `已被他人改为 ${text(now, '无')}，予以保留`,
      );
    }
    const restored = await set(server, now, order, io);
    if (kept.length === 0) return restored;
    const others = kept.join(';');
    return {
      en: `${restored.en}; others changed it to ${others}, and that is kept`,
      zh: `${restored.zh}；${others} 由他人修改，予以保留`,
    };
  }
  async function set(server: string, now: string | null, order: string | null, io: Io) {
    if (now !== order) await desk.setOrder(server, topic, order ?? undefined, io);
    return atServer(server, `${text(now)} → ${text(order)}`, `${text(now, '无')} → ${text(order, '无')}`);
  }
  const inEach = (textOf: (own: Pick<OrderChange, 'before' | 'after'>) => string) =>
    [textOf(change), ...Object.entries(differing).map(([server, own]) => `${server}: ${textOf(own)}`)].join('; ');
  return {
    id: 'set-order',
    description: `order configuration of ${topic} in every name server: ${inEach((own) => `${text(own.before)} → ${text(own.after)}`)}`,
    zh: `设置所有 NameServer 上 ${topic} 的顺序配置：${inEach((own) => `${text(own.before, '无')} → ${text(own.after, '无')}`)}`,
    pause: seconds(1),
    async run(io) {
      const evidence = await changeEach(desk.namesrv, async (server) => {
        const now = (await desk.orderOf(server, topic, io)) ?? null;
        const { before, after } = sidesOf(server);
        const { order, kept } = moved(now, before, after);
        if (kept.length === 0) return await set(server, now, order, io);
        throw changedByOthers(`${server} has order configuration ${text(now)} of ${topic}`);
      });
      return done(evidence);
    },
    undo: {
      description: `order configuration of ${topic} again: ${inEach((own) => text(own.before))}`,
      zh: `恢复 ${topic} 的顺序配置：${inEach((own) => text(own.before, '无'))}`,
      isIndependent: true,
      run: (io) => restoreEach(desk.namesrv, (server) => restore(server, io)),
    },
  };
}
