import { expect, test } from 'vitest';
import { commitsOf, seedGroups, seedValue } from '../../../../lab/seed/plan.ts';

const commits = (name: string) => {
  const group = seedGroups.find((each) => each.name === name);
  return group?.topics.map((topic) => Object.fromEntries(commitsOf(group, topic)));
};

test('groups commit the planned offsets, and nothing for partitions never consumed', () => {
  expect(commits('seed-shipping')).toEqual([
    { 0: 250n, 1: 250n, 2: 250n, 3: 250n },
    { 0: 100n, 1: 100n },
  ]);
  expect(commits('seed-billing')).toEqual([
    { 0: 200n, 1: 150n, 2: 100n, 3: 50n },
    { 0: 80n, 1: 60n },
  ]);
  expect(commits('seed-audit')).toEqual([{ 0: 250n }]);
  expect(commits('seed-archive')).toEqual([{ 0: 0n, 1: 0n }]);
});

test('each message has a distinct value that is the same in every run', () => {
  expect(seedValue('t', 0, 1)).toEqual(seedValue('t', 0, 1));
  expect(seedValue('t', 0, 1)).not.toEqual(seedValue('t', 1, 0));
});
