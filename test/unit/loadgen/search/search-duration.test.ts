import { expect, test } from 'vitest';
import { messagesPerSecond } from '../../../../core/units.ts';
import { seconds } from '../../../../core/clock.ts';
import { longestSearch } from '../../../../loadgen/search/search-duration.ts';
import { FindMaxOptions, FindSafeOptions } from '../../../../loadgen/search/search-options.ts';
import { createSearch } from '../../../../loadgen/search/search.ts';
import { answered, failed, passed } from '../../../support/scripted-search.ts';

const start = messagesPerSecond(1000);
const safe = { ...FindSafeOptions.parse({ kind: 'find-safe' }), start };
const max = { ...FindMaxOptions.parse({ kind: 'find-max' }), start };
const drain = seconds(10);

test('explains how many rates the rise has and how long it takes', () => {
  const { atMost, explanation } = longestSearch(safe, { drain, expected: messagesPerSecond(10_000) });
  expect(explanation[0]).toBe(
    '25 rates from 1,000 msg/s to 9,847 msg/s, each tested for 30 s: 19 min if no limit is reached before',
  );
  expect(atMost).toBe(56 * 45 + 4 * 615);
});

test.each([safe, max])('no search takes longer than predicted: $kind', (options) => {
  const { atMost } = longestSearch(options, { drain });
  for (const limit of [500, 3000, 1e5, 1e12]) {
    for (const outcome of [failed(1), { kind: 'excluded', reason: 'late' } as const]) {
      const spoilt = answered(({ rate, purpose }) => (rate > limit || purpose === 'soak' ? outcome : passed(rate)));
      const { history } = spoilt(createSearch(options));
      const spent = history.reduce((sum, { trial }) => sum + trial.duration + options.settle + drain, 0);
      expect(spent).toBeLessThanOrEqual(atMost);
    }
  }
});
