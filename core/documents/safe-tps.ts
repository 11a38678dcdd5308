// Reads the rate to plan with from a safe maximum of any kind.

import type { SafeMaxTps } from './analysis.ts';

/** @returns messages per second; undefined for an unknown maximum */
export function safeTpsOf(safeMax: SafeMaxTps): number | undefined {
  switch (safeMax.kind) {
    case 'unknown':
      return undefined;
    case 'observed':
      // A reading is not scaled to a policy: what its basis makes of it is.
      return Math.min(safeMax.tps, ...safeMax.basis.map(({ tps }) => tps.low));
    default:
      return safeMax.tps;
  }
}
