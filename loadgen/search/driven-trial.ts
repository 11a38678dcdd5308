// Runs a rate until the cluster is judged: repeats the generator's own failures, verifies the cluster's.

import type { Trial, TrialOutcome } from './trial.ts';

/**
 * `guarded`: failed, and broken off by the guard, which is no accident of measuring: the rate is not tested again.
 * `beyond-generator`: it was at fault each time, so the rate is unknown for the cluster.
 */
export type RateVerdict = 'passed' | 'failed' | 'guarded' | 'beyond-generator';

type Judging = Generator<Trial, RateVerdict, TrialOutcome>;

/** Once may be a pause of the machine; three in a row are the generator's ceiling. */
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
 * Drives the same trial until those that passed lead those that failed by `lead`, or the other way round: Wald's
 * sequential test of two probabilities that are as far from one half.
 */
export function* confirm(trial: Trial, lead: number): Judging {
  for (let balance = 0; ;) {
    const verdict = yield* drive(trial);
    if (verdict === 'beyond-generator' || verdict === 'guarded') return verdict;
    balance += verdict === 'passed' ? 1 : -1;
    if (Math.abs(balance) >= lead) return verdict;
  }
}
