import { describe, expect, test } from 'vitest';
import type { BrokerLink } from '../../../../../brokers/rocketmq/inspect/broker-link.ts';
import { createQueueOffsetReader } from '../../../../../brokers/rocketmq/inspect/queue-offsets.ts';
import { parseRuntimeInfo } from '../../../../../brokers/rocketmq/runtime-info.ts';
import type { Request, Response } from '../../../../../brokers/rocketmq/protocol/frame.ts';
import { answerOf, refusalOf } from '../../../../support/rocketmq-answers.ts';
import { createHandClock } from '../../../../support/hand-clock.ts';

const io = { signal: new AbortController().signal };

/** A broker with these queue offsets; request 202 covers a whole topic, 30 and 31 one queue. */
function broker(ends: Record<string, bigint[]>, starts: Record<string, bigint> = {}) {
  const asked: string[] = [];
  function answer({ code, fields }: Request): Response {
    const { topic = '', queueId = '0', lo } = fields as { topic?: string; queueId?: string; lo?: string };
    // A static topic (5.x): without `lo`, the number is that of a queue which another broker may have.
    if (topic === 'static' && code !== 202 && lo !== 'false')
      return refusalOf(501, 'static-0 does not exit in request process');
    asked.push(code === 202 ? `202 ${topic}` : `${code} ${topic} ${queueId}`);
    const queues = ends[topic];
    if (queues === undefined) return refusalOf(17, 'not exist');
    if (code === 31) return answerOf('', { offset: String(starts[topic] ?? 0n) });
    if (code === 30) return answerOf('', { offset: String(queues[Number(queueId)]) });
    const rows = queues.map(
      (end, id) =>
        `{"brokerName":"a","queueId":${id},"topic":"${topic}"}:{"lastUpdateTimestamp":7,"maxOffset":${end},"minOffset":${starts[topic] ?? 0n}}`,
    );
    return answerOf(`{"offsetTable":{${rows.join(',')}}}`);
  }
  const link: BrokerLink = { id: 'a:0', ask: async (request) => request.parse(answer(request)) };
  return { link, asked: () => asked.splice(0).sort() };
}

const figures = (end: number, begin = 0) =>
  parseRuntimeInfo(
    new Map([
      ['commitLogMaxOffset', String(end)],
      ['commitLogMinOffset', String(begin)],
      ['dispatchBehindBytes', '0'],
    ]),
  );

const topics = (...names: string[]) => names.map((name) => ({ name, queues: 2 }));

test('reads the end of every queue first, and the start only of queues with messages', async () => {
  const reader = createQueueOffsetReader({ clock: createHandClock() });
  const { link, asked } = broker({ orders: [5n, 0n] }, { orders: 2n });
  const offsets = await reader.read(link, topics('orders'), figures(100), io);
  expect(offsets.get('orders')).toEqual([
    { end: 5n, start: 2n },
    { end: 0n, start: 0n },
  ]);
  expect(asked()).toEqual(['30 orders 0', '30 orders 1', '31 orders 0']);
});

test('reads the queues that a static topic has on this broker, as its commits count them', async () => {
  const reader = createQueueOffsetReader({ clock: createHandClock() });
  const { link } = broker({ static: [5n, 3n] }, { static: 1n });
  const offsets = await reader.read(link, topics('static'), figures(100), io);
  expect(offsets.get('static')).toEqual([
    { end: 5n, start: 1n },
    { end: 3n, start: 1n },
  ]);
});

test('reads once more after the commit log stops growing, for messages that slaves confirm late, then stops', async () => {
  const reader = createQueueOffsetReader({ clock: createHandClock() });
  const ends = { orders: [5n, 0n] };
  const { link, asked } = broker(ends);
  await reader.read(link, topics('orders'), figures(100), io);
  ends.orders = [6n, 0n];
  const confirmed = await reader.read(link, topics('orders'), figures(100), io);
  expect(confirmed.get('orders')?.[0]).toEqual({ start: 0n, end: 6n });
  asked();
  expect(await reader.read(link, topics('orders'), figures(100), io)).toEqual(confirmed);
  expect(asked()).toEqual([]);
});

