import { expect, test } from 'vitest';
import { describedLoad } from '../../../../../analyzer/evidence/bytes/described-load.ts';
import type { DescribedLoad } from '../../../../../analyzer/evidence/bytes/description.ts';
import { messageCost, cardBytes } from '../../../../../core/wire/message-cost.ts';
import { AppError } from '../../../../../core/errors.ts';

const pair = { broker: 'rocketmq', mode: 'master-slave', replicas: 2, body: 500 };
const trio = { broker: 'kafka', replicas: 3, body: 500 };
const bytesOf = (given: DescribedLoad) => cardBytes(messageCost(describedLoad(given)));

test.each<[string, DescribedLoad]>([
  ['broker', { body: 500 }],
  ['broker', { broker: 'pulsar', body: 500 }],
  ['mode', { broker: 'rocketmq', body: 500 }],
  ['mode', { broker: 'kafka', mode: 'dledger', replicas: 3, body: 500 }],
  ['body', { broker: 'rocketmq', mode: 'single' }],
  ['body', { ...pair, body: -1 }],
  ['body', { ...pair, body: 0.5 }],
  ['replicas', { broker: 'rocketmq', mode: 'dledger', body: 500 }],
  ['replicas', { ...pair, mode: 'single' }],
  ['replicas', { ...pair, replicas: 1 }],
  ['replicas', { ...pair, replicas: 0 }],
  ['push-batch', { ...trio, 'push-batch': 5 }],
  ['push-batch', { ...pair, 'push-batch': 5 }],
  ['messages-per-transfer', { ...pair, mode: 'dledger', 'messages-per-transfer': 5 }],
  ['messages-per-transfer', { ...trio, replicas: 1, 'messages-per-transfer': 5 }],
  ['records-per-batch', { ...pair, 'records-per-batch': 5 }],
  ['slave-reads', { broker: 'rocketmq', mode: 'single', body: 500, 'slave-reads': 0.5 }],
  ['slave-reads', { ...pair, 'slave-reads': 1.5 }],
  ['broadcast-members', { ...trio, 'broadcast-members': 5 }],
  ['delivered-share', { ...trio, 'delivered-share': 0.5 }],
  ['kind', { ...pair, kind: 'ordered' }],
  ['requests', { ...pair, kind: 'delayed', requests: 5 }],
  ['requests', { ...trio, requests: 5, 'records-per-batch': 10 }],
  ['generation', { ...pair, mode: 'controller', generation: 4 }],
  ['compression', { ...pair, compression: 0.5 }],
])('rejects an invalid load with the option --%s in the message: %o', (name, given) => {
  const refused = () => describedLoad(given);
  expect(refused).toThrow(AppError);
  expect(refused).toThrow(new RegExp(`^--${name} `));
});

test('the number of messages sent to consumers depends on groups, broadcast members, tag filters and slave reads', () => {
  const one = bytesOf(pair).out - bytesOf({ ...pair, groups: 0 }).out;
  const copies = (over: DescribedLoad) =>
    (bytesOf({ ...pair, ...over }).out - bytesOf({ ...pair, groups: 0 }).out) / one;
  expect(copies({ groups: 2 })).toBeCloseTo(2, 9);
  expect(copies({ groups: 1, 'broadcast-members': 4 })).toBeCloseTo(5, 9);
  expect(copies({ groups: 2, 'delivered-share': 0.25 })).toBeCloseTo(0.5, 9);
  expect(copies({ groups: 2, 'slave-reads': 1 })).toBeCloseTo(0, 9);
});

test('a delayed message is stored twice and replicated twice, and consumed once', () => {
  const cost = messageCost(describedLoad({ ...pair, kind: 'delayed' }));
  const plain = messageCost(describedLoad(pair));
  expect(cost.storedMessages).toBe(2);
  expect(cost.diskBytes).toBeGreaterThan(2 * plain.diskBytes);
  expect(cardBytes(cost, 'follower').out).toBeGreaterThan(2 * cardBytes(plain, 'follower').out);
  // It keeps the properties of its delay.
  const [delayed, sent] = [cost, plain].map((each) => cardBytes(each, 'consumer').out);
  expect((delayed ?? 0) / (sent ?? 0)).toBeCloseTo(1.06);
});

test('a transactional message adds a half message and an operation record to the log', () =>
  expect(messageCost(describedLoad({ ...pair, kind: 'transactional' })).storedMessages).toBe(3));

test('compression reduces the size of bodies and records, but not of headers', () => {
  for (const given of [pair, trio]) {
    const [plain, packed] = [bytesOf(given), bytesOf({ ...given, compression: 4 })];
    expect(packed.in).toBeLessThan(plain.in);
    expect(packed.in).toBeGreaterThan(plain.in / 4);
  }
});

test('a request with many messages costs fewer bytes than one request per message', () =>
  expect(bytesOf({ ...pair, requests: 20 }).in).toBeLessThan(bytesOf(pair).in));
