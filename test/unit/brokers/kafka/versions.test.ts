import { expect, test } from 'vitest';
import { kafkaVersionOf } from '../../../../brokers/kafka/versions.ts';

/** Read from running brokers. */
test.each([
  [
    '2.8',
    {
      Produce: 9,
      Fetch: 12,
      ListOffsets: 6,
      Metadata: 11,
      OffsetFetch: 7,
      FindCoordinator: 3,
      JoinGroup: 7,
      ListGroups: 4,
    },
  ],
  [
    '3.9',
    {
      Produce: 11,
      Fetch: 17,
      ListOffsets: 9,
      Metadata: 12,
      OffsetFetch: 9,
      FindCoordinator: 6,
      JoinGroup: 9,
      ListGroups: 5,
    },
  ],
  [
    '4.3+',
    { Produce: 13, Fetch: 18, ListOffsets: 11, Metadata: 13, OffsetFetch: 10, FindCoordinator: 6, DescribeLogDirs: 5 },
  ],
])('a broker with the API versions of Kafka %s is recognised', (release, newest) => {
  expect(kafkaVersionOf(new Map(Object.entries(newest).map(([api, max]) => [api, { min: 0, max }])))).toBe(release);
});

test('a broker older than every known release has no version instead of a guessed one', () => {
  expect(kafkaVersionOf(new Map([['Produce', { min: 0, max: 2 }]]))).toBeUndefined();
});
