import { expect, test } from 'vitest';
import { gradeLoss } from '../../../../../analyzer/production/grading/grade-loss.ts';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { Analysis } from '../../../../../core/documents/analysis.ts';
import { placedRun, type PlacedRun } from '../../../../support/placed-run.ts';
import { threeBrokers } from '../../../../support/go-case.ts';

const policy = examplePolicy();
const analyse = (shape: PlacedRun) => Analysis.parse(analyzeRun(placedRun(shape), policy));
const prediction = analyse(threeBrokers);

/** The same cluster with broker 2 down: one follower is left, without the card and the replica of broker 2. */
const degraded: PlacedRun = {
  ...threeBrokers,
  cards: { '1': 6.25e6, '3': 6.25e6 },
  rows: [{ leader: '1', replicas: ['1', '3'], partitions: 12 }],
  replicationFactor: 2,
  rates: [1000, 1300, 1600, 1900, 2100],
};

test('a prediction is graded by a load test without the broker', () => {
  const grade = gradeLoss(prediction, analyse(degraded), ['2']);
  expect(grade).toMatchObject({ kind: 'graded', lost: '2', isCovered: true });
  // By hand: 2 copies of 1,100 bytes and a response of 30 bytes leave broker 1: (5,000,000 − 2,000) / 2,230 = 2,241.
  expect(grade.kind === 'graded' && Math.abs(grade.measured.estimateTps / 2241 - 1)).toBeLessThan(0.02);
  expect(grade.kind === 'graded' && Math.abs(grade.error)).toBeLessThan(0.03);
});

test('a run that reached no limit grades nothing and states its highest rate', () => {
  const idle = analyse({ ...degraded, rates: [100, 120, 140, 160, 180] });
  expect(gradeLoss(prediction, idle, ['2'])).toMatchObject({
    kind: 'not-graded',
    reason: 'no limit was reached up to 180 msg/s; test higher rates',
  });
});

test('a loss without a prediction is not graded', () => {
  expect(gradeLoss(prediction, analyse(degraded), ['9'])).toMatchObject({
    kind: 'not-graded',
    reason: 'the earlier run predicts no loss of 9',
  });
});
