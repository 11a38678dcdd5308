import { expect, test, vi } from 'vitest';
import type { RemotingClient } from '../../../../brokers/rocketmq/protocol/frame.ts';
import type { Route } from '../../../../brokers/rocketmq/protocol/name-server-requests.ts';
import {
  closeUnlisted,
  createTopicQueues,
  queuesOf,
  renumbered,
  type TopicQueue,
} from '../../../../brokers/rocketmq/topic-queues.ts';
import { type Clock, seconds, untilAborted } from '../../../../core/clock.ts';
import { AppError } from '../../../../core/errors.ts';

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

const onlyB = queuesOf('orders', group('b', {}));
const openIn = (queues: readonly TopicQueue[]) =>
  queues.map(({ partition, brokerName, isWritable, isReadable }) =>
    [partition, brokerName, isWritable ? 'w' : '', isReadable ? 'r' : ''].join(' ').trim(),
  );

test('a queue keeps its number while its broker is gone and after it is back', () => {
  const both = queuesOf('orders', routeOf(group('a', {}), group('b', {})));
  const alone = renumbered(renumbered(both, onlyB, 0), onlyB, 60);
  expect(openIn(alone)).toEqual(['0 a', '1 a', '2 b w r', '3 b w r']);
  expect(renumbered(alone, both, 61)).toEqual(both);
});

test('a queue stays open while its unlisted broker may register with a restarted name server', () => {
  const both = queuesOf('orders', routeOf(group('a', { writeQueues: 1 }), group('b', {})));
  const late = renumbered(renumbered(both, onlyB, 10), onlyB, 69);
  expect(openIn(late).slice(0, 2)).toEqual(['0 a w r', '1 a  r']);
  expect(openIn(renumbered(late, onlyB, 70)).slice(0, 2)).toEqual(['0 a', '1 a']);
});

test('a queue of an unlisted broker is closed once the broker does not answer', () => {
  const partial = renumbered(queuesOf('orders', routeOf(group('a', {}), group('b', {}))), onlyB, 10);
  const down = new AppError('broker-unreachable', 'connection refused');
  expect(closeUnlisted(partial.slice(0, 2), new AppError('broker-busy', 'busy'))).toBe(false);
  expect(closeUnlisted(partial.slice(0, 2), down)).toBe(true);
  expect(closeUnlisted(partial.slice(2), down)).toBe(false);
  expect(openIn(renumbered(partial, onlyB, 11))).toEqual(['0 a', '1 a', '2 b w r', '3 b w r']);
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

/**
 * Name servers that list this number of a broker's queues as open, do not know the topic, refuse connections (`silent`)
 * or never answer (`hangs`); and a clock to advance.
 */
function heardFrom(answers: readonly (number | 'unknown' | 'silent' | 'hangs')[]) {
  let asked = 0;
  let now = 0;
  let wake = () => {};
  const client: RemotingClient = {
    async ask() {
      const answer = answers[Math.min(asked++, answers.length - 1)];
      if (answer === 'silent') throw new Error('nobody answers');
      if (answer === 'hangs') return new Promise<never>(() => {});
      if (answer === 'unknown') return { code: 17, fields: {}, body: Buffer.alloc(0) };
      const table = {
        queueDatas: [{ brokerName: 'a', readQueueNums: 2, writeQueueNums: answer, perm: 6 }],
        brokerDatas: [{ cluster: 'c', brokerName: 'a', brokerAddrs: { 0: '10.0.0.1:10911' } }],
      };
      return { code: 0, fields: {}, body: Buffer.from(JSON.stringify(table)) };
    },
    onRequest: () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
  const clock: Clock = {
    now: () => new Date(0),
    monotonic: () => seconds(now),
    sleep: (_, { signal = endless } = {}) => untilAborted(new Promise<void>((resolve) => (wake = resolve)), signal),
  };
  const queues = createTopicQueues({ cluster: 'c', client, namesrv: ['10.0.0.9:9876'] }, clock);
  const open = async () => {
    const all = await queues.of('orders', { signal: endless });
    return all.filter(({ isWritable }) => isWritable).length;
  };
  const [renew, forget] = [() => queues.renew('orders'), () => queues.forget('orders')];
  return { open, renew, forget, asked: () => asked, after: (time: number) => (now += time), wake: () => wake() };
}
const { signal: endless } = new AbortController();

test('after a failed send, callers wait half a second for a hanging name server, and not again until it answered', async () => {
  const { open, forget, asked, after, wake } = heardFrom([2, 'hangs', 1]);
  await open();
  forget();
  after(0.6);
  const first = open();
  wake();
  expect(await first).toBe(2);
  after(100);
  expect([await open(), asked()]).toEqual([2, 2]);
});

test('a topic that no name server lists is queried twice a second at most, and its queues stay open for a minute', async () => {
  const { open, forget, asked, after } = heardFrom([2, 'unknown']);
  await open();
  forget();
  after(0.6);
  expect([await open(), await open(), asked()]).toEqual([2, 2, 2]);
  forget();
  after(61);
  for (let sends = 0; sends < 1000; sends++) {
    await expect(open()).rejects.toThrow(/cannot find topic orders: .* no longer list it; it was on \S+ \(\S+\)/);
  }
  expect(asked()).toBe(3);
  after(0.6);
  await expect(open()).rejects.toThrow('cannot find topic orders');
  expect(asked()).toBe(4);
});

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
