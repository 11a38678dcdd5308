import { expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import type { LoadTestRun } from '../../../../../analyzer/evidence/load-test-run.ts';
import { plainRun, withIntervals } from '../../../../support/load-test-run.ts';

const stepSeconds = 12;
const rising = [1000, 2000, 3000, 4000, 5000];

/** The cluster achieves at most this rate in some of the steps, as without the burst credits of its disk. */
function limitedIn(rates: readonly number[], { steps, to, disk = 0 }: { steps: number[]; to: number; disk?: number }) {
  return judged(limitedRun(rates, { steps, to, disk }));
}

function limitedRun(rates: readonly number[], { steps, to, disk }: { steps: number[]; to: number; disk: number }) {
  const run = plainRun({ rates, stepSeconds });
  const isLimited = (from: number) => steps.includes(Math.floor(from / stepSeconds));
  const produced = run.produced.map((line) => {
    const acknowledged = isLimited(line.from) ? Math.min(line.acknowledged, to) : line.acknowledged;
    return { ...line, acknowledged, sent: acknowledged, requests: acknowledged / 50 };
  });
  const read = withIntervals({ ...run, produced }, (interval) => {
    const { network = [], from } = interval;
    const own = network.map((link) => {
      const inBytesPerSecond = isLimited(from)
        ? Math.min(link.inBytesPerSecond, 1e4 + 600 * to)
        : link.inBytesPerSecond;
      return { ...link, inBytesPerSecond, outBytesPerSecond: inBytesPerSecond / 10 };
    });
    const busy = isLimited(from) ? 1 : 0.3;
    return {
      ...interval,
      network: own,
      ...(disk > 0 && { disks: [{ device: 'sda', busy, writtenBytesPerSecond: disk }] }),
    };
  });
  const hosts = [...read.hosts].map(([name, series]) => {
    const { inventory } = series;
    const writeback = { expireSeconds: 1, dirtyThresholdBytes: 1 };
    return [name, { ...series, ...(inventory && { inventory: { ...inventory, writeback } }) }] as const;
  });
  return { ...read, hosts: new Map(hosts) };
}

function judged(run: LoadTestRun) {
  const confirmationSeconds = { value: stepSeconds, source: 'test' };
  const { safeMaxTps, saturationTps, findings } = analyzeRun(run, { ...examplePolicy(), confirmationSeconds });
  const found = findings.filter(({ code }) => code === 'not-monotonic').map(({ message }) => message);
  return { safeMaxTps, saturationTps, found };
}

const inDoubt = (tps: number) => ({ kind: 'at-least', tps, reason: 'figures-in-doubt' });

test.each([0, 1e6])(
  'a rate that later steps missed by far is not proven by earlier ones, whatever limited them',
  (disk) => {
    const late = limitedIn([...rising, 3000, 4000], { steps: [5, 6], to: 2400, disk });
    expect(late.safeMaxTps).toEqual(inDoubt(2000));
    expect(late.saturationTps).toEqual(inDoubt(2000));
    expect(late.found).toEqual([expect.stringMatching(/^3,000 msg\/s and 4,000 msg\/s .* no later step sustained it/)]);
    expect(limitedIn([...rising, 5000], { steps: [5], to: 2400, disk }).safeMaxTps).toEqual(inDoubt(4000));
  },
);

test('it is proven if a step after these sustained it, or if it was missed by little', () => {
  const passing = limitedIn([...rising, 3000, 5000], { steps: [5], to: 2400 });
  expect(passing.safeMaxTps).toMatchObject({ kind: 'predicted', limitedBy: { resource: 'network-in' } });
  expect(passing.found).toEqual([expect.stringMatching(/something temporary/)]);
  const near = limitedIn([...rising, 5000], { steps: [5], to: 4700 });
  expect(near.safeMaxTps).toMatchObject({ kind: 'predicted', limitedBy: { resource: 'network-in' } });
  expect(near.found).toEqual([]);
});

test('it is proven if the disturbance ended before the step did', () => {
  const run = plainRun({ rates: [...rising, 4000, 3000], stepSeconds });
  const produced = run.produced.map((line) =>
    line.from === 5 * stepSeconds + 5 ? { ...line, acknowledged: 2800, sent: 2800 } : line,
  );
  const { safeMaxTps, found } = judged({ ...run, produced });
  expect(safeMaxTps).toMatchObject({ kind: 'predicted', limitedBy: { resource: 'network-in' } });
  expect(found).toEqual([expect.stringMatching(/something temporary/)]);
});

test('a cluster that stops every third second to the end of each later step does not achieve its rate', () => {
  const run = plainRun({ rates: [...rising, 4000, 3000], stepSeconds: 30 });
  const produced = run.produced.map((line) =>
    line.from >= 150 && line.from % 3 === 0 ? { ...line, acknowledged: 300, sent: 300 } : line,
  );
  expect(judged({ ...run, produced }).safeMaxTps).toMatchObject({ kind: 'at-least', tps: 2000 });
});

test('a soak that a search confirmed after a failed one is not in doubt', () => {
  const run = limitedRun([4000, 4500, 5000, 5500, 5000, 4500], { steps: [3, 4], to: 2400, disk: 0 });
  const breach = {
    criterion: 'achieved',
    violated: { kind: 'slo', slo: 'publish-latency' },
    measured: 0.5,
    limit: 0.99,
  } as const;
  const { safeMaxTps } = judged({
    ...run,
    certificate: {
      search: 'find-safe',
      endedBecause: 'bounds-met',
      lowerBound: { tps: 4500, conditionalTps: 4500, passed: 1, failed: 0, durationSeconds: stepSeconds },
      upperBounds: [{ ...breach, tps: 5000, failed: 1, passed: 1 }],
      trials: [],
      driveSeconds: run.durationSeconds,
    },
    events: {
      ...run.events,
      trials: run.steps.map(({ from, targetTps = 0 }, step) => ({
        kind: 'trial',
        step,
        elapsedSeconds: from,
        targetTps,
        durationSeconds: stepSeconds,
        purpose: step > 3 ? 'soak' : 'rise',
        outcome:
          step === 3 || step === 4
            ? { ...breach, kind: 'failed', achievedTps: 2400 }
            : { kind: 'passed', achievedTps: targetTps },
        startedSeconds: from,
      })),
    },
  });
  expect(safeMaxTps).toMatchObject({ kind: 'confirmed', tps: 4500 });
});
