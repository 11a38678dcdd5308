// Is the number true? Simulated clusters whose limits are known exactly, judged by the command and held against the truth.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Analysis } from '../../core/analysis.ts';
import { fullMatrix } from '../support/prerequisites.ts';
import { cpuBound, linkBound, shares, skewed } from './clusters.ts';
import { judge, runCli } from './judged-by-cli.ts';
import { writeBundle } from './synthetic-bundle.ts';
import { truthRow, writeTruth, type TruthRow } from './truth-page.ts';
import { firstLimit, limitsOf, type Truth } from './synthetic-cluster.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-truth-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function judged(name: string, truth: Truth): Promise<Analysis> {
  const directory = join(folder, `${name}-${truth.seed}`);
  await writeBundle(directory, truth);
  return judge(directory);
}

/** Runs two at a time: a process each. */
async function judgedAll(name: string, truths: readonly Truth[]): Promise<{ truth: Truth; analysis: Analysis }[]> {
  const results: { truth: Truth; analysis: Analysis }[] = [];
  for (let first = 0; first < truths.length; first += 2) {
    const pair = truths.slice(first, first + 2);
    results.push(...(await Promise.all(pair.map(async (truth) => ({ truth, analysis: await judged(name, truth) })))));
  }
  return results;
}

function predicted({ saturationTps }: Analysis) {
  if (saturationTps.kind !== 'predicted') throw new Error(`saturation is ${JSON.stringify(saturationTps)}`);
  return saturationTps;
}

/** Fewest hits that 95 % coverage leaves possible at 0.1 %: the lower tail of the binomial, in logarithms, since 0.05^400 is none. */
function fewestHits(runs: number): number {
  let tail = 0;
  let logChance = runs * Math.log(0.05);
  for (let hits = 0; hits < runs; hits += 1) {
    tail += Math.exp(logChance);
    if (tail > 0.001) return hits;
    logChance += Math.log((runs - hits) / (hits + 1)) + Math.log(0.95 / 0.05);
  }
  return runs;
}

const shapes = [
  {
    name: 'one broker, link-bound',
    make: linkBound,
    limitedBy: { resource: 'network-out', node: '1' },
    runs: fullMatrix ? 400 : 40,
  },
  {
    name: 'three brokers with unequal shares',
    make: skewed,
    limitedBy: { resource: 'network-out', node: '2' },
    runs: fullMatrix ? 200 : 4,
  },
  {
    name: 'one broker, CPU-bound',
    make: cpuBound,
    limitedBy: { resource: 'cpu', node: '1' },
    runs: fullMatrix ? 200 : 4,
  },
];

const table: TruthRow[] = [];
afterAll(async () => {
  if (fullMatrix) await writeTruth(table);
});

describe.each(shapes)('$name, driven to 60 or 70 % of its limit', ({ name, make, limitedBy, runs }) => {
  let results: { truth: Truth; analysis: Analysis }[];
  beforeAll(async () => {
    const truths = Array.from({ length: runs }, (_, seed) => make(seed + 1));
    results = await judgedAll(name.replaceAll(/\W+/g, '-'), truths);
    table.push(
      truthRow(
        name,
        results.map(({ truth, analysis }) => ({ truth: firstLimit(truth).tps, ...predicted(analysis) })),
      ),
    );
  }, 1_800_000);

  test('the 95 % interval holds the true limit as often as it says', () => {
    const hits = results.filter(({ truth, analysis }) => {
      const { low, high = Number.POSITIVE_INFINITY } = predicted(analysis).interval;
      const { tps } = firstLimit(truth);
      return low <= tps && tps <= high;
    });
    expect(hits.length).toBeGreaterThanOrEqual(fewestHits(runs));
  });

  test('the estimate is within 3 % of the truth', () => {
    const errors = results.map(({ truth, analysis }) =>
      Math.abs(predicted(analysis).estimateTps / firstLimit(truth).tps - 1),
    );
    expect(Math.max(...errors)).toBeLessThan(0.03);
  });

  test('the interval is narrow enough to be of use', () => {
    const widths = results
      .map(({ analysis }) => predicted(analysis))
      .map(({ interval: { low, high = Number.POSITIVE_INFINITY }, estimateTps }) => (high - low) / estimateTps)
      .sort((a, b) => a - b);
    expect(widths[runs >> 1]).toBeLessThan(0.08);
  });

  test('what binds is named', () => {
    const named = new Set(results.map(({ analysis }) => JSON.stringify(predicted(analysis).limitedBy)));
    expect([...named]).toEqual([JSON.stringify(limitedBy)]);
  });

  test('the safe maximum is never above where the policy limit truly is', () => {
    for (const { truth, analysis } of results) {
      const allowed = Math.min(...limitsOf(truth, { network: 0.8, cpu: 0.7 }).map(({ tps }) => tps));
      if (analysis.safeMaxTps.kind !== 'predicted') throw new Error(analysis.safeMaxTps.kind);
      expect(analysis.safeMaxTps.tps).toBeLessThanOrEqual(allowed * 1.001);
      expect(analysis.safeMaxTps.tps).toBeGreaterThan(allowed * 0.85);
    }
  });

  test('every broker is listed', () => {
    for (const { truth, analysis } of results) {
      expect(analysis.perBroker.map(({ broker }) => broker)).toEqual(truth.brokers.map(({ id }) => id));
    }
  });
});

