import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { movesAfter, nextKnown, withKnown } from '../../../../app/change/rocketmq/run-change.ts';
import type { Cluster } from '../../../../core/cluster.ts';

const live: Cluster = {
  name: 'trade',
  kind: 'rocketmq',
  clusterId: 'DefaultCluster',
  brokers: [
    { id: 'broker-a:0', address: '10.0.0.5:10911' },
    { id: 'broker-b:0', address: '10.0.0.7:10911' },
    { id: 'broker-b:1', address: '10.0.0.8:10911' },
  ],
};
const id = (...brokers: string[]) => ({ name: 'DefaultCluster', brokers });
const [a, b, slave] = ['broker-a@10.0.0.5:10911', 'broker-b@10.0.0.7:10911', 'broker-b@10.0.0.8:10911'];

test('before the only known master leaves, the remaining brokers become known', () => {
  expect(nextKnown(id(a), live, { leaving: 'broker-a' })).toEqual([b, slave]);
  expect(nextKnown(id(a, b), live, { leaving: 'broker-a' })).toEqual([b]);
});

test('adds a broker that joined, and drops one that is gone', () => {
  expect(nextKnown(id(a, 'broker-c@10.0.0.9:10911'), live, { joining: 'broker-b' })).toEqual([a, b, slave]);
  expect(nextKnown(id(a), live, {})).toEqual([a]);
});

test('a broker is known again after its scale-in is rolled back', () => {
  const during = id(...nextKnown(id(a, b), live, { leaving: 'broker-a' }));
  expect(nextKnown(during, live, movesAfter('scale-in', 'broker-a', 'abort'))).toEqual([b, a]);
  expect(nextKnown(during, live, movesAfter('scale-in', 'broker-a', 'resume'))).toEqual([b]);
  expect(nextKnown(id(a), live, movesAfter('scale-out', 'broker-b', 'execute'))).toEqual([a, b, slave]);
});

test('keeps the brokers of a cluster that is down beside another on the same name servers', () => {
  const other = 'other-a@10.0.0.9:10911';
  const both = { name: 'DefaultCluster+Other', brokers: [a, other] };
  expect(nextKnown(both, live, { leaving: 'broker-a' })).toEqual([b, slave, other]);
  expect(nextKnown(both, { ...live, clusterId: 'DefaultCluster+Other' }, {})).toEqual([a]);
});

test('never drops the last known broker', () => {
  const [one] = live.brokers;
  const alone = { ...live, brokers: one === undefined ? [] : [one] };
  expect(nextKnown(id(a), alone, { leaving: 'broker-a' })).toEqual([a]);
});

const file = (clusterId: string) => `# ours
clusters:
  trade: # of the shop
    broker: rocketmq
    namesrv: [ "10.0.0.5:9876" ]   # one
    ${clusterId}
    brokers: {}
hosts: {}
`;

test.each([
  ['on one line', `clusterId: { name: DefaultCluster, brokers: [${a}] } # known`],
  [
    'in a block',
    `clusterId:\n      name: DefaultCluster\n      brokers:\n        - ${a} # the old one\n        - ${b}`,
  ],
])('replaces only the list %s in the file', (_, written) => {
  const before = file(written);
  const after = withKnown(before, 'trade', [b, slave]);
  const read = parse(after) as { clusters: { trade: { clusterId: unknown } } };
  expect(read.clusters.trade.clusterId).toEqual(id(b, slave));
  expect(after).toContain('# of the shop\n    broker: rocketmq\n    namesrv: [ "10.0.0.5:9876" ]   # one\n');
  expect(after.endsWith('\n    brokers: {}\nhosts: {}\n')).toBe(true);
});

test('rejects a list that is not written out in the file', () => {
  expect(() => withKnown(file('x: 1'), 'trade', [b])).toThrow(
    'clusters.trade.clusterId.brokers is not a list in this file',
  );
});
