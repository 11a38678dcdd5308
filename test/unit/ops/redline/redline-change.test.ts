import { expect, test } from 'vitest';
import { plannedSteps } from '../../../../app/change/planned-steps.ts';
import { redlineSteps, type RedlineFacts } from '../../../../ops/redline/redline-change.ts';

test('an approval of a redline includes its topics, its ignored groups and its canary', () => {
  const facts = { broker: '2', bundle: 'runs/redline', stepShare: 0.05, holdSeconds: 60, maxMoves: 10, original: [] };
  const never = () => Promise.reject(new Error('a plan runs nothing'));
  const plan = (of: Partial<RedlineFacts>) =>
    JSON.stringify(plannedSteps(redlineSteps('kafka', { ...facts, ...of }, { raise: never, restore: never })).exact);
  const plans = [
    { topics: ['orders'] },
    { topics: ['orders', 'payments'] },
    { ignoredGroups: ['billing'] },
    { canary: 'c' },
  ];
  expect(new Set([{}, ...plans].map(plan)).size).toBe(5);
  expect(plan({ topics: [], ignoredGroups: [] })).toBe(plan({}));
  expect(plan({ topics: ['payments', 'orders', 'orders'] })).toBe(plan({ topics: ['orders', 'payments'] }));
});
