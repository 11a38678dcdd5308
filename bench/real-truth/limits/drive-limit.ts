// Drives a set-up below and past its limit, reads what is reported of each, and then tests the reported safe maximum.

import { readReported, type Reported } from './reported.ts';
import { runLimit, type LimitIo, type LimitSite } from './limit-run.ts';
import type { DrivenStep } from './read-step.ts';

export interface LimitOutcome {
  /** Of steps below the limit alone, and of steps that go past it. */
  lower: Reported;
  past: Reported;
  steps: DrivenStep[];
}

/** Of the expected limit. */
const lowerShares = [0.25, 0.4, 0.55, 0.7];
const pastShares = [0.5, 0.75, 0.95, 1.1, 1.3];
/** Where all of that was sustained, or nothing of it, the limit lies elsewhere. */
const further = 1.4;
const nearer = 0.5;
/** Rates closer than this are not told apart by drives of some seconds. */
const resolution = 1.05;
const mostDrives = 4;

export async function driveLimit(site: LimitSite, io: LimitIo): Promise<LimitOutcome> {
  const { expectedTps } = site.setUp;
  const analysed = async (name: string, shares: readonly number[]) => {
    const rates = shares.map((share) => share * expectedTps);
    const run = { name, rates, stepDuration: site.stepDuration, warmUp: '5s', isAnalysed: true };
    const { bundle, steps } = await runLimit(site, run, io);
    return { steps, reported: await readReported(bundle, io) };
  };
  const lower = await analysed('lower', lowerShares);
  const past = await analysed('past', pastShares);
  const steps = [...lower.steps, ...past.steps];
  const claims = [lower.reported, past.reported].flatMap(({ safe }) => (safe.tps === undefined ? [] : [safe.tps]));
  await testRates(site, claims, steps, io);
  return { lower: lower.reported, past: past.reported, steps };
}

/**
 * Drives each claimed rate once, and then halves what lies between the highest sustained rate and the lowest that was not.
 *
 * @param steps to which every drive is added
 */
async function testRates(site: LimitSite, claims: readonly number[], steps: DrivenStep[], io: LimitIo): Promise<void> {
  const drive = async (rate: number) => {
    const name = `drive-${steps.length}`;
    const run = { name, rates: [rate], stepDuration: site.driveDuration, warmUp: '3s', isAnalysed: false };
    steps.push(...(await runLimit(site, run, io)).steps);
  };
  for (const claim of distinct(claims)) await drive(claim);
  for (let drives = claims.length; drives < mostDrives; drives += 1) {
    const rate = nextRate(steps);
    if (rate === undefined) return;
    await drive(rate);
  }
}

/** Rates that differ by more than the resolution; of two alike the higher. */
const distinct = (rates: readonly number[]) =>
  rates
    .toSorted((a, b) => b - a)
    .filter((rate, index, all) => rate > 0 && (index === 0 || (all[index - 1] ?? 0) > resolution * rate));

/** @returns undefined where the limit is known as closely as drives resolve it */
export function nextRate(steps: readonly DrivenStep[]): number | undefined {
  const good = sustainedTps(steps);
  const above = steps.filter(({ withinSlo, targetTps }) => !withinSlo && targetTps > good);
  const bad = Math.min(...above.map(({ targetTps }) => targetTps));
  if (above.length === 0) return good * further;
  if (good === 0) return bad * nearer;
  return bad > resolution * good ? Math.sqrt(good * bad) : undefined;
}

/** The highest rate that was sustained within the SLO; 0 where none was. */
export const sustainedTps = (steps: readonly DrivenStep[]): number =>
  Math.max(0, ...steps.filter(({ withinSlo }) => withinSlo).map(({ targetTps }) => targetTps));
