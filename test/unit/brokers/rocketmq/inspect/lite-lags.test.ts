import { expect, test } from 'vitest';
import { broker, inspect, io, listing } from '../../../../support/rocketmq-inspection.ts';
import { answerOf, refusalOf } from '../../../../support/rocketmq-answers.ts';

/** Bodies of a broker of 5.5.0 with five messages in each of two lite topics, and two of them committed. */
const commits = '{"%LMQ%$orders$session-1@agents":{0:2},"%LMQ%$orders$session-0@agents":{0:2},"orders@billing":{0:5}}';
const lagOf = (storedAtMs: number) =>
  JSON.stringify({
    earliestUnconsumedTimestamp: -1,
    group: 'agents',
    lagCountTopK: [
      { earliestUnconsumedTimestamp: storedAtMs + 3, lagCount: 3, liteTopic: 'session-1' },
      { earliestUnconsumedTimestamp: storedAtMs, lagCount: 3, liteTopic: 'session-0' },
    ],
    lagTimestampTopK: [],
    parentTopic: 'orders',
    totalLagCount: 6,
  });
const nothing = '{"group":"agents","lagCountTopK":[],"parentTopic":"orders","totalLagCount":0}';
const unlisted = '{"group":"agents","parentTopic":"orders","totalLagCount":4}';

test('a group that commits in lite topics has their lag, by broker', async () => {
  const { client, clock, inspector } = inspect({
    'ns-1:9876': listing('a:0', 'b:0', 'c:0', 'd:0'),
    'a:0': broker({ ends: [7], commits, more: { 200078: () => answerOf(lagOf(clock.now().getTime() - 60_000)) } }),
    'b:0': broker({ ends: [7], commits, more: { 200078: nothing } }),
    'c:0': broker({ ends: [7], commits, more: { 200078: unlisted } }),
    // Not bound to a topic any more.
    'd:0': broker({ ends: [7], commits, more: { 200078: refusalOf(29, 'Group [agents] is not a LITE group.') } }),
  });
  clock.advance(100);
  const snapshot = await inspector.snapshot(io());
  const lag = { group: 'agents', topic: 'orders' };
  expect(snapshot.rocketmq?.liteLags).toEqual([
    { ...lag, messages: 6, seconds: 60 },
    { ...lag, messages: 0, seconds: 0 },
    { ...lag, messages: 4 },
  ]);
  expect(snapshot.sections.filter(({ kind }) => kind !== 'fresh')).toEqual([]);
  expect(client.asked().filter((line) => line.endsWith(' 200078'))).toHaveLength(4);
});

test('a broker without lite topics gets no request about them', async () => {
  const { client, inspector } = inspect({
    'ns-1:9876': listing('a:0'),
    'a:0': broker({ ends: [7], commits: '{"orders@billing":{0:5}}' }),
  });
  expect((await inspector.snapshot(io())).rocketmq?.liteLags).toEqual([]);
  expect(client.asked().some((line) => line.endsWith(' 200078'))).toBe(false);
});
