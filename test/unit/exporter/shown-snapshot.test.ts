import { expect, test } from 'vitest';
import { lagsOf } from '../../../brokers/kafka/inspect/lags.ts';
import { showOnly } from '../../../exporter/shown-snapshot.ts';
import { snapshotWith } from '../../support/rocketmq-snapshot.ts';

const all = { deny: [] };
const denying = (pattern: string) => ({ deny: [pattern] });
const native = (labels: Readonly<Record<string, string>>) => ({ broker: 'a:0', metric: 'm', labels, value: 1 });

test('native metrics of a denied topic or group are hidden, and others are shown', () => {
  const [ofBroker, ofTopic, ofGroup] = [
    native({}),
    native({ topic: 'secret-plans' }),
    native({ topic: 'orders', consumer_group: 'audit' }),
  ];
  const snapshot = snapshotWith({ nativeMetrics: [ofBroker, ofTopic, ofGroup] });
  const shown = (topics: string, groups: string) =>
    showOnly(snapshot, { topics: denying(topics), groups: denying(groups) }).rocketmq?.nativeMetrics;
  expect(shown('secret-*', 'none')).toEqual([ofBroker, ofGroup]);
  expect(shown('none', 'audit')).toEqual([ofBroker, ofTopic]);
});

test('a disagreement about a denied topic is hidden, while one about a setting of the same name is shown', () => {
  const sides = { 'a:0': '1', 'b:0': '2' };
  const about = (of: 'topic-config' | 'broker-config') => ({ of, subject: 'secret', sides });
  const snapshot = snapshotWith({ disagreements: [about('topic-config'), about('broker-config')] });
  const { rocketmq } = showOnly(snapshot, { topics: denying('secret'), groups: all });
  expect(rocketmq?.disagreements).toEqual([about('broker-config')]);
});

test('lags in a denied topic are hidden in lags that are created while iterating', () => {
  const committed = ['orders', 'secret'].map((topic) => ({
    topic,
    partitions: Int32Array.of(0),
    offsets: BigInt64Array.of(7n),
  }));
  const ends = new Map(['orders', 'secret'].map((topic) => [topic, new Map([[0, { topic, partition: 0, end: 9n }]])]));
  const snapshot = {
    ...snapshotWith({}),
    topics: ['orders', 'secret'].map((name) => ({ name, internal: false, partitions: [] })),
    groups: [{ name: 'billing', partitions: lagsOf({ committed, assigned: [] }, ends) }],
  };
  const topicsShown = (pattern: string) =>
    showOnly(snapshot, { topics: denying(pattern), groups: all }).groups.flatMap(({ partitions }) =>
      Array.from(partitions, ({ topic }) => topic),
    );
  expect(topicsShown('secret')).toEqual(['orders']);
  expect(topicsShown('none')).toEqual(['orders', 'secret']);
});
