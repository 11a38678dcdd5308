import { expect, test } from 'vitest';
import { createLinks } from '../../../../../brokers/rocketmq/inspect/broker-link.ts';
import { createTrafficReader, type TrafficSource } from '../../../../../brokers/rocketmq/inspect/moving-traffic.ts';
import { createReadGovernor } from '../../../../../brokers/read-governor.ts';
import { createHandClock } from '../../../../support/hand-clock.ts';
import { answerOf, refusalOf } from '../../../../support/rocketmq-answers.ts';
import { scriptProcesses } from '../../../../support/rocketmq-processes.ts';

/**
 * A broker with these counts, by `name key`, and otherwise the responses of a broker without counts.
 *
 * @param answerSeconds of each request
 */
function brokerThatCounts(counted: Record<string, number>, answerSeconds = 0) {
  const clock = createHandClock();
  const asked: string[] = [];
  const client = scriptProcesses({
    'a:0': {
      315: ({ fields }) => {
        const key = `${fields['statsName']} ${fields['statsKey']}`;
        asked.push(key);
        clock.advance(answerSeconds);
        const tps = counted[key];
        if (tps === undefined) return refusalOf(1, `The stats <${key.replace(' ', '> <')}> not exist`);
        return answerOf(`{"statsMinute":{"sum":0,"tps":${tps},"avgpt":0.0}}`);
      },
    },
  });
  const link = createLinks(client, createReadGovernor({ clock })).to('a:0', 'a:0');
  const read = createTrafficReader({ clock });
  return {
    counted,
    asked: () => asked.splice(0),
    async see(afterSeconds: number, source: TrafficSource) {
      clock.advance(afterSeconds);
      const { topics, groups } = await read(link, source, { signal: AbortSignal.timeout(5000) });
      return {
        topics: topics.map(({ topic, messagesPerSecond }) => [topic, messagesPerSecond]),
        groups: groups.map(({ topic, group, messagesPerSecond, sendBackPerSecond }) => [
          `${topic}@${group}`,
          messagesPerSecond,
          sendBackPerSecond,
        ]),
      };
    },
  };
}

function source(
  ends: Record<string, number>,
  commits: Record<string, number>,
  moved: readonly string[] = [],
): TrafficSource {
  const offsets = new Map(Object.entries(ends).map(([topic, end]) => [topic, [{ start: 0n, end: BigInt(end) }]]));
  return {
    offsets,
    endsOfCommits: offsets,
    moved: new Set(moved),
    commits: new Map(
      Object.entries(commits).map(([key, offset]) => {
        const [topic = '', group = ''] = key.split('@');
        return [key, { topic, group, byQueue: new Map([[0, BigInt(offset)]]) }];
      }),
    ),
  };
}

const retry = '%RETRY%billing';

test('messages sent back count under their topic, although only the retry topic moves', async () => {
  const broker = brokerThatCounts({
    'SNDBCK_PUT_NUMS orders@billing': 0.5,
    'GROUP_GET_NUMS orders@billing': 0,
    [`GROUP_GET_NUMS ${retry}@billing`]: 0.5,
  });
  const at = (retried: number) =>
    source({ orders: 9, [retry]: retried }, { 'orders@billing': 9, [`${retry}@billing`]: retried }, [retry]);
  await broker.see(0, at(4));
  const { groups } = await broker.see(15, at(5));
  expect(groups).toEqual(
    expect.arrayContaining([
      ['orders@billing', 0, 0.5],
      [`${retry}@billing`, 0.5, 0],
    ]),
  );
});

test('a topic and a group that were idle for two minutes have a rate of 0, without a request', async () => {
  const broker = brokerThatCounts({});
  const idle = source({ orders: 9 }, { 'orders@billing': 9 });
  expect(await broker.see(0, idle)).toEqual({ topics: [], groups: [] });
  expect(await broker.see(121, idle)).toEqual({ topics: [['orders', 0]], groups: [['orders@billing', 0, 0]] });
  expect(broker.asked()).toEqual([]);
});

test('a lagging group without commits is queried, because its clients may receive messages', async () => {
  const broker = brokerThatCounts({ 'GROUP_GET_NUMS orders@billing': 3 });
  const stuck = source({ orders: 9 }, { 'orders@billing': 2, 'orders@audit': 2 });
  await broker.see(0, stuck);
  expect((await broker.see(121, stuck)).groups).toEqual([
    ['orders@billing', 3, 0],
    ['orders@audit', 0, 0],
  ]);
  broker.asked();
  await broker.see(60, stuck);
  expect(broker.asked()).toEqual([]);
});

test('a group that stops keeps its series, and its rate is 0 once it is idle', async () => {
  const broker = brokerThatCounts({ 'GROUP_GET_NUMS orders@billing': 5, 'TOPIC_PUT_NUMS orders': 5 });
  const at = (offset: number, moved: readonly string[]) => source({ orders: 99 }, { 'orders@billing': offset }, moved);
  await broker.see(0, at(1, []));
  const moving = { topics: [['orders', 5]], groups: [['orders@billing', 5, 0]] };
  expect(await broker.see(15, at(2, ['orders']))).toEqual(moving);
  broker.counted['GROUP_GET_NUMS orders@billing'] = 0;
  expect(await broker.see(45, at(2, []))).toEqual(moving);
  expect(await broker.see(80, at(2, []))).toEqual({ topics: [['orders', 0]], groups: [['orders@billing', 0, 0]] });
});

test('a topic whose queues were not read has no rate', async () => {
  const broker = brokerThatCounts({});
  const { offsets: _, ...unread } = source({}, {});
  await broker.see(0, unread);
  expect((await broker.see(500, unread)).topics).toEqual([]);
});

test('a group that commits for the first time is queried at once', async () => {
  const broker = brokerThatCounts({ 'GROUP_GET_NUMS orders@billing': 4, 'SNDBCK_PUT_NUMS orders@billing': 0.25 });
  await broker.see(0, source({ orders: 9 }, {}));
  expect((await broker.see(15, source({ orders: 9 }, { 'orders@billing': 9 }))).groups).toEqual([
    ['orders@billing', 4, 0.25],
  ]);
});

const many = Array.from({ length: 480 }, (_, index) => `topic-${index}`);
const manyEnds = Object.fromEntries(many.map((topic) => [topic, 9]));

test('each of many topics is queried every minute', async () => {
  const broker = brokerThatCounts(Object.fromEntries(many.map((topic) => [`TOPIC_PUT_NUMS ${topic}`, 5])));
  const moving = source(manyEnds, {}, many);
  await broker.see(0, source(manyEnds, {}));
  for (const _ of [15, 30, 45]) await broker.see(15, moving);
  expect((await broker.see(15, moving)).topics).toHaveLength(480);
});

test('rates older than three minutes are left out if a broker is too slow for all topics', async () => {
  const broker = brokerThatCounts(Object.fromEntries(many.map((topic) => [`TOPIC_PUT_NUMS ${topic}`, 5])), 0.01);
  const moving = source(manyEnds, {}, many);
  const counts: number[] = [];
  for (const _ of Array.from({ length: 20 })) counts.push((await broker.see(15, moving)).topics.length);
  const perRead = counts[0] ?? 0;
  expect(perRead).toBeLessThan(60);
  expect(counts.at(-1)).toBeGreaterThan(8 * perRead);
  expect(counts.at(-1)).toBeLessThan(14 * perRead);
});
