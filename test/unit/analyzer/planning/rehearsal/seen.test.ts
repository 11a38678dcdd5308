import { expect, test } from 'vitest';
import { agreement } from '../../../../../analyzer/planning/rehearsal/seen.ts';
import type { Limit } from '../../../../../core/documents/analysis.ts';
import type { PredictedFailure, SeenFailure } from '../../../../../core/documents/rehearsal.ts';

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

test('a prediction holds where its limit, or one that is reached at the same time, is the one seen', () => {
  expect(agreement(predicted(out), seen({ node: '1', resource: 'network-out' }))).toEqual({
    limit: true,
    stepsApart: 0,
  });
  expect(agreement(predicted(out, out, into), seen(into, 4))).toEqual({ limit: true, stepsApart: 1 });
});

test('another resource, broker or none is not what was predicted', () => {
  expect(agreement(predicted(out), seen({ resource: 'cpu', node: '1' }))?.limit).toBe(false);
  expect(agreement(predicted(out), seen({ resource: 'network-out', node: '2' }))?.limit).toBe(false);
  expect(agreement(predicted(out), { kind: 'none' })).toEqual({ limit: false });
  expect(agreement({ kind: 'none' }, { kind: 'none' })).toEqual({ limit: true });
});

test('nothing is graded where one of both is unknown', () => {
  expect(agreement({ kind: 'unknown', missing: [] }, seen(out))).toBeUndefined();
  expect(agreement(predicted(out), { kind: 'unknown', reason: 'the load generator was the limit' })).toBeUndefined();
});
