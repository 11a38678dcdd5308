import express from 'express';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ServiceConfig } from '../../../../app/config/service.ts';
import type { ClusterLookup } from '../../../../brokers/lookup.ts';
import type { ClusterSnapshot } from '../../../../brokers/snapshot.ts';
import { systemClock } from '../../../../core/clock.ts';
import { listen } from '../../../../exporter/http-server.ts';
import { createMessageTail } from '../../../../service/pages/message-tail.ts';
import { servedCluster } from '../../../support/served-api.ts';
import { storedTopics } from '../../../support/stored-topics.ts';

const snapshot: ClusterSnapshot = {
  cluster: { name: 'shop', kind: 'kafka', brokers: [{ id: '1', address: 'b:9092' }] },
  topics: [
    {
      name: 'orders',
      internal: false,
      partitions: [{ topic: 'orders', partition: 0, leader: '1', replicas: ['1'], inSyncReplicas: ['1'] }],
    },
  ],
  offsets: [],
  groups: [],
  sections: [],
};

test('a tail ends with the session of its reader', async () => {
  const { lookup, sender } = storedTopics({ orders: [[]] });
  const unused = () => Promise.reject(new Error('a tail asks for messages only'));
  const asked: ClusterLookup = {
    ...lookup,
    members: unused,
    settings: unused,
    routes: unused,
    producers: unused,
    topicSettings: unused,
    clientQuotas: unused,
    topicSizes: unused,
    sampleProducers: unused,
    clientCounts: unused,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const shop = servedCluster('shop', { last: () => ({ snapshot, at: new Date() }), lookUp: async () => asked });
  let role: 'viewer' | 'operator' = 'operator';
  const tail = createMessageTail(
    {
      clusters: new Map([['shop', shop]]),
      access: {
        userOf: () => ({ name: 'ann', role, via: 'login' }),
        isStill: async (wanted) => role === wanted,
      },
      config: ServiceConfig.parse({}),
      clock: systemClock,
    },
    { prefix: '', sections: [] },
    { heartbeatMs: 50 },
  );
  const app = express().get('/clusters/:cluster/topics/:topic/messages/tail', tail);
  await using server = await listen(app, '127.0.0.1:0', { signal: new AbortController().signal });
  const response = await fetch(new URL('/clusters/shop/topics/orders/messages/tail', server.url));
  let text = '';
  const ended = (async () => {
    const decoder = new TextDecoder();
    for await (const part of response.body ?? []) text += decoder.decode(part, { stream: true });
  })();
  await expect.poll(() => text.match(/^:$/gm)?.length, { timeout: 10_000 }).toBeGreaterThan(3);
  const io = { signal: AbortSignal.timeout(10_000) };
  await sender.send({ topic: 'orders', partition: 0, value: Buffer.from('one'), properties: [] }, io);
  await expect.poll(() => text, { timeout: 10_000 }).toContain('event: message');
  role = 'viewer';
  await Promise.race([
    ended,
    delay(10_000, undefined, { ref: false }).then(() => Promise.reject(new Error('still open'))),
  ]);
  expect(text).toContain('event: end');
});
