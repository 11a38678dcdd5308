import { expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import type { HostInterval } from '../../../../../analyzer/evidence/load-test-run.ts';
import { plainRun, withIntervals } from '../../../../support/load-test-run.ts';

const policy = examplePolicy();

/** All four cores are busy for nine tenths of the time, whatever the load. */
const filled = (interval: HostInterval): HostInterval => ({
  ...interval,
  cpu: { busyCores: 3.6, iowaitCores: 0, stealCores: 0, cores: 4, hottestCore: 0.9 },
});

const told = (run: Parameters<typeof analyzeRun>[0]) => {
  const { safeMaxTps, findings } = analyzeRun(run, policy);
  return { kind: safeMaxTps.kind, past: findings.filter(({ code }) => code === 'past-limit-from-the-start') };
};

test('cores that were past their limit at the lowest rate are why nothing is called safe', () => {
  const { kind, past } = told(withIntervals(plainRun(), filled));
  expect(kind).toBe('unknown');
  expect(past).toEqual([
    expect.objectContaining({ severity: 'warning', message: expect.stringContaining('At 1,000 msg/s') as unknown }),
  ]);
  expect(past[0]?.message).toContain('cpu of broker 1 was at 90%');
  expect(past[0]?.message).toContain('above the policy limit of 70');
});

test('where a rate is safe, nothing is said of it', () => {
  expect(told(plainRun())).toEqual({ kind: 'predicted', past: [] });
});
