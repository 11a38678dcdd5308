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

test('batches that grow with the load do not bias the saturation rate downwards', async () => {
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

test('JIT warm-up that makes early steps more expensive does not bias the saturation rate upwards', async () => {
  const calm = cpuBound(302);
  const world = { ...calm, hosts: calm.hosts.map((host) => ({ ...host, warmUp: { share: 0.6, seconds: 12 } })) };
  const { saturationTps } = await judges.analyseWorld(world);
  if (saturationTps.kind === 'predicted') expect(saturationTps.interval.low).toBeLessThanOrEqual(fullTps(world));
  else expect(saturationTps.kind).toBe('at-least');
});

describe('a cluster tested beyond its limit', () => {
  const world = linkBound(401);
  const full = fullTps(world);
  let analysis: Analysis;
  beforeAll(async () => {
    analysis = await judges.analyseWorld(driven(world, full, [0.3, 0.45, 0.6, 0.75, 1.1]));
  });

  test('has a saturated step limited by the saturated direction, although producers continued', () => {
    expect(analysis.steps.map(({ verdict }) => verdict)).toEqual([
      ...Array.from({ length: 4 }, () => ({ kind: 'sustained' })),
      { kind: 'saturated', bottleneck: { resource: 'network-out', node: '1' } },
    ]);
  });

  test('has the rate of its consumers as confirmed saturation rate', () => {
    const { saturationTps } = analysis;
    if (saturationTps.kind !== 'confirmed') throw new Error(saturationTps.kind);
    expect(Math.abs(saturationTps.estimateTps / full - 1)).toBeLessThan(0.01);
  });

  test('has a finding about the consumer group that fell behind', () => {
    expect(analysis.findings.map(({ code }) => code)).toContain('consumer-lag-growing');
  });
});

test('a saturated load generator is not taken for a saturated cluster', async () => {
  const world = linkBound(501);
  const full = fullTps(world);
  const weak = { ...driven(world, full, [0.1, 0.2, 0.28, 0.5]), generatorTps: 0.3 * full };
  const analysis = await judges.analyseWorld(weak);
  expect(analysis.steps.at(-1)?.verdict).toEqual({ kind: 'invalid', reason: 'generator-limited' });
  expect(analysis.saturationTps).toMatchObject({ kind: 'at-least', reason: 'generator-limited' });
});

test('a run far from any limit has no maximum', async () => {
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

test('a killed load generator costs only its last second, and the rest is analyzed', async () => {
  const world = { ...linkBound(801), cutOffSeconds: 93 };
  const analysis = await judges.analyseWorld(world);
  expect(analysis.findings.map(({ code }) => code)).toContain('run-interrupted');
  expect(analysis.run.durationSeconds).toBe(93);
  expect(analysis.steps).toHaveLength(5);
  expect(Math.abs(predicted(analysis).estimateTps / fullTps(world) - 1)).toBeLessThan(0.05);
});

test('analyze exits with 0 for a verdict, 3 for an unknown one and 2 for a missing run', async () => {
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
