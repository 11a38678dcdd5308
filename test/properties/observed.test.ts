import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Analysis } from '../../core/documents/analysis.ts';
import { RunDocument } from '../../core/documents/run-bundle.ts';
import type { ReadingsRun } from '../../analyzer/evidence/load-test-run.ts';
import { saturationRate, type Traffic } from '../../analyzer/evidence/written/figures.ts';
import { analyzeWritten } from '../../analyzer/verdict/analyze-written.ts';
import { examplePolicy } from '../support/example-policy.ts';
import { fullMatrix } from '../support/prerequisites.ts';

const traffic = fc.record<Traffic>({
  broker: fc.constantFrom('kafka', 'rocketmq'),
  receivesCopies: fc.boolean(),
  tps: fc.integer({ min: 1, max: 1_000_000 }),
  messageBytes: fc.integer({ min: 1, max: 65_536 }),
  clusterNameBytes: fc.integer({ min: 1, max: 60 }),
  replication: fc.constantFrom('none', 'ha', 'dledger'),
  followers: fc.integer({ min: 0, max: 4 }),
  groups: fc.integer({ min: 0, max: 8 }),
});
const gigabit = 1e9;
const full = (each: Traffic, speed = gigabit) => saturationRate(each, speed);

test('a follower, group or byte more never raises the saturation rate, and a faster card raises it', () => {
  fc.assert(
    fc.property(traffic, (each) => {
      const { low, high } = full(each);
      expect(low).toBeLessThanOrEqual(high);
      const heavier = [
        { ...each, followers: each.followers + 1 },
        { ...each, groups: each.groups + 1 },
        { ...each, messageBytes: each.messageBytes + 64 },
      ];
      for (const more of heavier) expect(full(more).high).toBeLessThanOrEqual(high);
      expect(full(each, 10 * gigabit).low).toBeGreaterThan(low);
    }),
  );
});

const founding = readFileSync(new URL('../../examples/founding-70k/run.json', import.meta.url), 'utf8');

function perturbed({ messageBytes, followers, bitsPerSecond, iowait }: Perturbation): ReadingsRun {
  const run = RunDocument.parse(JSON.parse(founding));
  if (run.origin !== 'readings') throw new Error(run.origin);
  const [host] = run.environment.hosts;
  if (host?.networkDevices?.[0]?.speed !== undefined) host.networkDevices[0].speed.bitsPerSecond = bitsPerSecond;
  for (const reading of run.readings) if (reading.quantity === 'iowait-ratio') reading.value = iowait;
  return { ...run, workload: { messageBytes }, topology: { ...run.topology, followersPerMaster: followers } };
}

interface Perturbation {
  messageBytes: number;
  followers: number;
  bitsPerSecond: number;
  iowait: number;
}
const perturbation = fc.record<Perturbation>({
  messageBytes: fc.integer({ min: 1, max: 100_000 }),
  followers: fc.integer({ min: 0, max: 5 }),
  bitsPerSecond: fc.constantFrom(1e8, 1e9, 2.5e9, 1e10, 1e11),
  iowait: fc.double({ min: 0, max: 1, noNaN: true }),
});

test('for any figures, the analysis matches the schema and claims no more than the reading', () => {
  fc.assert(
    fc.property(perturbation, (each) => {
      const { safeMaxTps } = Analysis.parse(analyzeWritten(perturbed(each), examplePolicy()));
      if (safeMaxTps.kind !== 'unknown') expect(safeMaxTps.tps).toBeLessThanOrEqual(70_000);
    }),
    { numRuns: fullMatrix ? 3000 : 100 },
  );
});

test('a stricter limit never raises the highest rate', () => {
  fc.assert(
    fc.property(perturbation, fc.double({ min: 0.1, max: 0.79, noNaN: true }), (each, limit) => {
      const policy = examplePolicy();
      const strict = structuredClone(policy);
      strict.limits['network-out'].value = limit;
      strict.limits['network-in'].value = limit;
      expect(highest(perturbed(each), strict)).toBeLessThanOrEqual(highest(perturbed(each), policy));
    }),
    { numRuns: fullMatrix ? 3000 : 100 },
  );
});

function highest(run: ReadingsRun, policy: ReturnType<typeof examplePolicy>): number {
  const { safeMaxTps } = analyzeWritten(run, policy);
  switch (safeMaxTps.kind) {
    case 'observed':
      return Math.max(...safeMaxTps.basis.map(({ tps }) => tps.high));
    case 'unknown':
      return 0;
    default:
      return safeMaxTps.tps;
  }
}
