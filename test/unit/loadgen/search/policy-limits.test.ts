import { expect, test } from 'vitest';
import { AnalyzerConfig, resolvePolicy } from '../../../../core/policy/policy-config.ts';
import { readDefaultPolicy } from '../../../../core/policy/policy.ts';
import { messagesPerSecond, ratio } from '../../../../core/units.ts';
import { seconds } from '../../../../core/clock.ts';
import { completeCriteria } from '../../../../loadgen/search/criteria/criteria-options.ts';
import { judge } from '../../../../loadgen/search/criteria/judge.ts';
import { FindSafeOptions } from '../../../../loadgen/search/search-options.ts';
import { createSearch } from '../../../../loadgen/search/search.ts';
import { answered } from '../../../support/scripted-search.ts';

/** A link that saturates at 10,000 msg/s. */
const searchWith = (policy: object) => {
  const criteria = completeCriteria({}, 'find-safe', resolvePolicy(AnalyzerConfig.parse({ policy })));
  const search = createSearch({
    ...FindSafeOptions.parse({ kind: 'find-safe', rise: '2%' }),
    start: messagesPerSecond(5000),
  });
  return answered(({ rate, duration }) =>
    judge(
      {
        target: rate,
        achieved: rate,
        duration,
        elapsed: seconds(duration),
        failedMessages: 0,
        hosts: [{ host: 'broker-1', resource: 'network-out', utilisation: ratio(rate / 10_000) }],
      },
      criteria,
    ),
  )(search).step.certificate;
};

test.each([
  [{ network: '60%' }, 0.6],
  [{}, readDefaultPolicy().limits['network-out'].value],
])('find-safe with policy %o stops at a network use of %d', (policy, limit) => {
  const { lowerBound, upperBounds } = searchWith(policy);
  expect(upperBounds[0]).toMatchObject({ criterion: 'network-out of broker-1', limit });
  expect(lowerBound?.tps).toBeLessThanOrEqual(limit * 10_000);
  expect(lowerBound?.tps).toBeGreaterThan(0.97 * limit * 10_000);
});
