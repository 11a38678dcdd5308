// Finds the rates that were sustained for the confirmation time, by origin.

import type { Analysis } from '../../../core/documents/analysis.ts';
import type { Proof } from '../../../core/documents/capacity-report.ts';
import { newestFirst } from './conditions/evidence.ts';
import { isWhole, type GoCase, type Measured } from './go-case.ts';

interface ProofOrigin {
  /** Whether the analysis is of this origin. */
  isOf(run: Analysis['run']): boolean;
}

/** One line for each kind of evidence that a rate was sustained. A prediction is none. */
const proofOrigins = {
  'load-test': { isOf: ({ origin }) => origin === undefined || origin === 'load-test' || origin === 'files' },
  'natural-peak': { isOf: ({ origin }) => origin === 'production' },
  redline: { isOf: ({ origin }) => origin === 'redline' },
} as const satisfies Record<Proof['origin'], ProofOrigin>;

/** @returns undefined where nothing was held long enough, as in written readings and in short steps */
export function proofOf({ analysis, source }: Measured, confirmationSeconds: number): Proof | undefined {
  const { safeMaxTps, run } = analysis;
  const held = heldOf(analysis);
  const origin = originOf(run);
  if (origin === undefined || held === undefined || held.seconds < confirmationSeconds) return undefined;
  // A group, a quota or a doubt may have lowered the answer below a rate that was held.
  const most = safeMaxTps.kind === 'unknown' ? held.tps : Math.min(held.tps, safeMaxTps.tps);
  const { seconds, endedAt } = held;
  return { origin, tps: most, seconds, ...(endedAt !== undefined && { endedAt }), source };
}

export interface Proofs {
  /** The highest that stands. */
  best?: Proof;
  /** The highest that a later measurement contradicts, and the lowest maximum found since. */
  superseded?: { proof: Proof; maximumTps: number };
}

/** @param measured of the whole cluster, or with the same brokers down @param later what may contradict them */
export function proofsOf(
  measured: readonly Measured[],
  confirmationSeconds: number,
  later: readonly Measured[] = measured,
): Proofs {
  const judged = measured
    .flatMap((each) => {
      const proof = proofOf(each, confirmationSeconds);
      return proof === undefined ? [] : [{ proof, maximumTps: maximumSince(each, later) }];
    })
    .toSorted((a, b) => b.proof.tps - a.proof.tps);
  const best = judged.find(({ proof, maximumTps }) => proof.tps <= maximumTps)?.proof;
  const superseded = judged.find(({ proof, maximumTps }) => proof.tps > maximumTps);
  return { ...(best && { best }), ...(superseded && { superseded }) };
}

/** @returns the proofs of the whole cluster, without those of runs with brokers down */
export function wholeProofs({ measured, confirmationSeconds }: GoCase): Proofs {
  return proofsOf(measured.filter(isWhole), confirmationSeconds);
}

/** Only a limit that was found shows that an earlier rate is too high; a rate below any limit does not. */
function maximumSince({ analysis }: Measured, later: readonly Measured[]): number {
  const found = later
    .filter((each) => newestFirst(analysis, each.analysis) > 0)
    .map((each) => each.analysis.safeMaxTps)
    .filter((safe) => safe.kind === 'confirmed' || safe.kind === 'predicted');
  return Math.min(...found.map(({ tps }) => tps));
}

/** Of a redline one broker held live traffic: what the cluster does when all of its brokers lead as much. */
function heldOf({ held, redline }: Analysis): Analysis['held'] {
  if (redline?.held === undefined || redline.heldClusterTps === undefined) return held;
  return { ...redline.held, tps: redline.heldClusterTps };
}

function originOf(run: Analysis['run']): Proof['origin'] | undefined {
  const names = Object.keys(proofOrigins) as Proof['origin'][];
  return names.find((name) => proofOrigins[name].isOf(run));
}
