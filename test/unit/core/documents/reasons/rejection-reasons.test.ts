import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { reasonText } from '../../../../../core/documents/reasons/go-reasons.ts';
import { causeText } from '../../../../../core/documents/reasons/missing-causes.ts';
import { sizeDomains } from '../../../../../analyzer/planning/sizing/size-domains.ts';
import { readDomains } from '../../../../../app/planning/read-domains.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { rejectionText } from '../../../../../core/documents/reasons/rejection-reasons.ts';

const many = { kind: 'too-many-brokers', noun: 'group', resource: 'network-out' } as const;

test.each([
  [1, 1, 'network-out requires 1 cluster with 14 broker groups, but at most 13 in one cluster are allowed'],
  [
    2,
    3,
    'network-out requires 2 clusters with 14 broker groups each, but at most 13 in each of 3 clusters are allowed',
  ],
])('the rejection text for %i of at most %i clusters has correct plurals', (clusters, mostClusters, text) => {
  expect(rejectionText({ ...many, masters: 14, clusters, mostMasters: 13, mostClusters }, 'en')).toBe(text);
});

test.each([
  [2, 1, 'the demand needs 2 clusters, and at most 1 is allowed'],
  [40, 32, 'the demand needs 40 clusters, and at most 32 are allowed'],
])('a demand for %i clusters is rejected if at most %i are allowed', (clusters, mostClusters, text) => {
  expect(rejectionText({ kind: 'too-many-clusters', clusters, mostClusters }, 'en')).toBe(text);
});

test('the rejection of a shape is in Chinese, and names the zones of the minimum', { timeout: 60_000 }, async () => {
  const reading = await readDomains('examples/domains.yaml', {
    policy: examplePolicy(),
    signal: new AbortController().signal,
  });
  const { clusters } = sizeDomains({ ...reading, seed: 'plimsoll', worlds: 32 });
  const causes = clusters.flatMap(({ rejections }) => rejections.map(({ cause }) => cause));
  const costs = causes.filter((cause) => cause.kind === 'costs');
  expect(new Set(costs.map(({ resource }) => resource))).toContain('messages');
  for (const cause of costs) expect(rejectionText(cause, 'zh')).not.toMatch(/满足 ?[a-z]/);
  const least = costs.find(({ leastForCopies }) => leastForCopies === 2);
  if (least === undefined) throw new Error('no minimum');
  expect(rejectionText(least, 'en')).toContain('3 is the minimum for the copies (2 in 3 zones)');
  expect(rejectionText(least, 'zh')).toContain('在 3 个可用区均匀部署 2 个副本至少需要 3 个');
});

test.each([
  ['a step that was begun', '已开始的台阶'],
  ['a step of 8 s or more', '不短于 8 秒的台阶'],
  ['figures of each consumer group', '每个消费组的数据'],
  ['a step at a rate that is held', '速率保持不变的台阶'],
  ['host it runs on (2)', '所在主机（Broker 2）'],
  ['a quarter of an hour within the policy limits', '策略上限内持续 15 分钟的数据'],
  ['counters that the bytes out went through', '出向流量所经网卡的计数器'],
  [
    'readings on the clock of the load (--clock-offset +12s) (1)',
    '与压测时钟一致的读数（--clock-offset +12s）（Broker 1）',
  ],
  ['readings on the clock of the load (1)', '与压测时钟一致的读数（Broker 1）'],
  [
    'a reading produced-tps, and a broker with the role master (orders)',
    '读数 produced-tps，以及角色为 master 的 Broker（orders）',
  ],
  [
    'a consistent set of rate, message size, followers and card speed (finding physically-infeasible) (broker-a)',
    '相互一致的速率、消息大小、副本数和网卡速率（见发现 physically-infeasible）（broker-a）',
  ],
  ['15 minutes of produced messages per second, without gaps', '连续 15 分钟、没有缺失的每秒生产消息数'],
])('the missing input of an unknown safe maximum is named in Chinese: %s', (cause, text) => {
  expect(reasonText({ code: 'not-measured', subjects: [cause] }, 'zh')).toBe(`现有集群的安全上限未知。缺少：${text}。`);
});

test('every missing input that the analyzer names has a Chinese name', async () => {
  const root = new URL('../../../../../analyzer/', import.meta.url);
  const names = (await readdir(root, { recursive: true })).filter((name) => name.endsWith('.ts'));
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, root), 'utf8')));
  const named = /\b(?:what: '([^']+)', node\b|refused\('([^']+)', .+?, finding)/g;
  const causes = texts.flatMap((text) => [...text.matchAll(named)].map(([, what, refused]) => what ?? refused ?? ''));
  expect(causes.length).toBeGreaterThan(15);
  expect(causes.filter((what) => !/\p{Script=Han}/u.test(causeText({ what, node: 'cluster' }, 'zh')))).toEqual([]);
});

test.each([
  ['hosts of the brokers', 'Broker 的主机'],
  ['in-sync replicas', '同步副本'],
  ['host of broker 1', 'Broker 1 的主机'],
  ['host of broker-a:0', 'broker-a:0 的主机'],
  ['network-out of broker 1', 'Broker 1 的网卡出向'],
  ['cpu of broker-a:0', 'broker-a:0 的 CPU'],
  ['latency or lag of the SLO', 'SLO 的延迟或消费堆积'],
])('unmonitored resources are named in Chinese: %s', (subject, text) => {
  expect(reasonText({ code: 'not-monitored', subjects: [subject] }, 'zh')).toBe(
    `某次压测期间集群的一部分没有指标，其上限未知：${text}。`,
  );
});
