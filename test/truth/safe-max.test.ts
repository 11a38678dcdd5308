// Checks verdicts of simulated runs with one trait each.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Analysis } from '../../core/documents/analysis.ts';
import { runCli } from './judged-by-cli.ts';
import { Judges } from './judged-by-many.ts';
import { cpuBound, driven, linkBound, scattered, stepsOf } from './world/calm-clusters.ts';
import { firstOf, fullLimits } from './world/true-limits.ts';
import { writeBundle } from './world/world-bundle.ts';
import type { World } from './world/world.ts';

let judges: Judges;
beforeAll(() => {
  judges = new Judges(1);
});
afterAll(() => judges[Symbol.asyncDispose]());

const fullTps = (world: World) => firstOf(fullLimits(world)).tps;

function predicted({ saturationTps }: Analysis) {
  if (saturationTps.kind !== 'predicted') throw new Error(`saturation is ${JSON.stringify(saturationTps)}`);
  return saturationTps;
}

test('batches that grow with load do not make the limit a message costs too low', async () => {
  const world = linkBound(101, { batching: { least: 2, most: 60, tpsPerMessage: 150 } });
  const hosts = world.hosts.map((host) => {
    const out = host.uses['network-out'];
    return out
      ? { ...host, uses: { ...host.uses, 'network-out': { ...out, law: { ...out.law, perRequest: 600 } } } }
      : host;
  });
  const costly = { ...world, hosts };
  const share = predicted(await judges.analyseWorld(costly)).estimateTps / fullTps(costly);
  expect(share).toBeGreaterThan(0.95);
  expect(share).toBeLessThan(1.03);
});

test('code that is still being compiled makes early steps dearer, and the cluster not larger than it is', async () => {
  const calm = cpuBound(302);
  const world = { ...calm, hosts: calm.hosts.map((host) => ({ ...host, warmUp: { share: 0.6, seconds: 12 } })) };
  const { saturationTps } = await judges.analyseWorld(world);
  if (saturationTps.kind === 'predicted') expect(saturationTps.interval.low).toBeLessThanOrEqual(fullTps(world));
  else expect(saturationTps.kind).toBe('at-least');
});

describe('a cluster driven into its limit', () => {
  const world = linkBound(401);
  const full = fullTps(world);
  let analysis: Analysis;
  beforeAll(async () => {
    analysis = await judges.analyseWorld(driven(world, full, [0.3, 0.45, 0.6, 0.75, 1.1]));
  });

  test('the step is saturated by the direction that was full, although producers went on', () => {
    expect(analysis.steps.map(({ verdict }) => verdict)).toEqual([
      ...Array.from({ length: 4 }, () => ({ kind: 'sustained' })),
      { kind: 'saturated', bottleneck: { resource: 'network-out', node: '1' } },
    ]);
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
  const world = linkBound(501);
  const full = fullTps(world);
  const weak = { ...driven(world, full, [0.1, 0.2, 0.28, 0.5]), generatorTps: 0.3 * full };
  const analysis = await judges.analyseWorld(weak);
  expect(analysis.steps.at(-1)?.verdict).toEqual({ kind: 'invalid', reason: 'generator-limited' });
  expect(analysis.saturationTps).toMatchObject({ kind: 'at-least', reason: 'generator-limited' });
});

test('a run that never came near a limit names no maximum', async () => {
  const world = linkBound(601);
  const { safeMaxTps, saturationTps } = await judges.analyseWorld(
    driven(world, fullTps(world), [0.05, 0.1, 0.15, 0.2]),
  );
  expect(safeMaxTps).toMatchObject({ kind: 'at-least', reason: 'no-limit-reached' });
  expect(saturationTps).toMatchObject({ kind: 'at-least', reason: 'no-limit-reached' });
  expect(JSON.stringify(saturationTps)).not.toContain('estimateTps');
});

test('a step held for ten minutes within the policy confirms its rate', async () => {
  const world = linkBound(701);
  const full = fullTps(world);
  const steps = [...stepsOf(full, [0.2, 0.35, 0.5, 0.65], 20), ...stepsOf(full, [0.77], 600)];
  const { safeMaxTps } = await judges.analyseWorld(scattered({ ...world, steps }, 0.3));
  expect(safeMaxTps.kind).toBe('confirmed');
});

test('a generator killed in the middle costs its last second, and the verdict is made of the rest', async () => {
  const world = { ...linkBound(801), cutOffSeconds: 93 };
  const analysis = await judges.analyseWorld(world);
  expect(analysis.findings.map(({ code }) => code)).toContain('run-interrupted');
  expect(analysis.run.durationSeconds).toBe(93);
  expect(analysis.steps).toHaveLength(5);
  expect(Math.abs(predicted(analysis).estimateTps / fullTps(world) - 1)).toBeLessThan(0.05);
});

test('a verdict is answered with 0, an unknown one with 3, a missing run with 2', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-truth-'));
  const world = linkBound(901);
  await writeBundle(join(folder, 'answered'), world);
  await writeBundle(join(folder, 'short'), driven(world, fullTps(world), [0.3, 0.4], 4));
  const codes = await Promise.all(
    ['answered', 'short', 'nowhere'].map((name) => runCli('analyze', join(folder, name), '--json')),
  );
  expect(codes.map(({ exitCode }) => exitCode)).toEqual([0, 3, 2]);
  expect(JSON.parse(codes[2]?.stdout ?? '')).toMatchObject({ schemaVersion: 1, error: { code: 'run-missing' } });
  await rm(folder, { recursive: true });
});