describe('readings of some topics between readings of all topics, as in a load test', () => {
  const unknown = parseRuntimeInfo();

  test('keep the other topics, and do not read starts again', async () => {
    const clock = createHandClock();
    const reader = createQueueOffsetReader({ clock });
    const { link, asked } = broker({ own: [5n, 5n], orders: [5n, 6n] });
    await reader.read(link, topics('own', 'orders'), figures(100), io);
    for (let second = 0; second < 5; second++) {
      clock.advance(1);
      await reader.read(link, topics('own'), unknown, io, false);
    }
    asked();
    const all = await reader.read(link, topics('own', 'orders'), unknown, io);
    expect(asked().filter((line) => line.startsWith('31'))).toEqual([]);
    expect(all.get('orders')?.[1]).toEqual({ start: 0n, end: 6n });
  });

  test('keep the turn of other topics, if there are more queues than one reading covers', async () => {
    const reader = createQueueOffsetReader({ clock: createHandClock() });
    const names = ['a', 'b', 'c', 'd'];
    const { link, asked } = broker({
      own: [5n, 5n],
      ...Object.fromEntries(names.map((name) => [name, Array.from({ length: 4000 }, () => 0n)])),
    });
    const all = [...topics('own'), ...names.map((name) => ({ name, queues: 4000 }))];
    await reader.read(link, all, unknown, io);
    await reader.read(link, topics('own'), unknown, io, false);
    asked();
    await reader.read(link, all, unknown, io);
    const again = new Set(asked().map((line) => line.split(' ')[1]));
    expect(again).toEqual(new Set(['c', 'd']));
  });
});

test('reads starts again after a minute during which the start of the commit log is unknown', async () => {
  const clock = createHandClock();
  const reader = createQueueOffsetReader({ clock });
  const { link, asked } = broker({ orders: [5n, 6n] });
  const startsAsked = async (seconds: number) => {
    clock.advance(seconds);
    await reader.read(link, topics('orders'), parseRuntimeInfo(), io);
    return asked().some((line) => line.startsWith('31'));
  };
  const asking: boolean[] = [];
  for (const seconds of [0, 59, 1, 1, 1]) asking.push(await startsAsked(seconds));
  expect(asking).toEqual([true, false, true, true, false]);
});

test('reads again while messages wait for dispatch, although the commit log does not grow', async () => {
  const reader = createQueueOffsetReader({ clock: createHandClock() });
  const { link, asked } = broker({ orders: [5n, 0n] });
  const behind = { ...figures(100), dispatchBehindBytes: 700n };
  await reader.read(link, topics('orders'), behind, io);
  asked();
  await reader.read(link, topics('orders'), figures(100), io);
  expect(asked()).toEqual(['30 orders 0', '30 orders 1']);
});

test('reads again if a topic is new or has more queues', async () => {
  const reader = createQueueOffsetReader({ clock: createHandClock() });
  const { link, asked } = broker({ orders: [5n, 0n, 9n], payments: [1n, 1n] });
  await reader.read(link, topics('orders'), figures(100), io);
  asked();
  await reader.read(link, topics('orders'), figures(100), io);
  asked();
  await reader.read(link, [...topics('orders'), ...topics('payments')], figures(100), io);
  expect(asked()).toEqual(['30 payments 0', '30 payments 1', '31 payments 0', '31 payments 1']);
  await reader.read(link, [{ name: 'orders', queues: 3 }, ...topics('payments')], figures(100), io);
  expect(asked()).toEqual(['30 orders 0', '30 orders 1', '30 orders 2', '31 orders 2']);
});

test('reads a topic as a whole, with store times, once all its queues with messages have moved', async () => {
  const reader = createQueueOffsetReader({ clock: createHandClock() });
  const ends = { orders: [5n, 6n], quiet: [1n, 1n] };
  const { link, asked } = broker(ends);
  await reader.read(link, topics('orders', 'quiet'), figures(100), io);
  ends.orders = [7n, 8n];
  await reader.read(link, topics('orders', 'quiet'), figures(200), io);
  expect(reader.moved()).toEqual(new Set(['orders']));
  asked();
  const offsets = await reader.read(link, topics('orders', 'quiet'), figures(300), io);
  expect(asked()).toEqual(['202 orders', '30 quiet 0', '30 quiet 1']);
  expect(offsets.get('orders')?.[1]).toEqual({ start: 0n, end: 8n });
});

test('never reads a topic as a whole if one of its queues paused, because its newest message may be cold', async () => {
  const reader = createQueueOffsetReader({ clock: createHandClock() });
  const ends = { orders: [5n, 6n] };
  const { link, asked } = broker(ends);
  await reader.read(link, topics('orders'), figures(100), io);
  ends.orders = [7n, 6n];
  await reader.read(link, topics('orders'), figures(200), io);
  asked();
  await reader.read(link, topics('orders'), figures(300), io);
  expect(asked()).toEqual(['30 orders 0', '30 orders 1']);
});

test('never reads a topic as a whole after a long pause, because the moved messages are cold by then', async () => {
  const clock = createHandClock();
  const reader = createQueueOffsetReader({ clock });
  const ends = { orders: [5n, 6n] };
  const { link, asked } = broker(ends);
  await reader.read(link, topics('orders'), figures(100), io);
  ends.orders = [7n, 8n];
  await reader.read(link, topics('orders'), figures(200), io);
  asked();
  clock.advance(600);
  await reader.read(link, topics('orders'), figures(300), io);
  expect(asked()).toEqual(['30 orders 0', '30 orders 1']);
});

