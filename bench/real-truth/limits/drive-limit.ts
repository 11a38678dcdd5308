// Loads a set-up below and above its limit, reads the reported results, and then tests the reported safe maximum.

import { readReported, type Reported } from './reported.ts';
import { runLimit, type LimitIo, type LimitSite } from './limit-run.ts';
import type { DrivenStep } from './read-step.ts';

export interface LimitOutcome {
  /** Reports from steps below the limit only, and from steps that go past it. */
  lower: Reported;
  past: Reported;
  steps: DrivenStep[];
}

/** Shares of the expected limit, and then of the highest achieved rate. */
const pastShares = [0.5, 0.75, 0.95, 1.1, 1.35];
const lowerShares = [0.3, 0.42, 0.55, 0.7];
/**
 * If all steps were sustained, or none, the limit is elsewhere: the run is repeated at rates higher or lower by this
 * factor.
 */
const repeated = { higher: 2.2, lower: 0.4 };
const mostPastRuns = 3;
/** Factors of the highest sustained rate if no rate was too high, and of the lowest rate if all were too high. */
const further = [1.2, 1.5];
const nearer = [0.4, 0.7];
/** Drives of a few seconds cannot distinguish rates closer than this. */
const resolution = 1.04;

export async function driveLimit(site: LimitSite, io: LimitIo): Promise<LimitOutcome> {
  const analysed = async (name: string, rates: readonly number[]) => {
    const run = { name, rates, stepDuration: site.stepDuration, warmUp: '5s', isAnalysed: true };
    const { bundle, steps } = await runLimit(site, run, io);
    return { bundle, steps };
  };
  const past = await drivePast(site.setUp.expectedTps, analysed);
  const most = Math.max(...past.steps.map(({ achievedTps }) => achievedTps));
  const lower = await analysed(
    'lower',
    lowerShares.map((share) => share * most),
  );
  const reported = { lower: await readReported(lower.bundle, io), past: await readReported(past.bundle, io) };
  const steps = [...lower.steps, ...past.steps];
  const claims = Object.values(reported).flatMap(({ safe }) => (safe.tps === undefined ? [] : [safe.tps]));
  steps.push(...(await driveRates(site, 'drives', [...claims, ...betweenRates(steps)], io)));
  // Past its limit a cluster may achieve less than just below it; a second round tests rates less than a seventh apart.
  steps.push(...(await driveRates(site, 'drives-2', betweenRates(steps), io)));
  return { ...reported, steps };
}

type Analysed = (name: string, rates: readonly number[]) => Promise<{ bundle: string; steps: DrivenStep[] }>;

/** @returns the first run in which some steps were sustained and some were not, or the last one */
async function drivePast(expectedTps: number, analysed: Analysed) {
  let expected = expectedTps;
  for (let run = 1; ; run += 1) {
    const rates = pastShares.map((share) => share * expected);
    const past = await analysed(`past-${run}`, rates);
    const sustained = past.steps.filter(({ withinSlo }) => withinSlo).length;
    if ((sustained > 0 && sustained < past.steps.length) || run === mostPastRuns) return past;
    expected *= sustained === 0 ? repeated.lower : repeated.higher;
  }
}

/** Loads each of these rates in one run, lowest first, so that none is affected by the backlog of a higher one. */
export async function driveRates(
  site: LimitSite,
  name: string,
  rates: readonly number[],
  io: LimitIo,
): Promise<DrivenStep[]> {
  const rising = rates
    .toSorted((a, b) => a - b)
    .filter((rate, index, all) => rate > 0 && (all[index + 1] ?? Number.POSITIVE_INFINITY) > resolution * rate);
  if (rising.length === 0) return [];
  const run = { name, rates: rising, stepDuration: site.driveDuration, warmUp: '5s', isAnalysed: false };
  return (await runLimit(site, run, io)).steps;
}

/**
 * @returns two rates between the highest sustained and the lowest higher one that was not sustained; none if those are
 * close
 */
export function betweenRates(steps: readonly DrivenStep[]): number[] {
  const { good, bad } = limitBounds(steps);
  if (bad === undefined) return further.map((factor) => factor * good);
  if (good === 0) return nearer.map((factor) => factor * bad);
  if (bad < resolution * good) return [];
  return [1 / 3, 2 / 3].map((part) => good * (bad / good) ** part);
}

/** Returns the highest rate sustained within the SLO, 0 if none, and the lowest higher rate that was not. */
function limitBounds(steps: readonly DrivenStep[]): { good: number; bad?: number } {
  const good = Math.max(0, ...steps.filter(({ withinSlo }) => withinSlo).map(({ targetTps }) => targetTps));
  const above = steps.filter(({ withinSlo, targetTps }) => !withinSlo && targetTps > good);
  return { good, ...(above.length > 0 && { bad: Math.min(...above.map(({ targetTps }) => targetTps)) }) };
}
