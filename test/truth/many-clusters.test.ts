// Checks coverage and accuracy of verdicts over simulated clusters of all strata.

import { beforeAll, describe, expect, test } from 'vitest';
import { fullMatrix } from '../support/prerequisites.ts';
import { Judges } from './judged-by-many.ts';
import { writeTruthSection } from './truth-page.ts';
import { sumOf, sumsByStratum, type Judged } from './world/judgement.ts';
import { drawWorlds, stratumNames, type StratumName } from './world/strata.ts';
import { sumRows, sumTable } from './world/sum-table.ts';

/** Number of clusters; the seeds are fixed. */
const clusters = fullMatrix ? 2000 : 60;
const firstSeed = 1;

let judged: Judged[];
beforeAll(async () => {
  await using judges = new Judges(2);
  judged = await judges.judgeWorlds(drawWorlds(clusters, firstSeed));
  if (fullMatrix) await keep();
}, 1_800_000);

async function keep(): Promise<void> {
  const all = sumOf('all', judged);
  const percent = (part: number, of: number) => `${((100 * part) / of).toFixed(1)}%`;
  const outcome = `of ${all.runs} simulated clusters ${percent(all.answered, all.answerable)} answered, interval holds ${percent(all.covered, all.numbers)}, unsafe ${percent(all.unsafe, all.runs)}, limit right ${percent(all.bindingRight, all.alone)}, median width ${(100 * (all.medianWidth ?? Number.NaN)).toFixed(1)}%`;
  await writeTruthSection(sumTable, sumRows([all, ...sumsByStratum(judged)]), outcome);
}

test('at least 90% of runs close enough to a limit are answered with a number', () => {
  const { answered, answerable } = sumOf('all', judged);
  expect(answerable).toBeGreaterThan(clusters / 2);
  expect(answered / answerable).toBeGreaterThanOrEqual(0.9);
});

test('95% intervals contain the true limit in at least 93% of runs', () => {
  const { covered, numbers } = sumOf('all', judged);
  expect(covered / numbers).toBeGreaterThanOrEqual(0.93);
});

test('at most 2.5% of the safe maxima are above the true safe rate', () => {
  const { unsafe, runs } = sumOf('all', judged);
  expect(unsafe / runs).toBeLessThanOrEqual(0.025);
});

test('at least 97% of limits that are more than 10% below the next limit are named correctly', () => {
  const { bindingRight, alone } = sumOf('all', judged);
  expect(alone).toBeGreaterThan(clusters / 3);
  expect(bindingRight / alone).toBeGreaterThanOrEqual(0.97);
});

test('the median interval is at most 15% wide, and the median safe maximum at least 90% of the truth', () => {
  const { medianWidth, medianShare } = sumOf('all', judged);
  expect(medianWidth).toBeLessThanOrEqual(0.15);
  expect(medianShare).toBeGreaterThanOrEqual(0.9);
});

/**
 * Minimum share of intervals that contain the limit. A test of a minute or two may miss an event in one second of fifty on one host: then
 * the interval covers only observed data, and docs/evidence/truth.md states how often that is incomplete.
 */
const leastHeld = (name: StratumName) => (name === 'outlier seconds on one host' ? 0.8 : 0.88);

if (fullMatrix) {
  describe.each(stratumNames)('%s', (name) => {
    test('intervals contain the true limit in this stratum', () => {
      const { covered, numbers } = sumOf(
        name,
        judged.filter(({ stratum }) => stratum === name),
      );
      expect(numbers).toBeGreaterThanOrEqual(20);
      expect(covered / numbers).toBeGreaterThanOrEqual(leastHeld(name));
    });
  });
}
