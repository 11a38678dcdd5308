import { expect, test } from 'vitest';
import { spread } from '../../../../brokers/rocketmq/admin.ts';

const masters = ['a', 'b', 'c'].map((brokerName) => ({ brokerName, address: `${brokerName}:10911` }));
const queues = (partitions: number) =>
  Object.fromEntries(spread(partitions, masters).map(([{ brokerName }, count]) => [brokerName, count]));

test('spreads partitions over the masters, the first ones taking what is left over', () => {
  expect(queues(8)).toEqual({ a: 3, b: 3, c: 2 });
});

test('makes no topic on a master that would get no queue', () => expect(queues(2)).toEqual({ a: 1, b: 1 }));
