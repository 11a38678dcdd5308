import { expect, test } from 'vitest';
import { messagesPerSecond } from '../../../../core/units.ts';
import { certificateText } from '../../../../cli/run-result.ts';
import { FindMaxOptions, FindSafeOptions } from '../../../../loadgen/search/search-options.ts';
import { createSearch } from '../../../../loadgen/search/search.ts';
import { answered, failed, passed } from '../../../support/scripted-search.ts';

const start = messagesPerSecond(1000);
const findMax = (over = {}) => createSearch({ ...FindMaxOptions.parse({ kind: 'find-max', ...over }), start });
const findSafe = (over = {}) => createSearch({ ...FindSafeOptions.parse({ kind: 'find-safe', ...over }), start });

test('lists bounds, the failed criterion, and every trial', () => {
  let isFirst = true;
  const { step } = answered(({ rate }) => {
    if (isFirst) {
      isFirst = false;
      return { kind: 'excluded', reason: 'the load generator sent late: p99 30 ms, above 20 ms' };
    }
    return rate <= 1150 ? passed(rate) : { ...failed(1150), also: ['achieved'] };
  })(findSafe());
  expect(certificateText(step.certificate)).toBe(
    [
      'find-safe: 1,100 msg/s, sustained for 10 min; stopped at 1,210 msg/s by p99',
      '  lower bound 1,100 msg/s: deciding trials passed: 1 of 1, confidence 75%',
      '  carried     1,100 msg/s in at least half of them (conditional throughput)',
      '  upper bound 1,210 msg/s: p99 200 ms, limit 100 ms; trials failed: 1 of 1, confidence 88%',
      '  trials      5 in 12 min of load; 0% of those at or below the lower bound failed; 1 repeated, which the load generator had limited',
      '    1  1,000 msg/s    30 s  rise  repeated: the load generator sent late: p99 30 ms, above 20 ms',
      '    2  1,000 msg/s    30 s  rise  passed',
      '    3  1,100 msg/s    30 s  rise  passed',
      '    4  1,210 msg/s    30 s  rise  failed: p99 200 ms, limit 100 ms, also achieved',
      '    5  1,100 msg/s  10 min  soak  passed',
    ].join('\n'),
  );
});

test('the headline names resources that were nearly saturated at the upper bound', () => {
  const full = [{ resource: 'network-out', host: 'broker-1', utilisation: 0.984 }];
  const { step } = answered(({ rate }) => (rate <= 1150 ? passed(rate) : { ...failed(1150), full }))(findSafe());
  expect(certificateText(step.certificate)).toMatch(
    /^find-safe: .*; stopped at 1,210 msg\/s by p99, with network-out of broker-1 98% in use\n/,
  );
  expect(step.certificate.trials.find(({ outcome }) => outcome.kind === 'failed')?.outcome).toMatchObject({ full });
});

const limitedBy = { resource: 'produce-quota', node: '1' } as const;
const detail = 'throttled 34% of the time';

test('the headline names the limit that stopped the search, with its measurement', () => {
  const reached = { criterion: 'produce-quota of broker 1', violated: { kind: 'limit' }, limitedBy, detail } as const;
  const { step } = answered(({ rate }) => (rate <= 1150 ? passed(rate) : { ...failed(1150), ...reached }))(findSafe());
  expect(step.certificate.upperBounds[0]).toMatchObject({ limitedBy, detail });
  expect(certificateText(step.certificate)).toMatch(
    /; stopped at 1,210 msg\/s by produce-quota of broker 1: throttled 34% of the time\n[^]*limit 100 ms \(throttled 34% of the time\); trials failed/,
  );
});

test('a violated criterion is shown with the limit that explains it', () => {
  const { step } = answered(({ rate }) => (rate <= 1150 ? passed(rate) : { ...failed(1150), limitedBy, detail }))(
    findSafe(),
  );
  expect(certificateText(step.certificate)).toMatch(
    /; stopped at 1,210 msg\/s by p99, limited by produce-quota of broker 1: throttled 34% of the time\n[^]*limit 100 ms \(limited by produce-quota of broker 1: throttled 34% of the time\); trials failed/,
  );
});

test('reports at-least with a reason if there is no upper bound', () => {
  const held = answered(({ rate }) => passed(rate))(findMax({ highest: 1200 }));
  expect(certificateText(held.step.certificate)).toMatch(
    /^find-max: at least 1,158 msg\/s, sustained for 2 min; no limit was reached up to the highest allowed rate\n/,
  );
  const limited = answered(({ rate }) => (rate > 1200 ? { kind: 'excluded', reason: 'late' } : passed(rate)))(
    findMax(),
  );
  expect(certificateText(limited.step.certificate)).toMatch(/; the load generator reached its limit\n/);
});

test('without a rate the text contains the reason', () => {
  const { step } = answered(() => failed(1))(findSafe());
  expect(certificateText(step.certificate)).toMatch(
    /^find-safe: no rate was found, because no rate passed, not even the lowest\n/,
  );
});
