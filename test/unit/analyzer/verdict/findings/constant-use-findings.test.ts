import { expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import type { HostInterval, LoadTestRun } from '../../../../../analyzer/evidence/load-test-run.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { plainRun, withIntervals } from '../../../../support/load-test-run.ts';

const policy = examplePolicy();

/** Uses 0.0003 cores per msg/s, of the 2.8 cores that the policy allows. */
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

test('CPU use that does not depend on the load is reported, with the limit that would apply without it', () => {
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

test('CPU use of idle brokers is not reported', () => {
  expect(told(busy)).toMatchObject({ safeMaxTps: { limitedBy: { resource: 'cpu' } }, standing: [] });
});

test('constant use of a resource that is not the bottleneck is not reported', () => {
  const { safeMaxTps, standing } = told(withIntervals(plainRun(), beside(1)));
  expect(safeMaxTps).toMatchObject({ limitedBy: { resource: 'network-in' } });
  expect(standing).toEqual([]);
});
