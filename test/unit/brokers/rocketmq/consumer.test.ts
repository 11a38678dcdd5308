import { expect, test, vi } from 'vitest';
import { createConsumer } from '../../../../brokers/rocketmq/consumer.ts';
import type { RemotingClient } from '../../../../brokers/rocketmq/protocol/frame.ts';
import { NotRouted } from '../../../../brokers/rocketmq/topic-queues.ts';

/** NOTIFY_CONSUMER_IDS_CHANGED. */
const membersChanged = 40;

/** A topic with all queues closed, so that brokers get no requests, and some route lookups that find nothing. */
function consumeFrom(looks: readonly ('closed' | 'nothing')[]) {
  let looked = 0;
  let notify = () => {};
  const client: RemotingClient = {
    ask: () => Promise.reject(new Error('nobody is to be asked')),
    onRequest(code, answer) {
      if (code === membersChanged) notify = () => void answer({ code, fields: {}, body: Buffer.alloc(0) }, 'a');
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
  const queues = {
    async of(topic: string) {
      if (looks[Math.min(looked++, looks.length - 1)] === 'nothing') throw new NotRouted(topic, 'lab');
      return [];
    },
    forget: () => undefined,
    renew: () => undefined,
  };
  const consumer = createConsumer(client, queues, { group: 'readers', topic: 'orders' });
  const over = new AbortController();
  const assigned = Promise.withResolvers<void>();
  const run = consumer.run(async () => {}, { signal: over.signal, onAssigned: assigned.resolve });
  return { run, assigned: assigned.promise, end: () => over.abort(), notify: () => notify(), looked: () => looked };
}

test('a consumer waits while its topic has no route, as when master and slave swap roles', async () => {
  const group = consumeFrom(['closed', 'nothing', 'closed']);
  await group.assigned;
  group.notify();
  await vi.waitFor(() => expect(group.looked()).toBe(3), 5000);
  group.end();
  await expect(group.run).resolves.toBeUndefined();
});

test('a consumer that never found its topic fails with the error that it does not exist', async () => {
  await expect(consumeFrom(['nothing']).run).rejects.toThrow('cannot find topic orders: the name servers of lab');
});
