import { expect, test } from 'vitest';
import { createRunProgressSum } from '../../../../loadgen/record/run-progress-sum.ts';
import { recordedJournal } from '../../../support/recorded-journal.ts';

test('a share that moved to another worker counts once in the achieved rate', async () => {
  const sum = createRunProgressSum([]);
  const journal = await recordedJournal('worker-lost');
  for (const line of journal) sum.add(line);
  // One of two workers died within a step of 12 s, and the other one sent its messages from then on.
  const { achievedTps, acknowledgedSends = 0, targetTps = 0 } = sum.step(0);
  expect(achievedTps).toBeLessThanOrEqual(targetTps);
  expect(achievedTps / (acknowledgedSends / 12)).toBeCloseTo(1, 2);
});

test('a step without a lost worker adds up the rates of its workers', async () => {
  const sum = createRunProgressSum([]);
  for (const line of await recordedJournal('spike')) sum.add(line);
  const [first] = sum.steps();
  expect(first?.achievedTps).toBeGreaterThan(0.98 * (first?.targetTps ?? 0));
});
