import { readFileSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import type { BrokerLink } from '../../../../../brokers/rocketmq/inspect/broker-link.ts';
import { RocketmqClusterConfig } from '../../../../../brokers/rocketmq/config.ts';
import { createRocketmqLookup } from '../../../../../brokers/rocketmq/lookup/lookup.ts';
import { readMembers } from '../../../../../brokers/rocketmq/lookup/members.ts';
import { findMessages, foundOf, type QueueBroker } from '../../../../../brokers/rocketmq/lookup/messages.ts';

import { decodeProperties, propertyNames } from '../../../../../brokers/rocketmq/protocol/message-properties.ts';
import { readStoredMessages } from '../../../../../brokers/rocketmq/protocol/message.ts';
import { seconds, systemClock } from '../../../../../core/clock.ts';
import { AppError } from '../../../../../core/errors.ts';
import { answerTo, startRemotingPeer } from '../../../../support/remoting-peer.ts';

const io = { signal: new AbortController().signal };

afterEach(() => {
  vi.restoreAllMocks();
});

/** Several consecutive messages as stored by a 4.9.7 broker. */
const { bodyHex } = JSON.parse(
  readFileSync(new URL('../../../../fixtures/wire/rocketmq/pull-4.9.7.json', import.meta.url), 'utf8'),
) as { bodyHex: string };
const stored = Buffer.from(bodyHex, 'hex');

/** Returns the first message of these bytes. */
function firstOf(bytes: Buffer) {
  const [message] = readStoredMessages(bytes);
  if (message === undefined) throw new Error('the capture holds no message');
  return message;
}

const { storeHost, storedBytes } = firstOf(stored);
const port = storeHost.slice(storeHost.lastIndexOf(':') + 1);
const { id = '' } = foundOf(firstOf(stored), 'a').facts;

/** Brokers by name and address, each with its response body. @param asked collects the names of queried brokers */
function brokersOf(asked: string[], ...brokers: [brokerName: string, address: string, body: Buffer][]): QueueBroker[] {
  return brokers.map(([brokerName, address, body]) => {
    const link: BrokerLink = {
      id: `${brokerName}:0`,
      async ask({ parse }) {
        asked.push(brokerName);
        return parse({ code: 0, fields: {}, body });
      },
    };
    return { brokerName, address, link };
  });
}

test('a message is found by its id even if its broker is registered under a host name', async () => {
  const asked: string[] = [];
  const brokers = brokersOf(
    asked,
    // For this broker, the offset is inside a message.
    ['a', `broker-a:${port}`, stored.subarray(8)],
    ['b', `broker-b:${port}`, stored.subarray(storedBytes)],
    ['c', 'broker-c:1', stored],
    ['d', `broker-d:${port}`, stored],
  );
  expect(await findMessages(brokers, { kind: 'id', id: id.toLowerCase() }, io)).toMatchObject({
    kind: 'found',
    messages: [{ brokerName: 'd', facts: { id } }],
  });
  expect(asked).toEqual(['a', 'b', 'd']);
  expect(await findMessages(brokers.slice(0, 3), { kind: 'id', id }, io)).toMatchObject({
    kind: 'not-there',
    reason: expect.stringContaining(`names broker ${storeHost}, which is not registered in the cluster`),
  });
});

test('a broker that is down does not hide a message on another one, and makes a miss uncertain', async () => {
  const down: QueueBroker = {
    brokerName: 'a',
    address: `broker-a:${port}`,
    link: { id: 'a:0', ask: () => Promise.reject(new AppError('broker-unreachable', 'cannot reach broker-a')) },
  };
  const others = brokersOf([], ['b', `broker-b:${port}`, stored]);
  expect(await findMessages([down, ...others], { kind: 'id', id }, io)).toMatchObject({ kind: 'found' });
  await expect(findMessages([down], { kind: 'id', id }, io)).rejects.toThrow('cannot reach broker-a');
});

test('a search by key finds a message on one broker while another is down', async () => {
  const down: QueueBroker = {
    brokerName: 'a',
    address: 'broker-a:1',
    link: { id: 'a:0', ask: () => Promise.reject(new AppError('broker-unreachable', 'cannot reach broker-a')) },
  };
  const others = brokersOf([], ['b', 'broker-b:1', stored]);
  const { topic, properties } = firstOf(stored);
  const key = decodeProperties(properties).get(propertyNames.uniqueKey) ?? '';
  const question = { kind: 'key', key, topic, most: 8 } as const;
  expect(await findMessages([down, ...others], question, io)).toMatchObject({ messages: [{ brokerName: 'b' }] });
  await expect(findMessages([down, ...others], { ...question, key: 'none' }, io)).rejects.toThrow(
    'cannot reach broker-a',
  );
});

test('all brokers are queried concurrently for group members, and a hanging one costs only a few seconds', async () => {
  const reached = Promise.withResolvers<void>();
  const limits: unknown[] = [];
  const hung: BrokerLink = {
    id: 'a:0',
    async ask(_, { within }) {
      limits.push(within);
      await reached.promise;
      throw new AppError('broker-unreachable', 'cannot reach broker-a');
    },
  };
  const other: BrokerLink = {
    id: 'b:0',
    async ask({ parse }) {
      reached.resolve();
      return parse({ code: 206, fields: {}, body: Buffer.alloc(0) });
    },
  };
  expect(await readMembers([hung, other], 'billing', io)).toEqual({ members: [], notices: ['cannot reach broker-a'] });
  expect(limits).toEqual([3]);
  await expect(readMembers([], 'billing', io)).rejects.toThrow('no name server lists a broker');
});

test('if brokers are registered by address, only the broker in the message id is queried', async () => {
  const asked: string[] = [];
  const brokers = brokersOf(asked, ['a', `broker-a:${port}`, stored], ['b', storeHost, stored]);
  expect(await findMessages(brokers, { kind: 'id', id }, io)).toMatchObject({ messages: [{ brokerName: 'b' }] });
  expect(asked).toEqual(['b']);
});

test('an invalid birth time is shown as a number', () => {
  const message = Buffer.from(stored.subarray(0, storedBytes));
  // As from a client that writes nanoseconds.
  message.writeBigInt64BE(1_763_636_000_000_000_000n, 40);
  expect(foundOf(firstOf(message), 'a').facts).toMatchObject({ 'born at': '1763636000000000000 (out of range)' });
});

test('a lookup of a mistyped topic suggests a similar topic if topics can be listed', async () => {
  const bodies: Record<number, object> = { 106: { brokerAddrTable: {} }, 206: { topicList: ['orders'] } };
  await using server = await startRemotingPeer((frame, say) => {
    const body = bodies[frame.code];
    // 17: TOPIC_NOT_EXIST
    say(answerTo(frame, body === undefined ? { code: 17 } : { body: Buffer.from(JSON.stringify(body)) }));
  });
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: [server.address] });
  await using lookup = await createRocketmqLookup('shop', config, io);
  await expect(lookup.partitions('oders', io)).rejects.toMatchObject({
    code: 'not-found',
    message: 'cluster shop has no topic oders',
    hint: 'did you mean orders?',
  });
  delete bodies[206];
  await expect(lookup.partitions('oders', io)).rejects.toMatchObject({
    code: 'not-found',
    hint: '`plimsoll get topics` lists the topics',
  });
});

