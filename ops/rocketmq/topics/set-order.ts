// Sets the order configuration of a topic in every name server.

import type { Io } from '../../../brokers/driver.ts';
import { seconds } from '../../../core/units.ts';
import type { Step } from '../../change/step.ts';
import type { RocketmqTools } from '../administration.ts';
import type { DefinedBroker, TopicFacts } from './define-topic.ts';

/** `broker-a:8;broker-b:8`. Brokers that the change does not define keep their entries. */
export function orderAfter(
  before: string | null,
  brokers: readonly Pick<DefinedBroker, 'brokerName' | 'after'>[],
): string | null {
  const entries = new Map(
    (before ?? '').split(';').flatMap((entry) => {
      const [name = '', queues = ''] = entry.split(':');
      return name === '' ? [] : [[name, queues] as const];
    }),
  );
  for (const { brokerName, after } of brokers) {
    if (after.order) entries.set(brokerName, String(after.writeQueues));
    else entries.delete(brokerName);
  }
  return entries.size === 0 ? null : [...entries].map(([name, queues]) => `${name}:${queues}`).join(';');
}

export function setOrder(
  topic: string,
  { before, after }: NonNullable<TopicFacts['order']>,
  { admin }: RocketmqTools,
): Step<TopicFacts> {
  const text = (order: string | null) => order ?? 'none';
  async function toAll(order: string | null, isKept: (now: string | null) => boolean, io: Io): Promise<string[]> {
    const done: string[] = [];
    for (const server of admin.namesrv) {
      const now = (await admin.orderOf(server, topic, io)) ?? null;
      if (isKept(now)) {
        done.push(`${server}: others changed it to ${text(now)}, and it is kept`);
        continue;
      }
      if (now !== order) await admin.setOrder(server, topic, order ?? undefined, io);
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
