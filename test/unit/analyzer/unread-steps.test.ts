import { expect, test } from 'vitest';
import { analyzeRun } from '../../../analyzer/verdict/analyze-run.ts';
import type { BrokerInterval } from '../../../analyzer/evidence/load-test-run.ts';
import { examplePolicy } from '../../support/example-policy.ts';
import { plain, plainRun } from '../../support/load-test-run.ts';

const policy = examplePolicy();
const { stepSeconds } = plain;
const run = plainRun({ rates: [1000, 2000, 3000], linkBytesPerSecond: 1e9 });

/** Broker reports for every second of the readable steps, by step number. */
const reported = (read: readonly number[], of: (step: number) => Partial<BrokerInterval>) => ({
  ...run,
  brokers: new Map([
    [
      '1',
      read.flatMap((step) =>
        Array.from({ length: stepSeconds }, (_, second): BrokerInterval => {
          const from = step * stepSeconds + second;
          return { from, to: from + 1, ...of(step) };
        }),
      ),
    ],
  ]),
});

const heap = (step: number) => ({ heapUsedRatio: 0.3 + 0.15 * step });
const threads = (step: number) => ({ requestHandlersBusy: 0.3 + 0.15 * step });

test.each([
  ['heap', heap],
  ['threads', threads],
])('a step without a reading of the %s is not counted as within its limit', (_, of) => {
  expect(analyzeRun(reported([0, 1, 2], of), policy).safeMaxTps).toMatchObject({ kind: 'predicted' });
  expect(analyzeRun(reported([0, 1], of), policy).safeMaxTps).toMatchObject({ kind: 'at-least', tps: 2000 });
});

test('a resource that was never read does not exclude a step', () => {
  expect(analyzeRun(run, policy).safeMaxTps).toMatchObject({ kind: 'at-least', tps: 3000 });
  expect(analyzeRun(reported([], heap), policy).safeMaxTps).toMatchObject({ kind: 'at-least', tps: 3000 });
});
