import { expect, test } from 'vitest';
import type { ClusterStatus } from '../../../../../core/documents/cluster-status.ts';
import { readFleetQuery, rowsPerPage, selectClusters } from '../../../../../dashboards/web/fleet/fleet-query.ts';

const cluster = (name: string, over: Partial<ClusterStatus> = {}): ClusterStatus => ({
  cluster: name,
  broker: 'kafka',
  domains: [],
  state: 'ok',
  ...over,
});
const namesOf = (clusters: readonly ClusterStatus[], address: string) =>
  selectClusters(clusters, readFleetQuery(new URLSearchParams(address))).rows.map(({ cluster: name }) => name);

const fleet = [
  cluster('b', { headroom: 0.5 }),
  cluster('unknown'),
  cluster('a', { headroom: -0.1, state: 'over', domains: ['Orders'] }),
];

test('the worst headroom stands first, and what has none stands last in either order', () => {
  expect(namesOf(fleet, '')).toEqual(['a', 'b', 'unknown']);
  expect(namesOf(fleet, 'order=desc')).toEqual(['b', 'a', 'unknown']);
});

test('names and domains are found in any case, states and brokers by their word', () => {
  expect(namesOf(fleet, 'q=ORD')).toEqual(['a']);
  expect(namesOf(fleet, 'state=over')).toEqual(['a']);
  expect(namesOf(fleet, 'broker=rocketmq')).toEqual([]);
});

test('an address that means nothing shows what no address shows', () => {
  expect(namesOf(fleet, 'sort=nonsense&order=up&state=?&page=-7')).toEqual(namesOf(fleet, ''));
  expect(namesOf(fleet, 'page=999')).toEqual(namesOf(fleet, ''));
});

test('a long list comes in pages that leave out no cluster', () => {
  const many = Array.from({ length: 2 * rowsPerPage + 1 }, (_, index) => cluster(`c${index}`, { headroom: index }));
  const pages = [1, 2, 3].flatMap((page) => namesOf(many, `page=${page}`));
  expect(new Set(pages).size).toBe(many.length);
});
