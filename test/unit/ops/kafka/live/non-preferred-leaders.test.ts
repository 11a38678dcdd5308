import { expect, test } from 'vitest';
import {
  nonPreferredLeadersFinding,
  nonPreferredLeaders,
} from '../../../../../ops/kafka/live/non-preferred-leaders.ts';

const partition = (number: number, over: object) => ({
  topic: 'orders',
  partition: number,
  leader: '1',
  replicas: ['1', '2'],
  inSyncReplicas: ['1', '2'],
  ...over,
});
const topics = [
  {
    name: 'orders',
    internal: false,
    partitions: [
      partition(0, {}),
      partition(1, { leader: '2' }),
      partition(2, { leader: '2', inSyncReplicas: ['2'] }),
      partition(3, { leader: '2' }),
      partition(4, { leader: '2' }),
    ],
  },
];

test('names partitions whose in-sync preferred leader does not lead, unless the plan changes them anyway', () => {
  const chosen = [0, 1, 2, 3].map((number) => ({ topic: 'orders', partition: number }));
  const plan = [{ topic: 'orders', partition: 3, replicas: [2, 1] }];
  const astray = nonPreferredLeaders({ topics }, chosen, plan);
  expect(astray).toEqual([{ topic: 'orders', partition: 1, replicas: [1, 2] }]);
  expect(nonPreferredLeadersFinding(astray, true)[0]?.message).toContain(
    '1: orders-1. The preferred leaders are elected',
  );
  expect(nonPreferredLeadersFinding([], false)).toEqual([]);
});
