import express from 'express';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ServiceConfig } from '../../../../app/config/service.ts';
import type { ClusterLookup } from '../../../../brokers/lookup.ts';
import type { ClusterSnapshot } from '../../../../brokers/snapshot.ts';
import { systemClock } from '../../../../core/clock.ts';
import { AppError } from '../../../../core/errors.ts';
import type { Rank } from '../../../../core/roles.ts';
import { listen } from '../../../../exporter/http-server.ts';
import { createChanges } from '../../../../service/live/changes.ts';
import { createLiveStreams } from '../../../../service/live/live-streams.ts';
import { createMessageTail, type TailBounds } from '../../../../service/pages/message-tail.ts';
import { servedCluster } from '../../../support/served-api.ts';
import { stallingReader } from '../../../support/stalling-reader.ts';
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

/** @param down partition without a leader */
async function served(bounds: Partial<TailBounds> = {}, down?: number) {
  const { lookup, sender } = storedTopics({ orders: [[], []] });
  const unused = () => Promise.reject(new Error('a tail asks for messages only'));
  const asked: ClusterLookup = {
    ...lookup,
    stored: async (question, io) => {
      const { topic, partition } = question;
      if (partition === down) throw new AppError('broker-unreachable', `${topic}-${partition} has no leader now`);
      return lookup.stored(question, io);
    },
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
  const reader = { ...stallingReader(), role: 'operator' as 'viewer' | 'operator' };
  const live = createLiveStreams({ changes: createChanges(), fleet: () => ({ clusters: [] }), letStay: () => {} });
  const parts = {
    live,
    clusters: new Map([['shop', shop]]),
    access: {
      userOf: () => ({ name: 'ann', role: reader.role, via: 'login' as const }),
      isStill: async (wanted: Rank) => reader.role === wanted,
    },
    config: ServiceConfig.parse({}),
    clock: systemClock,
    tails: { count: 0 },
  };
  const tail = () => createMessageTail(parts, { prefix: '', sections: [] }, { heartbeatMs: 50, ...bounds });
  const path = '/clusters/:cluster/topics/:topic/messages/tail';
  // Users who see other clusters have other handlers.
  const app = express().use(reader.handler).get(path, tail()).get(`/others${path}`, tail());
  const server = await listen(app, '127.0.0.1:0', { signal: new AbortController().signal });
  const open = (prefix = '') => fetch(new URL(`${prefix}/clusters/shop/topics/orders/messages/tail`, server.url));
  return {
    reader,
    live,
    open,
    async follow() {
      const response = await open();
      let text = '';
      const ended = (async () => {
        const decoder = new TextDecoder();
        for await (const part of response.body ?? []) text += decoder.decode(part, { stream: true });
      })();
      return { text: () => text, ended };
    },
    async send(text: string) {
      const message = { topic: 'orders', partition: 0, value: Buffer.from(text), properties: [] };
      await sender.send(message, { signal: AbortSignal.timeout(10_000) });
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const inTime = <Value>(work: Promise<Value>) =>
  Promise.race([work, delay(10_000, undefined, { ref: false }).then(() => Promise.reject(new Error('still open')))]);

test('a tail ends when the session of its reader ends', async () => {
  await using service = await served();
  const { text, ended } = await service.follow();
  await expect.poll(() => text().match(/^:$/gm)?.length, { timeout: 10_000 }).toBeGreaterThan(3);
  await service.send('one');
  await expect.poll(text, { timeout: 10_000 }).toContain('event: message');
  service.reader.role = 'viewer';
  await inTime(ended);
  expect(text()).toContain('event: end');
});

test('a tail ends on a config reload and sends no messages after it', async () => {
  await using service = await served();
  const { text, ended } = await service.follow();
  await expect.poll(() => text().match(/^:$/gm)?.length, { timeout: 10_000 }).toBeGreaterThan(3);
  await service.send('one');
  await expect.poll(text, { timeout: 10_000 }).toContain('event: message');
  // As a reload does: the new config may mask more and let fewer users read.
  service.live.close();
  await service.send('two');
  await inTime(ended);
  expect(text().match(/^event: \w+/gm)).toEqual(['event: message', 'event: end']);
  const late = await service.follow();
  await inTime(late.ended);
  expect(late.text()).not.toContain('event: message');
});

test('a tail reports a partition that cannot be read, once', async () => {
  await using service = await served({}, 1);
  const { text, ended } = await service.follow();
  await expect.poll(text, { timeout: 10_000 }).toContain('event: unread');
  await service.send('one');
  await expect.poll(text, { timeout: 10_000 }).toContain('event: message');
  service.reader.role = 'viewer';
  await inTime(ended);
  expect(text().match(/^event: unread\n.*/gm)).toEqual([
    'event: unread\ndata: partition 1 was not read: orders-1 has no leader now',
  ]);
});

test('nothing is written to a tail after its end, even if its reader is stalled', async () => {
  await using service = await served({ longestMs: 100 });
  const { ended } = await service.follow();
  service.reader.stall();
  // A heartbeat after the end would be an uncaught error of the process.
  await delay(300);
  service.reader.readOn();
  await inTime(ended);
});

test('the number of tails is limited over all users, whichever clusters they see', async () => {
  await using service = await served({ mostTails: 1 });
  const { ended } = await service.follow();
  expect((await service.open('/others')).status).toBe(503);
  service.reader.role = 'viewer';
  await inTime(ended);
});
