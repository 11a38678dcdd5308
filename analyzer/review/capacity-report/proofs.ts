// Finds the rates that were sustained for the confirmation time, by origin.

import type { Analysis } from '../../../core/documents/analysis.ts';
import type { Proof } from '../../../core/documents/capacity-report.ts';
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

/** @returns the highest of the whole cluster, without those of runs with brokers down */
export function bestProof({ measured, confirmationSeconds }: GoCase): Proof | undefined {
  return measured
    .filter(isWhole)
    .flatMap((each) => proofOf(each, confirmationSeconds) ?? [])
    .toSorted((a, b) => b.tps - a.tps)[0];
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
