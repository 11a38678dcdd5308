import { expect, test } from 'vitest';
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
