import { expect, test, vi } from 'vitest';
import type { RemotingClient } from '../../../../brokers/rocketmq/protocol/frame.ts';
import type { Route } from '../../../../brokers/rocketmq/protocol/get-route.ts';
import { createTopicQueues, queuesOf, renumbered, type TopicQueue } from '../../../../brokers/rocketmq/topic-queues.ts';

const group = (brokerName: string, queues: Partial<Route['queues'][number]>, ids: readonly number[] = [0]): Route => ({
  queues: [{ brokerName, readQueues: 2, writeQueues: 2, permission: 'rw', ...queues }],
  brokers: [{ cluster: 'c', brokerName, addresses: new Map(ids.map((id) => [id, `${brokerName}-${id}:10911`])) }],
});
const routeOf = (...groups: readonly Route[]): Route => ({
  queues: groups.flatMap(({ queues }) => queues),
  brokers: groups.flatMap(({ brokers }) => brokers),
});
const numbered = (...groups: readonly Route[]) =>
  queuesOf('orders', routeOf(...groups)).map(({ partition, brokerName, queueId, isWritable, isReadable }) =>
    [partition, brokerName, queueId, isWritable ? 'w' : '', isReadable ? 'r' : ''].join(' ').trim(),
  );

test('numbers queues by broker name, then queue id, whatever the order of the route', () => {
  expect(numbered(group('b', {}), group('a', {}))).toEqual(['0 a 0 w r', '1 a 1 w r', '2 b 0 w r', '3 b 1 w r']);
});

test('a queue has the same number whether it is writable or only readable', () => {
  expect(numbered(group('a', { readQueues: 3, writeQueues: 1 }), group('b', {}))).toEqual([
    '0 a 0 w r',
    '1 a 1  r',
    '2 a 2  r',
    '3 b 0 w r',
    '4 b 1 w r',
  ]);
});

test('a queue is not writable on a broker without write permission, or on a slave in place of its master', () => {
  expect(numbered(group('a', { permission: 'r' }))).toEqual(['0 a 0  r', '1 a 1  r']);
  expect(numbered(group('a', {}, [1, 2]))).toEqual(['0 a 0  r', '1 a 1  r']);
});

test('uses the master, otherwise the slave with the lowest id', () => {
  const addressOf = (ids: readonly number[]) => queuesOf('orders', group('a', {}, ids))[0]?.address;
  expect(addressOf([2, 0, 1])).toBe('a-0:10911');
  expect(addressOf([2, 1])).toBe('a-1:10911');
});

test('leaves out a broker with an unknown address', () => {
  expect(numbered({ ...group('a', {}), brokers: [] }, group('b', {}))).toEqual(['0 b 0 w r', '1 b 1 w r']);
});

test('a queue keeps its number while its broker is gone and after it is back', () => {
  const both = queuesOf('orders', routeOf(group('a', {}), group('b', {})));
  const alone = renumbered(both, queuesOf('orders', group('b', {})), 0);
  const seen = alone.map(({ partition, brokerName, isWritable }) => `${partition} ${brokerName} ${isWritable}`);
  expect(seen).toEqual(['0 a false', '1 a false', '2 b true', '3 b true']);
  expect(renumbered(alone, both, 1)).toEqual(both);
});

test('a queue is unlisted for as long as its broker may register again, unless it was closed before', () => {
  const both = queuesOf('orders', routeOf(group('a', { writeQueues: 1 }), group('b', {})));
  const onlyB = queuesOf('orders', group('b', { readQueues: 1, writeQueues: 1 }));
  const [partial, late] = [renumbered(both, onlyB, 10), renumbered(renumbered(both, onlyB, 10), onlyB, 69)];
  const gone = renumbered(late, onlyB, 70);
  const since = (queues: readonly TopicQueue[]) => queues.map(({ unlistedAt }) => unlistedAt);
  expect([since(partial)[0], since(late)[0]]).toEqual([10, 10]);
  expect([...since(late).slice(1), ...since(gone)].filter((at) => at !== undefined)).toEqual([]);
});

test('a new queue is numbered after those that have a number', () => {
  const before = queuesOf('orders', group('b', {}));
  const now = renumbered(before, queuesOf('orders', routeOf(group('a', {}), group('b', {}))), 0);
  expect(now.map(({ partition, brokerName, queueId }) => [partition, brokerName, queueId])).toEqual([
    [0, 'b', 0],
    [1, 'b', 1],
    [2, 'a', 0],
    [3, 'a', 1],
  ]);
});

