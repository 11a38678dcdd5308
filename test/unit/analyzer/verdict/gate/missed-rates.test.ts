import { expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { plainRun, withIntervals } from '../../../../support/load-test-run.ts';

const stepSeconds = 12;
const rising = [1000, 2000, 3000, 4000, 5000];

/** The cluster achieves at most this rate in some of the steps, as without the burst credits of its disk. */
function limitedIn(rates: readonly number[], { steps, to, disk = 0 }: { steps: number[]; to: number; disk?: number }) {
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
  const { safeMaxTps, saturationTps, findings } = analyzeRun({ ...read, hosts: new Map(hosts) }, examplePolicy());
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
