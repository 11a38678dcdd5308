import { describe, expect, test } from 'vitest';
import { advise } from '../../../../../analyzer/planning/advise/advise.ts';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import type { LoadTestRun } from '../../../../../analyzer/evidence/load-test-run.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { plainRun, withIntervals } from '../../../../support/load-test-run.ts';
import { noisyRun } from '../../../../support/noisy-run.ts';

const policy = examplePolicy();
const advised = (run: LoadTestRun) => advise(run, analyzeRun(run, policy), policy);

const narrow = { linkBytesPerSecond: 4.5e6, rates: [1000, 1500, 2000, 3000, 4000] };

describe('missing measurements', () => {
  test('a run that reached no limit leads to advice to test higher rates', () => {
    const [first] = advised(plainRun({ linkBytesPerSecond: 1e9 }));
    expect(first).toMatchObject({ kind: 'drive-past' });
    expect(first?.command).toContain('--rate-steps 1000,2000,3000,4000,5000,7500,10000,15000');
  });

  test('a run that was past a policy limit at its lowest rate leads to advice to free the resource, not to higher rates', () => {
    const cpu = { busyCores: 3.6, iowaitCores: 0, stealCores: 0, cores: 4, hottestCore: 0.9 };
    const advice = advised(withIntervals(plainRun(), (interval) => ({ ...interval, cpu })));
    expect(advice[0]?.text).toMatch(
      /^Settle past-limit-from-the-start first: At 1,000 msg\/s, .* so no rate of this test is safe/,
    );
    expect(advice.map(({ kind }) => kind)).not.toContain('drive-past');
  });

  test('a run that sustained no rate leads to advice to find the limit, not to higher rates', () => {
    const advice = advised(plainRun({ linkBytesPerSecond: 1e9, carried: () => 0.5 }));
    expect(advice[0]?.text).toMatch(/^Settle limit-cause-unknown first: Throughput stopped growing/);
    expect(advice.map(({ kind }) => kind)).not.toContain('drive-past');
  });

  test('if throughput stopped growing, a measurement that finds the cause is advised instead of higher rates', () => {
    const rates = [1000, 2000, 3000, 4000, 5000];
    const run = plainRun({ rates, linkBytesPerSecond: 1e9, carried: (rate) => Math.min(1, 3500 / rate) });
    const { safeMaxTps } = analyzeRun(run, policy);
    expect(safeMaxTps).toMatchObject({ reason: 'limit-cause-unknown', ceiling: { tps: 3500 } });
    const advice = advised(run);
    expect(advice.map(({ kind }) => kind)).not.toContain('drive-past');
    expect(advice.find(({ kind }) => kind === 'settle-doubt')?.text).toMatch(
      /^Throughput stopped growing at 3,500 msg\/s, and the cause is unknown\. To find it, \S/,
    );
  });

  test('a host without CPU metrics leads to advice to make them readable first', () => {
    const run = plainRun({ linkBytesPerSecond: 1e9 });
    const blind = withIntervals(run, (interval) => {
      const { cpu: _, ...others } = interval;
      return others;
    });
    const [series] = [...blind.hosts.values()];
    const { cores: _, ...inventory } = series?.inventory ?? { host: 'broker-1' };
    const hosts = new Map([['broker-1', { ...(series as NonNullable<typeof series>), inventory }]]);
    expect(advised({ ...blind, hosts })[0]).toMatchObject({
      kind: 'read-host',
      text: expect.stringMatching(/^Make cpu.* of broker 1 readable \(.*\): without this, a limit/) as string,
    });
  });

  test('contradicting figures lead to advice to settle them first', () => {
    const run = withIntervals(plainRun(), (interval) => ({
      ...interval,
      from: interval.from + 8,
      to: interval.to + 8,
    }));
    expect(advised(run)[0]?.text).toMatch(/^Settle clock-offset first/);
  });

  test('a prediction leads to advice to confirm it for the confirmation time of the policy', () => {
    const command = advised(noisyRun(narrow, 'a')).find(({ kind }) => kind === 'confirm')?.command;
    expect(command).toMatch(
      /^plimsoll run --cluster lab --rate-steps \d+ --step-duration 600s --message-size 500 --groups 0$/,
    );
  });
});

describe('measurements that narrow the interval', () => {
  test('state their expected gain, with the largest gain first', () => {
    const steps = advised(noisyRun(narrow, 'b')).flatMap(({ expected }) => (expected ? [expected] : []));
    expect(steps.length).toBeGreaterThan(0);
    expect(steps.every(({ before, after }) => after < before)).toBe(true);
    expect(steps.map(({ after }) => after)).toEqual(steps.map(({ after }) => after).toSorted((a, b) => a - b));
  });
});

test('a CPU limit leads to advice to test another message size', () => {
  const run = plainRun({ linkBytesPerSecond: 1e9, coreSecondsPerMessage: 4e-4 });
  const advice = advised(run).find(({ kind }) => kind === 'another-size');
  expect(advice?.command).toContain('--message-size 2000');
});
