import { expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { plainRun, withIntervals } from '../../../../support/load-test-run.ts';

const policy = examplePolicy();
const idle = { rates: [1000, 2000, 3000], stepSeconds: 30, coreSecondsPerMessage: 1e-6, linkBytesPerSecond: 1e12 };

/** The host has no readings after this second. */
function readUntil(second: number) {
  const run = plainRun(idle);
  const hosts = [...run.hosts].map(([name, series]) => {
    const intervals = name === 'broker-1' ? series.intervals.filter(({ to }) => to <= second) : series.intervals;
    return [name, { ...series, intervals }] as const;
  });
  const { safeMaxTps, saturationTps, findings } = analyzeRun({ ...run, hosts: new Map(hosts) }, policy);
  const found = findings.filter(({ code }) => code === 'steps-without-readings').map(({ message }) => message);
  return { safeMaxTps, saturationTps, found };
}

test('a safe maximum below the highest sustained step names the readings that the higher steps lack', () => {
  const { safeMaxTps, saturationTps, found } = readUntil(60);
  expect(safeMaxTps).toMatchObject({ kind: 'at-least', tps: 2000, reason: 'no-limit-reached' });
  expect(saturationTps).toMatchObject({ kind: 'at-least', tps: 3000 });
  expect(found).toEqual([
    expect.stringMatching(/^Steps up to 3,000 msg\/s were sustained, but only 2,000 msg\/s .*cpu of broker 1/),
  ]);
});

test('with readings of every step, the highest sustained step counts and no finding is reported', () => {
  const { safeMaxTps, found } = readUntil(90);
  expect(safeMaxTps).toMatchObject({ kind: 'at-least', tps: 3000 });
  expect(found).toEqual([]);
});

test('readings that end before the highest steps are extrapolated from the steps they cover', () => {
  // The CPU reaches 70% at 6,000 msg/s, the card 80% at 8,300.
  const run = plainRun({ coreSecondsPerMessage: 4.5e-4 });
  const readUntilStep = (steps: number) =>
    analyzeRun(
      withIntervals(run, ({ cpu, ...rest }) => (cpu && rest.from < 12 * steps ? { ...rest, cpu } : rest)),
      policy,
    );
  for (const steps of [1, 2]) {
    const { safeMaxTps, findings } = readUntilStep(steps);
    expect(safeMaxTps).toMatchObject({ kind: 'at-least', tps: 1000 * steps });
    expect(findings.map(({ code }) => code)).toContain('use-unexplained');
  }
  expect(readUntilStep(5).safeMaxTps).toMatchObject({ kind: 'predicted', limitedBy: { resource: 'cpu' } });
});
