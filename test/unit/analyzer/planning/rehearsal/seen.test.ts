import { expect, test } from 'vitest';
import { courseOf } from '../../../../../analyzer/planning/rehearsal/course.ts';
import { agreement, judgeRehearsal } from '../../../../../analyzer/planning/rehearsal/seen.ts';
import type { Limit } from '../../../../../core/documents/analysis.ts';
import { PromotionHistory, type PredictedFailure, type SeenFailure } from '../../../../../core/documents/rehearsal.ts';
import { readDefaultPolicy } from '../../../../../core/policy/policy.ts';
import { plainRun } from '../../../../support/load-test-run.ts';

const moment = { step: 3, rehearsalSeconds: 30, promotionMinutes: 30, targetTps: 80, evidence: [] };
const predicted = (limit: Limit, ...alike: Limit[]): PredictedFailure => ({
  kind: 'failure',
  ...moment,
  cause: 'resource',
  limit,
  alike,
  minutesOutside: 10,
});
const seen = (limit: Limit, step = 3): SeenFailure => ({
  kind: 'failure',
  ...moment,
  step,
  cause: 'resource',
  limit,
  achievedTps: 46,
});
const out: Limit = { resource: 'network-out', node: '1' };
const into: Limit = { resource: 'network-in', node: '1' };

test('a prediction is correct if its limit, or a limit reached at the same time, is observed', () => {
  expect(agreement(predicted(out), seen({ node: '1', resource: 'network-out' }))).toEqual({
    limit: true,
    stepsApart: 0,
  });
  expect(agreement(predicted(out, out, into), seen(into, 4))).toEqual({ limit: true, stepsApart: 1 });
});

test('another resource, another broker or no failure contradicts the prediction', () => {
  expect(agreement(predicted(out), seen({ resource: 'cpu', node: '1' }))?.limit).toBe(false);
  expect(agreement(predicted(out), seen({ resource: 'network-out', node: '2' }))?.limit).toBe(false);
  expect(agreement(predicted(out), { kind: 'none' })).toEqual({ limit: false });
  expect(agreement({ kind: 'none' }, { kind: 'none' })).toEqual({ limit: true });
});

test('a prediction is not graded if it or the observation is unknown', () => {
  expect(agreement({ kind: 'unknown', missing: [] }, seen(out))).toBeUndefined();
  expect(agreement(predicted(out), { kind: 'unknown', reason: 'the load generator was the limit' })).toBeUndefined();
});

const history = (rates: readonly number[]) =>
  PromotionHistory.parse({
    schemaVersion: 1,
    kind: 'promotion-history',
    promotion: 'Double 11 2025',
    cluster: 'shop',
    source: 'http://prometheus',
    from: '2025-11-10T12:00:00.000Z',
    intervalSeconds: 120,
    topics: [{ name: 'orders', rates, groups: [] }],
    notes: [],
  });
/** Steps of 12 s that replay two minutes each. */
const rehearsed = (rates: readonly number[]) => ({
  course: courseOf(history(rates), { scale: 1, durationSeconds: 12 * rates.length, leastStepSeconds: 10 }),
  groupName: (group: string) => group,
});
const rates = [2000, 5000, 14_000, 3000];
/** The link of plain runs has a capacity of about 10,400 messages of 600 bytes per second. */
const carried = (rate: number) => Math.min(1, 10_400 / rate);

test('the first step above the link capacity is the failure, with its promotion minute and resource', () => {
  const {
    seen: found,
    steps,
    minutesOutside,
  } = judgeRehearsal(plainRun({ rates, carried }), readDefaultPolicy(), rehearsed(rates));
  expect(found).toMatchObject({
    kind: 'failure',
    step: 2,
    rehearsalSeconds: 24,
    promotionMinutes: 4,
    cause: 'resource',
    limit: { resource: 'network-in', node: '1' },
    targetTps: 14_000,
  });
  expect(steps.map(({ isOutside }) => isOutside)).toEqual([false, false, true, false]);
  expect(minutesOutside).toBe(2);
});

test('a rehearsal that achieved all steps has no failure', () => {
  const quiet = [2000, 3000, 5000, 3000];
  expect(judgeRehearsal(plainRun({ rates: quiet }), readDefaultPolicy(), rehearsed(quiet))).toMatchObject({
    seen: { kind: 'none' },
    minutesOutside: 0,
  });
});

test('a step that missed less than a second of messages fails only if the next step did not catch up', () => {
  const outsideOf = (course: readonly number[]) => {
    const run = plainRun({ rates: course, carried: (rate) => (rate === 5000 ? 0.96 : 1) });
    return judgeRehearsal(run, readDefaultPolicy(), rehearsed(course)).steps.map(({ isOutside }) => isOutside);
  };
  expect(outsideOf([2000, 5000, 6000, 3000])).toEqual([false, false, false, false]);
  expect(outsideOf([2000, 5000, 4000, 3000])).toEqual([false, true, false, false]);
});

test('a step with failed sends fails even if it missed less than a second of messages', () => {
  const course = [2000, 5000, 6000, 3000];
  const run = plainRun({ rates: course, carried: (rate) => (rate === 5000 ? 0.96 : 1) });
  const produced = run.produced.map((line) => ({ ...line, failed: line.intended - line.acknowledged }));
  const { steps } = judgeRehearsal({ ...run, produced }, readDefaultPolicy(), rehearsed(course));
  expect(steps[1]).toMatchObject({ verdict: { kind: 'saturated' }, isOutside: true });
});

test('a rehearsal that ended early is unknown if no failure occurred before', () => {
  const { seen: found } = judgeRehearsal(plainRun({ rates: rates.slice(0, 2) }), readDefaultPolicy(), rehearsed(rates));
  expect(found).toEqual({ kind: 'unknown', reason: 'the run ended in step 2 of 4' });
});

test('after a broker was stopped, a failure without a saturated resource is attributed to its loss', () => {
  const run = plainRun({ rates: [2000, 3000, 5000, 3000], carried: (rate) => (rate === 5000 ? 0.6 : 1) });
  const stop = { broker: '1', step: 2, rehearsalSeconds: 24, promotionMinutes: 4, lastsSeconds: 10 };
  const { seen: found } = judgeRehearsal(run, readDefaultPolicy(), { ...rehearsed([2000, 3000, 5000, 3000]), stop });
  expect(found).toMatchObject({
    kind: 'failure',
    step: 2,
    cause: 'broker-stopped',
    evidence: expect.arrayContaining([
      expect.objectContaining({ name: expect.stringMatching(/^step in which broker/) }),
    ]),
  });
});
