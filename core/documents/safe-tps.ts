// Reads the rate to plan with from a safe maximum of any kind, and whether a limit was found.

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

/** Above an `at-least`, throughput stopped growing in some tests: that is a limit, of an unknown cause. */
export type LimitKind = SafeMaxTps['kind'] | 'limit-cause-unknown';

export const limitKindOf = (safeMax: SafeMaxTps): LimitKind =>
  safeMax.kind === 'at-least' && safeMax.ceiling !== undefined ? 'limit-cause-unknown' : safeMax.kind;
