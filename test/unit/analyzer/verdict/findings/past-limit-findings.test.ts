import { expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import type { HostInterval } from '../../../../../analyzer/evidence/load-test-run.ts';
import { plainRun, withIntervals } from '../../../../support/load-test-run.ts';

const policy = examplePolicy();

/** All four cores are 90% busy, whatever the load. */
const filled = (interval: HostInterval): HostInterval => ({
  ...interval,
  cpu: { busyCores: 3.6, iowaitCores: 0, stealCores: 0, cores: 4, hottestCore: 0.9 },
});

const told = (run: Parameters<typeof analyzeRun>[0]) => {
  const { safeMaxTps, findings } = analyzeRun(run, policy);
  return { kind: safeMaxTps.kind, past: findings.filter(({ code }) => code === 'past-limit-from-the-start') };
};

test('a CPU above its policy limit at the lowest rate is reported as the reason for no safe maximum', () => {
  const { kind, past } = told(withIntervals(plainRun(), filled));
  expect(kind).toBe('unknown');
  expect(past).toEqual([
    expect.objectContaining({ severity: 'warning', message: expect.stringContaining('At 1,000 msg/s') as unknown }),
  ]);
  expect(past[0]?.message).toContain('cpu of broker 1 was at 90%');
  expect(past[0]?.message).toContain('above the policy limit of 70');
});

test('a run with a safe rate has no past-limit finding', () => {
  expect(told(plainRun())).toEqual({ kind: 'predicted', past: [] });
});
