// Reads the safe rate and its certainty from every kind of verdict.

import type { SafeMaxTps } from '../../core/documents/analysis.ts';

export interface SafeRate {
  /** What to plan with: the lower end. */
  low: number;
  estimate?: number;
  high?: number;
  /** False where the cluster was only seen to carry it: more of it proves nothing. */
  isMaximum: boolean;
}

/** One message in a quarter of an hour: shares of smaller rates are meaningless. */
const leastTps = 0.001;

/** @returns 1 minus rate over safe rate; undefined where the safe rate is about zero */
export const headroomOf = (tps: number, safeTps: number) => (safeTps < leastTps ? undefined : 1 - tps / safeTps);

/** @returns undefined for an unknown verdict, and for one of nothing, over which no load has a share */
export function safeRateOf(safeMax: SafeMaxTps): SafeRate | undefined {
  const rate = readRate(safeMax);
  return rate === undefined || rate.low < leastTps ? undefined : rate;
}

function readRate(safeMax: SafeMaxTps): SafeRate | undefined {
  switch (safeMax.kind) {
    case 'confirmed':
    case 'predicted': {
      const { tps, estimateTps, interval } = safeMax;
      const high = interval.high === undefined ? {} : { high: interval.high };
      return { low: tps, estimate: estimateTps, ...high, isMaximum: true };
    }
    case 'observed':
      // A reading is not scaled to a policy: what its basis makes of it is.
      return { low: Math.min(safeMax.tps, ...safeMax.basis.map(({ tps }) => tps.low)), isMaximum: false };
    case 'at-least':
      return { low: safeMax.tps, isMaximum: false };
    case 'unknown':
      return undefined;
  }
}
