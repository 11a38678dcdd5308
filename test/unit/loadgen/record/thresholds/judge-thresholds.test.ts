import { expect, test } from 'vitest';
import type { DeliveryAccount, GroupAccount } from '../../../../../core/documents/delivery-account.ts';
import { createRunProgressSum } from '../../../../../loadgen/record/run-progress-sum.ts';
import type { StepSummary } from '../../../../../loadgen/record/step-summary.ts';
import { judgedSteps, judgeThresholds } from '../../../../../loadgen/record/thresholds/judge-thresholds.ts';
import { thresholdLines } from '../../../../../cli/run-result.ts';
import { ThresholdOptions } from '../../../../../loadgen/plan/workload/threshold-options.ts';
import { deliveryAccount, groupAccount } from '../../../../support/delivery-account.ts';
import { recordedJournal } from '../../../../support/recorded-journal.ts';

const step = (over: Partial<StepSummary> = {}): StepSummary => ({
  targetTps: 1000,
  achievedTps: 990,
  intendedSends: 10_000,
  acknowledgedSends: 9900,
  failedSends: 100,
  latencySeconds: { p50: 0.002, p95: 0.006, p99: 0.012, p999: 0.05, max: 0.09 },
  lagMessages: 40,
  ...over,
});
const judge = (thresholds: object, steps: readonly StepSummary[] = [step()], ledger?: DeliveryAccount) => {
  const options = ThresholdOptions.parse(thresholds);
  return judgeThresholds(options, judgedSteps(options.steps, steps, undefined), ledger);
};

test('a value equal to its limit is kept', () => {
  const kept = { p50: '2ms', p95: '6ms', p99: '12ms', p999: '50ms', errors: 0.01, achieved: '99%', acknowledged: 990 };
  expect(judge({ ...kept, lag: 40 })).toMatchObject({ outcome: 'kept' });
});

test.each([
  ['p50', '1ms', 0.002],
  ['p95', '5ms', 0.006],
  ['p99', '11ms', 0.012],
  ['p999', '49ms', 0.05],
  ['errors', 0.009, 0.01],
  ['achieved', 0.991, 0.99],
  ['acknowledged', 991, 990],
  ['lag', 39, 40],
])('%s beyond %s is crossed, with its value', (threshold, limit, value) => {
  expect(judge({ [threshold]: limit })).toMatchObject({
    outcome: 'crossed',
    checks: [{ threshold, step: 1, outcome: 'crossed', value }],
  });
});

test('a threshold applies to every step, or only to the last one if configured', () => {
  const steps = [step(), step({ latencySeconds: { p50: 9, p99: 9, p999: 9, max: 9 } }), step()];
  expect(judge({ p99: '20ms' }, steps).checks.map(({ outcome }) => outcome)).toEqual(['kept', 'crossed', 'kept']);
  expect(judge({ p99: '20ms', steps: 'last' }, steps).checks).toMatchObject([{ step: 3, outcome: 'kept' }]);
});

test('a pause is not checked', () => {
  const drain = step({ targetTps: 0, achievedTps: 0, acknowledgedSends: 0, intendedSends: 0 });
  expect(judge({ achieved: 0.9 }, [step(), drain]).checks).toHaveLength(1);
});

test('dropped messages count as errors like failed ones', () => {
  const stalled = step({ acknowledgedSends: 8000, failedSends: 1, droppedSends: 1999 });
  expect(judge({ errors: 0.001 }, [stalled]).checks).toMatchObject([{ outcome: 'crossed', value: 0.2 }]);
});

test('unsent messages of a lost worker lower the achieved rate', async () => {
  const sum = createRunProgressSum([]);
  for (const line of await recordedJournal('worker-lost')) sum.add(line);
  const [check] = judge({ achieved: 0.95 }, sum.steps()).checks;
  expect(check).toMatchObject({ step: 1, outcome: 'crossed' });
  expect(check?.value).toBeCloseTo(0.928, 2);
});

test('in a closed loop the achieved share is relative to the due messages', () => {
  const { targetTps: _, ...closed } = step({ achievedTps: 5000 });
  expect(judge({ achieved: 0.991 }, [closed]).checks).toMatchObject([{ outcome: 'crossed', value: 0.99 }]);
});

test('in a search the step of the last passed trial is checked', () => {
  const steps = [step(), step(), step()];
  expect(judgedSteps('every', steps, { passedStep: 1 }).map(({ step }) => step)).toEqual([2]);
  expect(judgedSteps('every', steps, {})).toEqual([]);
});

test('a threshold without a measurement is unknown', () => {
  const unknown = { outcome: 'unknown' };
  expect(judge({ endToEndP99: '1s' })).toMatchObject({ ...unknown, checks: [{ reason: 'no message was consumed' }] });
  expect(judge({ p99: '1s' }, [])).toMatchObject({ ...unknown, checks: [{ reason: 'no step ended' }] });
  expect(judge({ lost: 0 })).toMatchObject({ ...unknown, checks: [{ reason: 'the run has no delivery check' }] });
});

test('the delivery check is summed over groups, and an uncertain count is unknown', () => {
  const two = (over: Partial<GroupAccount>) => deliveryAccount({ groups: [groupAccount(over), groupAccount(over)] });
  expect(judge({ lost: 3 }, [], two({ lost: 2 }))).toMatchObject({ checks: [{ value: 4, outcome: 'crossed' }] });
  expect(judge({ lost: 4 }, [], two({ lost: 2 })).outcome).toBe('kept');
  expect(judge({ lost: 4 }, [], two({ lost: 2, unread: 1 })).outcome).toBe('unknown');
  expect(judge({ duplicated: 0 }, [], two({ unread: 1 })).outcome).toBe('kept');
  expect(judge({ duplicated: 0 }, [], deliveryAccount({ isExact: false })).outcome).toBe('unknown');
});

test('the text output lists each threshold with its value and limit', () => {
  expect(thresholdLines(judge({ p99: '10ms', errors: 0.1, achieved: '99.9%', lost: 0 }))).toEqual([
    'threshold p99 CROSSED in step 1: 12 ms, at most 10 ms',
    'threshold achieved CROSSED in step 1: 99%, at least 99.9%',
    'threshold lost not known: at most 0 (the run has no delivery check)',
    'thresholds: 1 of 4 kept',
  ]);
});