test('new queues get the same numbers regardless of when they are seen and whether they are writable', () => {
  const before = queuesOf('orders', group('b', {}));
  const closed = routeOf(group('b', { readQueues: 3 }), group('a', { permission: 'r' }));
  const open = routeOf(group('b', { readQueues: 3, writeQueues: 3 }), group('a', {}));
  const numbersOf = (queues: readonly { partition: number; brokerName: string; queueId: number }[]) =>
    queues.map(({ partition, brokerName, queueId }) => `${partition} ${brokerName} ${queueId}`);
  const late = numbersOf(renumbered(before, queuesOf('orders', open), 0));
  expect(late).toEqual(['0 b 0', '1 b 1', '2 a 0', '3 a 1', '4 b 2']);
  expect(numbersOf(renumbered(before, queuesOf('orders', closed), 0))).toEqual(late);
  expect(numbersOf(renumbered(renumbered(before, queuesOf('orders', closed), 0), queuesOf('orders', open), 0))).toEqual(
    late,
  );
});

/** Name servers that list this number of a broker's queues as open, or do not respond; and a clock to advance. */
function heardFrom(answers: readonly (number | 'silent')[]) {
  let asked = 0;
  let now = 0;
  const client: RemotingClient = {
    async ask() {
      const answer = answers[Math.min(asked++, answers.length - 1)];
      if (answer === 'silent') throw new Error('nobody answers');
      const table = {
        queueDatas: [{ brokerName: 'a', readQueueNums: 2, writeQueueNums: answer, perm: 6 }],
        brokerDatas: [{ cluster: 'c', brokerName: 'a', brokerAddrs: { 0: '10.0.0.1:10911' } }],
      };
      return { code: 0, fields: {}, body: Buffer.from(JSON.stringify(table)) };
    },
    tell: async () => undefined,
    onRequest: () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
  const clock = { now: () => new Date(0), monotonic: () => now, sleep: async () => undefined };
  const queues = createTopicQueues({ cluster: 'c', client, namesrv: ['10.0.0.9:9876'] }, clock as never);
  const open = async () => {
    const all = await queues.of('orders', { signal: new AbortController().signal });
    return all.filter(({ isWritable }) => isWritable).length;
  };
  const [renew, forget] = [() => queues.renew('orders'), () => queues.forget('orders')];
  return { open, renew, forget, asked: () => asked, after: (seconds: number) => (now += seconds) };
}

test('name servers are queried again after half a minute, without delaying a request', async () => {
  const { open, asked, after } = heardFrom([2, 1]);
  expect([await open(), await open(), asked()]).toEqual([2, 2, 1]);
  after(29);
  expect([await open(), asked()]).toEqual([2, 1]);
  after(2);
  expect(await open()).toBe(2);
  await vi.waitFor(async () => expect(await open()).toBe(1));
  expect(asked()).toBe(2);
});

test('known queues stay in use while no name server responds, which is retried after half a minute', async () => {
  const { open, asked, after } = heardFrom([2, 'silent', 1]);
  await open();
  after(31);
  expect(await open()).toBe(2);
  await vi.waitFor(() => expect(asked()).toBe(2));
  expect([await open(), asked()]).toEqual([2, 2]);
  after(31);
  await open();
  await vi.waitFor(async () => expect(await open()).toBe(1));
});

test('rejected sends read the route again twice a second at most, and keep it while no name server responds', async () => {
  const { open, renew, asked, after } = heardFrom([2, 'silent', 1]);
  await open();
  renew();
  expect(asked()).toBe(1);
  after(0.6);
  for (let sends = 0; sends < 1000; sends++) renew();
  await vi.waitFor(() => expect(asked()).toBe(2));
  expect([await open(), asked()]).toEqual([2, 2]);
  after(0.6);
  renew();
  await vi.waitFor(async () => expect(await open()).toBe(1));
  expect(asked()).toBe(3);
});

test('known queues stay in use after a failed send, too, while no name server responds', async () => {
  const { open, forget, asked, after } = heardFrom([2, 'silent', 1]);
  await open();
  forget();
  after(0.6);
  expect([await open(), await open(), asked()]).toEqual([2, 2, 2]);
  after(0.6);
  expect([await open(), asked()]).toEqual([1, 3]);
});

test('a rejected send does not defer the route that another failure needs', async () => {
  const { open, renew, forget, after } = heardFrom([2, 1]);
  await open();
  forget();
  after(0.6);
  renew();
  expect(await open()).toBe(1);
});