test('reads starts twice after the commit log lost its beginning, because the broker corrects them late', async () => {
  const reader = createQueueOffsetReader({ clock: createHandClock() });
  const starts = { orders: 2n };
  const { link, asked } = broker({ orders: [5n, 6n] }, starts);
  const startsRead = async (begin: number) => {
    const offsets = await reader.read(link, topics('orders'), figures(100, begin), io);
    return offsets.get('orders')?.map((queue) => queue?.start);
  };
  await startsRead(0);
  starts.orders = 3n;
  expect(await startsRead(50)).toEqual([3n, 3n]);
  starts.orders = 4n;
  expect(await startsRead(50)).toEqual([4n, 4n]);
  asked();
  expect(await startsRead(50)).toEqual([4n, 4n]);
  expect(asked()).toEqual([]);
});

test('a queue whose end went back counts as re-created, and its start is read again', async () => {
  const reader = createQueueOffsetReader({ clock: createHandClock() });
  const [ends, starts] = [{ orders: [50n, 60n] }, { orders: 20n }];
  const { link } = broker(ends, starts);
  await reader.read(link, topics('orders'), figures(100), io);
  [ends.orders, starts.orders] = [[3n, 3n], 0n];
  const offsets = await reader.read(link, topics('orders'), figures(200), io);
  expect(offsets.get('orders')?.[0]).toEqual({ end: 3n, start: 0n });
});

test('a deleted topic has no offsets, while the others still have them', async () => {
  const reader = createQueueOffsetReader({ clock: createHandClock() });
  const { link } = broker({ orders: [5n, 6n] });
  const offsets = await reader.read(link, topics('orders', 'gone'), figures(100), io);
  expect(offsets.get('gone')).toEqual([undefined, undefined]);
  expect(offsets.get('orders')).toHaveLength(2);
});

test('every queue is read if the figures are unknown', async () => {
  const reader = createQueueOffsetReader({ clock: createHandClock() });
  const { link, asked } = broker({ orders: [5n, 6n] });
  await reader.read(link, topics('orders'), parseRuntimeInfo(), io);
  asked();
  await reader.read(link, topics('orders'), parseRuntimeInfo(), io);
  expect(asked()).toContain('30 orders 0');
});

test('the queues of a very large broker are read in parts, moving queues first, until all are read', async () => {
  const clock = createHandClock();
  const reader = createQueueOffsetReader({ clock });
  const names = ['a', 'b', 'c', 'd'];
  const ends = Object.fromEntries(names.map((name) => [name, Array.from({ length: 4000 }, () => 0n)]));
  const { link, asked } = broker(ends);
  const all = names.map((name) => ({ name, queues: 4000 }));
  const read = async (end: number) => {
    clock.advance(15);
    const offsets = await reader.read(link, all, figures(end), io);
    const topicsAsked = [...new Set(asked().map((line) => line.split(' ')[1]))];
    return { topicsAsked, filled: names.filter((name) => offsets.get(name)?.length === 4000) };
  };
  expect(await read(100)).toEqual({ topicsAsked: ['a', 'b'], filled: ['a', 'b'] });
  expect(await read(100)).toEqual({ topicsAsked: ['c', 'd'], filled: names });
  expect(await read(100)).toEqual({ topicsAsked: ['a', 'b'], filled: names });
  expect(await read(100)).toEqual({ topicsAsked: [], filled: names });
  ends['b'] = ends['b']?.with(7, 1n) ?? [];
  expect(await read(200)).toEqual({ topicsAsked: ['c', 'd'], filled: names });
  expect(await read(300)).toEqual({ topicsAsked: ['a', 'b'], filled: names });
  expect(await read(400)).toEqual({ topicsAsked: ['b', 'c'], filled: names });
});

test('on a very large broker with moving queues, every queue is read eventually', async () => {
  const clock = createHandClock();
  const reader = createQueueOffsetReader({ clock });
  const names = ['a', 'b', 'c', 'd'];
  const ends = Object.fromEntries(names.map((name) => [name, Array.from({ length: 4000 }, () => 1n)]));
  const { link, asked } = broker(ends);
  const all = names.map((name) => ({ name, queues: 4000 }));
  for (let round = 1; round <= 8; round++) {
    clock.advance(15);
    // One queue of each topic moves, so that no topic is read as a whole.
    for (const name of ['a', 'b']) ends[name] = ends[name]?.with(0, BigInt(round)) ?? [];
    if (round === 4) ends['d'] = ends['d']?.with(7, 9n) ?? [];
    await reader.read(link, all, figures(100 * round), io);
    asked();
  }
  const offsets = await reader.read(link, all, figures(900), io);
  expect(offsets.get('d')?.[7]?.end).toBe(9n);
});
