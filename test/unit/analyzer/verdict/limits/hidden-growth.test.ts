import { expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { plain, plainRun, withIntervals } from '../../../../support/load-test-run.ts';

const stepSeconds = 60;
const seconds = stepSeconds * plain.rates.length;

/** Seconds of noise with a standard deviation of about 1%. */
const noise = (second: number) => 1 + 0.014 * Math.sin(second * 12.9898) * Math.cos(second * 78.233);

/** @param useAt share of CPU or memory at a rate, in a second of the run and of its step */
function judge(resource: 'cpu' | 'memory', useAt: (rate: number, second: number, ofStep: number) => number) {
  const run = withIntervals(plainRun({ stepSeconds, linkBytesPerSecond: 7e6 }), (interval) => {
    const rate = plain.rates[Math.floor(interval.from / stepSeconds)] ?? 0;
    const share = useAt(rate, interval.from, interval.from % stepSeconds) * noise(interval.from);
    const disks = [{ device: 'sda', busy: 0.05, writtenBytesPerSecond: 700 * rate }];
    if (resource === 'memory') return { ...interval, disks, memory: { totalBytes: 8e9, usedBytes: 8e9 * share } };
    return { ...interval, ...(interval.cpu && { cpu: { ...interval.cpu, busyCores: 4 * share } }) };
  });
  const writeback = { expireSeconds: 1, dirtyThresholdBytes: 1e5 };
  const hosts = [...run.hosts].map(([host, series]) => {
    const inventory = { host, ...series.inventory, writeback, disks: [{ device: 'sda', sizeBytes: 1e12 }] };
    return [host, { ...series, inventory }] as const;
  });
  const { safeMaxTps, findings } = analyzeRun({ ...run, hosts: new Map(hosts) }, examplePolicy());
  return { kind: safeMaxTps.kind, found: findings.map(({ code }) => code) };
}

const ending = (second: number) => 0.2 * (1 - second / seconds);

test('use that settles after each change of rate is no hidden growth, even if it takes half of a step', () => {
  const settling = judge('cpu', (rate, _, ofStep) => (0.1 + rate * 5e-5) * (1 + 0.2 * Math.exp(-ofStep / 30)));
  expect(settling.found).not.toContain('use-unexplained');
  expect(settling.kind).toBe('predicted');
  const hidden = judge('cpu', (rate, second) => 0.1 + rate * 1e-4 + ending(second));
  expect(hidden.found).toContain('use-unexplained');
  expect(hidden.kind).toBe('at-least');
});

test('no maximum is predicted past memory whose growth other work hid, whether or not a law remains', () => {
  for (const perMessage of [7e-5, 1.2e-4]) {
    const grown = judge('memory', (rate, second) => 0.1 + rate * perMessage + 2 * ending(second));
    expect(grown).toMatchObject({ kind: 'at-least' });
    expect(grown.found).toContain('use-unexplained');
    expect(judge('memory', (rate) => 0.1 + rate * perMessage).found).not.toContain('use-unexplained');
  }
});
