import { expect, test } from 'vitest';
import { allocateQueues } from '../../../../brokers/rocketmq/group-member.ts';

const shares = (queues: number, ...members: readonly string[]) =>
  members.map((member) =>
    allocateQueues(
      Array.from({ length: queues }, (_, queue) => queue),
      members,
      member,
    ),
  );

test('assigns contiguous ranges in the order of member ids, the longer ones first', () => {
  expect(shares(8, 'c', 'a', 'b')).toEqual([
    [6, 7],
    [0, 1, 2],
    [3, 4, 5],
  ]);
});

test('leaves members without a queue if there are more members than queues', () => {
  expect(shares(2, 'a', 'b', 'c')).toEqual([[0], [1], []]);
});

test('assigns nothing to a client outside the group', () => expect(allocateQueues([0, 1], ['a'], 'b')).toEqual([]));
