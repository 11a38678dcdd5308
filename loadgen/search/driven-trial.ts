// How is a rate driven until the cluster has answered for it? The generator's own faults are repeated, failures verified.

import type { Trial, TrialOutcome } from './trial.ts';

/** `beyond-generator`: it was at fault each time, so that nobody knows what the cluster does at this rate. */
export type RateVerdict = 'passed' | 'failed' | 'beyond-generator';

type Judging = Generator<Trial, RateVerdict, TrialOutcome>;

/** Once may be a pause of the machine; three in a row are the generator's ceiling. */
const mostExclusions = 3;

export function* drive(trial: Trial): Judging {
  for (let exclusions = 0; exclusions < mostExclusions; exclusions++) {
    const { kind } = yield trial;
    if (kind !== 'excluded') return kind;
  }
  return 'beyond-generator';
}

/** @param verifications how often a failed rate is tried again; the first pass clears it */
export function* judge(trial: Trial, verifications: number): Judging {
  let verdict = yield* drive(trial);
  for (let verification = 0; verdict === 'failed' && verification < verifications; verification++) {
    verdict = yield* drive({ ...trial, purpose: 'verify' });
  }
  return verdict;
}

export interface Passing {
  wanted: number;
  mostFailures: number;
}

/** Drives the same trial until enough of them passed, or too many failed. */
export function* confirm(trial: Trial, { wanted, mostFailures }: Passing): Judging {
  let passed = 0;
  for (let failed = 0; failed <= mostFailures;) {
    const verdict = yield* drive(trial);
    if (verdict === 'beyond-generator') return verdict;
    if (verdict === 'failed') failed += 1;
    else passed += 1;
    if (passed === wanted) return 'passed';
  }
  return 'failed';
}
