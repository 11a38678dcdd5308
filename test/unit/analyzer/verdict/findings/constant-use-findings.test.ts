import { expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import type { HostInterval, LoadTestRun } from '../../../../../analyzer/evidence/load-test-run.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { plainRun, withIntervals } from '../../../../support/load-test-run.ts';

const policy = examplePolicy();

/** Of the 2.8 cores that are safe, a message a second takes 0.0003. */
const busy = plainRun({ coreSecondsPerMessage: 3e-4, linkBytesPerSecond: 1e9 });

const beside =
  (cores: number) =>
  ({ cpu, ...interval }: HostInterval): HostInterval => ({
    ...interval,
    ...(cpu && { cpu: { ...cpu, busyCores: cpu.busyCores + cores } }),
  });

function told(run: LoadTestRun) {
  const { safeMaxTps, findings } = analyzeRun(run, policy);
  return { safeMaxTps, standing: findings.filter(({ code }) => code === 'standing-use') };
}

test('what works beside the load is reported, with the limit that is left without it', () => {
  const { safeMaxTps, standing } = told(withIntervals(busy, beside(1)));
  expect(safeMaxTps).toMatchObject({ limitedBy: { resource: 'cpu', node: '1' } });
  expect(standing).toEqual([
    expect.objectContaining({
      severity: 'warning',
      message: expect.stringMatching(/the fit of cpu of broker 1 is already at 39% of its policy limit/),
    }),
  ]);
  const without = standing[0]?.evidence.find(({ name }) => name === 'limit without it')?.value;
  expect(Number(without) / (2.8 / 3e-4)).toBeCloseTo(1, 1.5);
});

test('what brokers cost that wait for work is not reported', () => {
  expect(told(busy)).toMatchObject({ safeMaxTps: { limitedBy: { resource: 'cpu' } }, standing: [] });
});

test('nothing is reported of what does not bind', () => {
  const { safeMaxTps, standing } = told(withIntervals(plainRun(), beside(1)));
  expect(safeMaxTps).toMatchObject({ limitedBy: { resource: 'network-in' } });
  expect(standing).toEqual([]);
});
