import { expect, test } from 'vitest';
import { chooseClient } from '../../../../brokers/kafka/choose-client.ts';
import type { ApiRange } from '../../../../brokers/kafka/wire/links.ts';

const ranges = (of: Record<string, readonly [min: number, max: number]>) =>
  new Map<string, ApiRange>(Object.entries(of).map(([api, [min, max]]) => [api, { min, max }]));

/** API versions as brokers of the release report them, as far as either client needs them. */
const kafka28 = {
  Produce: [0, 9],
  Fetch: [0, 12],
  ListOffsets: [0, 6],
  Metadata: [0, 11],
  OffsetCommit: [0, 8],
  OffsetFetch: [0, 7],
  FindCoordinator: [0, 3],
  JoinGroup: [0, 7],
  Heartbeat: [0, 4],
  LeaveGroup: [0, 4],
  SyncGroup: [0, 5],
  DescribeGroups: [0, 5],
  ListGroups: [0, 4],
} as const;
const kafka24 = {
  ...kafka28,
  Produce: [0, 8],
  Fetch: [0, 11],
  ListOffsets: [0, 5],
  Metadata: [0, 9],
  OffsetFetch: [0, 6],
  JoinGroup: [0, 6],
  SyncGroup: [0, 4],
  ListGroups: [0, 3],
} as const;

test('chooses platformatic if the brokers support its requests', () => {
  expect(chooseClient('lab', 'auto', ranges(kafka28))).toBe('platformatic');
});

test('chooses kafkajs for older brokers', () => {
  expect(chooseClient('lab', 'auto', ranges(kafka24))).toBe('kafkajs');
});

test('uses the client set in the config', () => {
  expect(chooseClient('lab', 'kafkajs', ranges(kafka28))).toBe('kafkajs');
});

test('refuses a configured client that the brokers do not support, and names the requests', () => {
  expect(() => chooseClient('lab', 'platformatic', ranges(kafka24))).toThrow(
    'cannot connect to cluster lab (Kafka 2.4) with platformatic: no common version of ' +
      'Produce, Fetch, ListOffsets, OffsetFetch, JoinGroup, SyncGroup',
  );
});

test('refuses brokers that no client supports', () => {
  const future = ranges(Object.fromEntries(Object.keys(kafka28).map((api) => [api, [90, 99] as const])));
  expect(() => chooseClient('lab', 'auto', future)).toThrow(expect.objectContaining({ code: 'unsupported-broker' }));
});
