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

describe('what is missing', () => {
  test('a run that met no limit is driven on', () => {
    const [first] = advised(plainRun({ linkBytesPerSecond: 1e9 }));
    expect(first).toMatchObject({ kind: 'drive-past' });
    expect(first?.command).toContain('--rate-steps 1000,2000,3000,4000,5000,7500,10000,15000');
  });

  test('where throughput stopped growing, the measurement that names the cause comes instead of higher rates', () => {
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

  test('a host that was not read is read first', () => {
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

  test('figures that contradict each other are settled first', () => {
    const run = withIntervals(plainRun(), (interval) => ({
      ...interval,
      from: interval.from + 8,
      to: interval.to + 8,
    }));
    expect(advised(run)[0]?.text).toMatch(/^Settle clock-offset first/);
  });

  test('a prediction is confirmed by the time the policy asks', () => {
    const command = advised(noisyRun(narrow, 'a')).find(({ kind }) => kind === 'confirm')?.command;
    expect(command).toMatch(
      /^plimsoll run --cluster lab --rate-steps \d+ --step-duration 600s --message-size 500 --groups 0$/,
    );
  });
});

describe('what makes it surer', () => {
  test('each says how much, the most first', () => {
    const steps = advised(noisyRun(narrow, 'b')).flatMap(({ expected }) => (expected ? [expected] : []));
    expect(steps.length).toBeGreaterThan(0);
    expect(steps.every(({ before, after }) => after < before)).toBe(true);
    expect(steps.map(({ after }) => after)).toEqual(steps.map(({ after }) => after).toSorted((a, b) => a - b));
  });
});

test('where CPU is near, another size of messages is advised', () => {
  const run = plainRun({ linkBytesPerSecond: 1e9, coreSecondsPerMessage: 4e-4 });
  const advice = advised(run).find(({ kind }) => kind === 'another-size');
  expect(advice?.command).toContain('--message-size 2000');
});
