// Computes the safe rate and its certainty from every kind of verdict.

import { defined } from '../../core/defined.ts';
import type { SafeMaxTps } from '../../core/documents/analysis.ts';
import { limitKindOf, safeTpsOf } from '../../core/documents/safe-tps.ts';

export interface SafeRate {
  /** Lower bound, to plan with. */
  low: number;
  estimate?: number;
  high?: number;
  /** False if the cluster was only observed to sustain it: a higher rate may also be safe. */
  isMaximum: boolean;
}

/** About one message per quarter of an hour: shares of smaller rates are meaningless. */
const leastTps = 0.001;

/** @returns 1 minus rate over safe rate; undefined if the safe rate is about zero */
export const headroomOf = (tps: number, safeTps: number) => (safeTps < leastTps ? undefined : 1 - tps / safeTps);

/** @returns undefined for an unknown verdict, and for a safe rate of about zero, of which no load is a share */
export function safeRateOf(safeMax: SafeMaxTps): SafeRate | undefined {
  const rate = readRate(safeMax);
  return rate === undefined || rate.low < leastTps ? undefined : rate;
}

function readRate(safeMax: SafeMaxTps): SafeRate | undefined {
  const low = safeTpsOf(safeMax);
  if (low === undefined) return undefined;
  if (!('interval' in safeMax)) return { low, isMaximum: limitKindOf(safeMax) === 'limit-cause-unknown' };
  return { low, estimate: safeMax.estimateTps, ...defined({ high: safeMax.interval.high }), isMaximum: true };
}
