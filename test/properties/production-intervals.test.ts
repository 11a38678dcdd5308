import { beforeAll, describe, expect, test } from 'vitest';
import { analyzeProduction } from '../../analyzer/production/analyze-production.ts';
import { examplePolicy } from '../support/example-policy.ts';
import type { SourceTelemetry } from '../../analyzer/evidence/sources/telemetry.ts';
import type { Analysis } from '../../core/documents/analysis.ts';
import { fullMatrix } from '../support/prerequisites.ts';
import {
  drawProduction,
  troubleNames,
  type ProductionWorld,
  type Trouble,
} from '../truth/production/production-world.ts';

const policy = examplePolicy();
const worlds = fullMatrix ? 200 : troubleNames.length;

interface Judged {
  world: Omit<ProductionWorld, 'telemetry'>;
  analysis: Analysis;
}

const judgeWorld = (seed: number): Judged => {
  const { telemetry, ...world } = drawProduction(seed);
  return { world, analysis: analyzeProduction(telemetry satisfies SourceTelemetry, { cluster: 'world' }, policy) };
};
const numberOf = ({ analysis: { safeMaxTps } }: Judged) =>
  safeMaxTps.kind === 'predicted' || safeMaxTps.kind === 'confirmed' ? safeMaxTps : undefined;
const saidSafe = ({ analysis: { safeMaxTps } }: Judged) => ('tps' in safeMaxTps ? safeMaxTps.tps : 0);

let judged: Judged[];
beforeAll(() => {
  judged = Array.from({ length: worlds }, (_, seed) => judgeWorld(seed));
}, 1_800_000);

test('nearly all days with varied traffic have a safe maximum', () => {
  expect(judged.filter(numberOf).length / judged.length).toBeGreaterThanOrEqual(fullMatrix ? 0.9 : 0.75);
});

test('the interval contains the true limit nearly as often as its confidence', () => {
  const numbers = judged.flatMap((each) => {
    const safe = numberOf(each);
    return safe ? [{ ...safe.interval, limit: each.world.limit }] : [];
  });
  const held = numbers.filter(({ low, high = Infinity, limit }) => low <= limit && limit <= high);
  expect(held.length / numbers.length).toBeGreaterThanOrEqual(fullMatrix ? 0.93 : 0.75);
});

test('the interval of the saturation contains the true saturation nearly as often as its confidence', () => {
  const numbers = judged.flatMap(({ world: { saturation }, analysis: { saturationTps } }) =>
    'interval' in saturationTps ? [{ ...saturationTps.interval, saturation }] : [],
  );
  const held = numbers.filter(({ low, high = Infinity, saturation }) => low <= saturation && saturation <= high);
  expect(held.length / numbers.length).toBeGreaterThanOrEqual(fullMatrix ? 0.9 : 0.75);
});

test('hardly any rate is wrongly called safe', () => {
  const unsafe = judged.filter((each) => saidSafe(each) > each.world.limit);
  expect(unsafe.length).toBeLessThanOrEqual(fullMatrix ? 0.025 * worlds : 1);
});

describe('findings of unusual days', () => {
  const codesOf = (trouble: Trouble) =>
    judged
      .filter(({ world }) => world.trouble === trouble)
      .map(({ analysis }) => analysis.findings.map(({ code }) => code));
  test.each([
    ['nightly backup', 'other-load-by-clock'],
    ['deploy with restarts', 'regime-chosen'],
    ['deploy, unannounced', 'regime-chosen'],
    ['one broker more', 'regime-chosen'],
    ['deploy an hour ago', 'cost-changed-recently'],
    ['deploy an hour ago, unannounced', 'cost-changed-recently'],
    ['message size by the hour', 'message-size-varies'],
  ] as const)('days with %s have the matching finding', (trouble, code) => {
    const found = codesOf(trouble);
    expect(found.filter((codes) => codes.includes(code)).length / found.length).toBeGreaterThanOrEqual(0.9);
  });
  const unusual = ['regime-chosen', 'other-load-by-clock', 'cost-changed-recently'] as const;
  test('days without trouble have none of these findings', () => {
    const told = codesOf('none').filter((codes) => unusual.some((code) => codes.includes(code)));
    expect(told.length / codesOf('none').length).toBeLessThanOrEqual(0.1);
  });
});

test('reports the range of the traffic, and how far the safe maximum exceeds it', () => {
  for (const each of judged) {
    const { testedTps, extrapolated, findings } = each.analysis;
    expect(testedTps?.high).toBeGreaterThan(testedTps?.low ?? Infinity);
    const safe = numberOf(each);
    const factor = safe ? safe.estimateTps / each.world.highest : 1;
    if (extrapolated === undefined) expect(factor).toBeLessThan(1.55);
    // A quarter of an hour with a gap may have a slightly higher mean.
    else expect(extrapolated.factor).toBeGreaterThanOrEqual(0.97 * factor);
    expect(findings.some(({ code }) => code === 'held-in-production')).toBe(true);
  }
});
