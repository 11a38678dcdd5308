// Runs a rate until the cluster is judged: repeats trials that the generator failed, verifies failures of the cluster.

import type { Trial, TrialOutcome } from './trial.ts';

/**
 * `guarded`: stopped by the guard, which is not a measurement error, so the rate is not tested again.
 * `beyond-generator`: the generator was the cause each time, so the result for the cluster is unknown.
 */
export type RateVerdict = 'passed' | 'failed' | 'guarded' | 'beyond-generator';

type Judging = Generator<Trial, RateVerdict, TrialOutcome>;

/** A single exclusion may be a pause of the machine; three in a row are the generator's ceiling. */
const mostExclusions = 3;

function* drive(trial: Trial): Judging {
  for (let exclusions = 0; exclusions < mostExclusions; exclusions++) {
    const outcome = yield trial;
    if (outcome.kind === 'failed' && outcome.violated.kind === 'guard') return 'guarded';
    if (outcome.kind !== 'excluded') return outcome.kind;
  }
  return 'beyond-generator';
}

/** @param verifications how often a failed rate is tried again; the first pass clears it */
export function* judge(trial: Trial, verifications: number): Judging {
  let verdict = yield* drive(trial);
  for (let verification = 0; verdict === 'failed' && verification < verifications; verification++) {
    const purpose = trial.purpose === 'soak' ? 'soak' : 'verify';
    verdict = yield* drive({ ...trial, purpose });
  }
  return verdict;
}

/**
 * Repeats the same trial until passes lead failures by `lead`, or the reverse: Wald's sequential test of two
 * probabilities equally far from one half.
 */
export function* confirm(trial: Trial, lead: number): Judging {
  for (let balance = 0; ;) {
    const verdict = yield* drive(trial);
    if (verdict === 'beyond-generator' || verdict === 'guarded') return verdict;
    balance += verdict === 'passed' ? 1 : -1;
    if (Math.abs(balance) >= lead) return verdict;
  }
}