test('batches that grow with load do not make the limit a message costs too low', async () => {
  const growing = (tps: number) => Math.min(60, 2 + tps / 150);
  const truth = linkBound(101, { messagesPerRequest: growing });
  const [broker] = truth.brokers;
  if (broker === undefined) throw new Error('no broker');
  const costly = { ...truth, brokers: [{ ...broker, bytesOut: { ...broker.bytesOut, perRequest: 600 } }] };
  const analysis = await judged('batches', costly);
  const { tps } = firstLimit(costly);
  expect(predicted(analysis).estimateTps / tps).toBeGreaterThan(0.95);
  expect(predicted(analysis).estimateTps / tps).toBeLessThan(1.03);
});

test('code that is still being compiled makes early steps dearer, and the cluster not larger than it is', async () => {
  const [broker] = cpuBound(302).brokers;
  if (broker === undefined) throw new Error('no broker');
  const truth = { ...cpuBound(302), brokers: [{ ...broker, warmUp: { share: 0.6, seconds: 12 } }] };
  const analysis = await judged('compiling', truth);
  if (analysis.saturationTps.kind === 'predicted') {
    expect(analysis.saturationTps.interval.low).toBeLessThanOrEqual(firstLimit(truth).tps);
  } else expect(analysis.saturationTps.kind).toBe('at-least');
});

describe('a cluster driven into its limit', () => {
  const truth = linkBound(401);
  const { tps: full } = firstLimit(truth);
  const driven: Truth = { ...truth, steps: shares(full, [0.3, 0.45, 0.6, 0.75, 1.1], 20) };
  let analysis: Analysis;
  beforeAll(async () => {
    analysis = await judged('driven', driven);
  });

  test('the step is saturated by the direction that was full, although producers went on', () => {
    expect(analysis.steps.map(({ verdict }) => verdict.kind)).toEqual([
      'sustained',
      'sustained',
      'sustained',
      'sustained',
      'saturated',
    ]);
    expect(analysis.steps[4]?.verdict).toEqual({
      kind: 'saturated',
      bottleneck: { resource: 'network-out', node: '1' },
    });
  });

  test('what the consumers took there is the limit, confirmed', () => {
    const { saturationTps } = analysis;
    if (saturationTps.kind !== 'confirmed') throw new Error(saturationTps.kind);
    expect(Math.abs(saturationTps.estimateTps / full - 1)).toBeLessThan(0.01);
  });

  test('the group that fell behind is named', () => {
    expect(analysis.findings.map(({ code }) => code)).toContain('consumer-lag-growing');
  });
});

test('a generator that has no more to give is not taken for a full cluster', async () => {
  const truth = linkBound(501);
  const { tps: full } = firstLimit(truth);
  const weak = { ...truth, generatorTps: 0.3 * full, steps: shares(full, [0.1, 0.2, 0.28, 0.5], 20) };
  const analysis = await judged('weak', weak);
  expect(analysis.steps.at(-1)?.verdict).toEqual({ kind: 'invalid', reason: 'generator-limited' });
  expect(analysis.saturationTps).toMatchObject({ kind: 'at-least', reason: 'generator-limited' });
});

test('a run that never came near a limit names no maximum', async () => {
  const truth = linkBound(601);
  const far = { ...truth, steps: shares(firstLimit(truth).tps, [0.05, 0.1, 0.15, 0.2], 20) };
  const analysis = await judged('far', far);
  expect(analysis.safeMaxTps).toMatchObject({ kind: 'at-least', reason: 'no-limit-reached' });
  expect(analysis.saturationTps).toMatchObject({ kind: 'at-least', reason: 'no-limit-reached' });
  expect(JSON.stringify(analysis.saturationTps)).not.toContain('estimateTps');
});

test('a step held for ten minutes within the policy confirms its rate', async () => {
  const truth = linkBound(701);
  const { tps: full } = firstLimit(truth);
  const long = { ...truth, steps: [...shares(full, [0.2, 0.35, 0.5, 0.65], 20), ...shares(full, [0.75], 600)] };
  const { safeMaxTps } = await judged('confirmed', { ...long, noise: { second: 0.003, step: 0.001 } });
  expect(safeMaxTps.kind).toBe('confirmed');
});

test('a generator killed in the middle costs its last second, and the verdict is made of the rest', async () => {
  const truth = { ...linkBound(801), cutOffSeconds: 93 };
  const analysis = await judged('killed', truth);
  expect(analysis.findings.map(({ code }) => code)).toContain('run-interrupted');
  expect(analysis.run.durationSeconds).toBe(93);
  expect(analysis.steps).toHaveLength(5);
  expect(Math.abs(predicted(analysis).estimateTps / firstLimit(truth).tps - 1)).toBeLessThan(0.05);
});

test('a verdict is answered with 0, an unknown one with 3, a missing run with 2', async () => {
  const truth = linkBound(901);
  await writeBundle(join(folder, 'answered'), truth);
  await writeBundle(join(folder, 'short'), { ...truth, steps: shares(firstLimit(truth).tps, [0.3, 0.4], 4) });
  const codes = await Promise.all(
    ['answered', 'short', 'nowhere'].map((name) => runCli('analyze', join(folder, name), '--json')),
  );
  expect(codes.map(({ exitCode }) => exitCode)).toEqual([0, 3, 2]);
  expect(JSON.parse(codes[2]?.stdout ?? '')).toMatchObject({ schemaVersion: 1, error: { code: 'run-missing' } });
});
