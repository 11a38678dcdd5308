// Sets the order configuration of a topic in every name server.

import type { Io } from '../../../brokers/driver.ts';
import { seconds } from '../../../core/units.ts';
import type { Step } from '../../change/step.ts';
import type { RocketmqTools } from '../administration.ts';
import type { TopicFacts } from './define-topic.ts';

export function setOrder(
  topic: string,
  { before, after }: NonNullable<TopicFacts['order']>,
  { admin }: RocketmqTools,
): Step<TopicFacts> {
  const text = (order: string | null) => order ?? 'none';
  async function toAll(order: string | null, io: Io): Promise<string[]> {
    const done: string[] = [];
    for (const server of admin.namesrv) {
      const now = (await admin.orderOf(server, topic, io)) ?? null;
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
    run: async (io) => ({ kind: 'done', evidence: await toAll(after, io) }),
    undo: { description: `order configuration of ${topic} again: ${text(before)}`, run: (io) => toAll(before, io) },
  };
}