test('a queue is read from its new master at once after the old master hung', async () => {
  let passed = 0;
  vi.spyOn(systemClock, 'monotonic').mockImplementation(() => seconds(performance.now() / 1000 + passed));
  let isUp = true;
  await using old = await startRemotingPeer((frame, say, socket) => {
    if (isUp) return say(answerTo(frame, { fields: { offset: '4' } }));
    passed += 3;
    socket.destroy();
  });
  await using elected = await startRemotingPeer((frame, say) => say(answerTo(frame, { fields: { offset: '7' } })));
  let master = old.address;
  await using server = await startRemotingPeer((frame, say) => {
    const group = { cluster: 'shop', brokerName: 'broker-a', brokerAddrs: { 0: master } };
    say(answerTo(frame, { body: Buffer.from(JSON.stringify({ brokerAddrTable: { 'broker-a': group } })) }));
  });
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: [server.address] });
  await using lookup = await createRocketmqLookup('shop', config, io);
  const read = () =>
    lookup.stored({ topic: 'orders', partition: 0, brokerName: 'broker-a', from: { kind: 'newest' }, most: 1 }, io);
  expect(await read()).toMatchObject({ end: 4n });
  isUp = false;
  await expect(read()).rejects.toThrow(`cannot reach ${old.address}`);
  await expect(read()).rejects.toThrow(`broker ${old.address} hung less than a minute ago`);
  master = elected.address;
  expect(await read()).toMatchObject({ end: 7n });
});

test('an offset without a broker is answered with the required form', async () => {
  const brokers = brokersOf([], ['broker-a', 'broker-a:10911', stored]);
  const question = { kind: 'offset', topic: 'orders', partition: 0, offset: 17n } as const;
  expect(await findMessages(brokers, question, io)).toEqual({
    kind: 'not-there',
    reason: 'queue ids start at 0 on each broker: name the broker too, such as broker-a:0; there are: broker-a',
  });
});
