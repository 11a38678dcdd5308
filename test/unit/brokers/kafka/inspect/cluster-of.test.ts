import { expect, test } from 'vitest';
import { clusterOf } from '../../../../../brokers/kafka/inspect/cluster-of.ts';
import type { ApiRanges } from '../../../../../brokers/kafka/wire/links.ts';

const brokers = ['1', '2', '3'].map((id) => ({ id, address: `10.0.0.${id}:9092` }));
const metadata = { controllerId: '3', brokers };
const withZooKeeper: ApiRanges = new Map([['Metadata', { min: 0, max: 9 }]]);
const kraft: ApiRanges = new Map([...withZooKeeper, ['DescribeQuorum', { min: 0, max: 2 }]]);

test('the controller of a KRaft cluster is the quorum leader, whichever broker the metadata names', () =>
  expect(clusterOf('lab', kraft, metadata, { leader: '101' }).controllerId).toBe('101'));

test('the controller of a KRaft cluster is unknown while the quorum leader is unknown', () =>
  expect(clusterOf('lab', kraft, metadata)).not.toHaveProperty('controllerId'));

test('the controller of a ZooKeeper cluster comes from the metadata', () =>
  expect(clusterOf('lab', withZooKeeper, metadata).controllerId).toBe('3'));
