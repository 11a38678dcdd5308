// Reads the rate to plan with from a safe maximum of any kind, and how much it says about the limit.

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

/** Of several verdicts the stronger one counts: a limit that was found, then an observed rate, then one that was only reached. */
export const strengths: Readonly<Record<LimitKind, number>> = {
  confirmed: 3,
  predicted: 3,
  // It may contradict an earlier maximum, and then counts though its cause is unknown.
  'limit-cause-unknown': 3,
  observed: 2,
  'at-least': 1,
  unknown: 0,
};

/** How far the limit lies above these rates is unknown. */
const openKinds: ReadonlySet<LimitKind> = new Set(['at-least', 'observed']);

export const isOpen = (safeMax: SafeMaxTps): boolean => openKinds.has(limitKindOf(safeMax));

export const strengthOf = (safeMax: SafeMaxTps): number => strengths[limitKindOf(safeMax)];
