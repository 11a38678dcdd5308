import { expect, test } from 'vitest';
import { reasonText } from '../../../../../core/documents/reasons/go-reasons.ts';
import { rejectionText } from '../../../../../core/documents/reasons/rejection-reasons.ts';

const many = { kind: 'too-many-brokers', noun: 'group', resource: 'network-out' } as const;

test.each([
  [1, 1, 'network-out requires 1 cluster with 14 groups, but at most 13 in one cluster are allowed'],
  [2, 3, 'network-out requires 2 clusters with 14 groups each, but at most 13 in each of 3 clusters are allowed'],
])('%i of at most %i clusters are counted in good English', (clusters, mostClusters, text) => {
  expect(rejectionText({ ...many, masters: 14, clusters, mostMasters: 13, mostClusters }, 'en')).toBe(text);
});

test.each([
  [2, 1, 'the demand needs 2 clusters, and at most 1 is allowed'],
  [40, 32, 'the demand needs 40 clusters, and at most 32 are allowed'],
])('a demand for %i clusters is refused where %i are allowed', (clusters, mostClusters, text) => {
  expect(rejectionText({ kind: 'too-many-clusters', clusters, mostClusters }, 'en')).toBe(text);
});

test.each([
  ['a step that was begun', '已开始的台阶'],
  ['a step of 8 s or more', '不短于 8 秒的台阶'],
  ['figures of each consumer group', '每个消费组的数据'],
  ['a step at a rate that is held', '速率保持不变的台阶'],
  ['host it runs on (2)', '所在主机（Broker 2）'],
  ['a quarter of an hour within the policy limits', '策略上限内持续 15 分钟的数据'],
])('what an unknown safe maximum lacks is named in Chinese: %s', (cause, text) => {
  expect(reasonText({ code: 'not-measured', subjects: [cause] }, 'zh')).toBe(`现有集群的安全上限未知。缺少：${text}。`);
});
