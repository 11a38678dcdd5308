import { expect, test } from 'vitest';
import { showOnly } from '../../../exporter/shown-snapshot.ts';
import { snapshotWith } from '../../support/rocketmq-snapshot.ts';

const all = { deny: [] };
const denying = (pattern: string) => ({ deny: [pattern] });
const native = (labels: Readonly<Record<string, string>>) => ({ broker: 'a:0', metric: 'm', labels, value: 1 });

test('what a broker says on its own page of a denied topic or group is not shown, and the rest is', () => {
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

test('a disagreement about a denied topic is not shown, one about a setting of the same name is', () => {
  const sides = { 'a:0': '1', 'b:0': '2' };
  const about = (of: 'topic-config' | 'broker-config') => ({ of, subject: 'secret', sides });
  const snapshot = snapshotWith({ disagreements: [about('topic-config'), about('broker-config')] });
  const { rocketmq } = showOnly(snapshot, { topics: denying('secret'), groups: all });
  expect(rocketmq?.disagreements).toEqual([about('broker-config')]);
});
