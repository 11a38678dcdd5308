// Returns the rate to plan with for a safe maximum of any kind, and how strongly it bounds the limit.

import type { Analysis, Limit, Loss, SafeMaxTps } from './analysis.ts';

/** @returns messages per second; undefined for an unknown maximum */
export function safeTpsOf(safeMax: SafeMaxTps): number | undefined {
  switch (safeMax.kind) {
    case 'unknown':
      return undefined;
    case 'observed':
      // Written readings are not scaled to the policy limit; their basis is.
      return Math.min(safeMax.tps, ...safeMax.basis.map(({ tps }) => tps.low));
    default:
      return safeMax.tps;
  }
}

/**
 * @returns the limit that is most probably reached first. That of the safe maximum has the lowest estimate, and another one with a wider
 *   interval may be more probable
 */
export function bindingLimit({
  binding,
  safeMaxTps,
}: {
  binding?: Analysis['binding'];
  safeMaxTps?: SafeMaxTps | undefined;
}): Limit | undefined {
  const [first] = binding ?? [];
  return first?.limitedBy ?? (safeMaxTps !== undefined && 'limitedBy' in safeMaxTps ? safeMaxTps.limitedBy : undefined);
}

/** More brokers make no consumer group faster, and each client connects to all of them. */
export const isRelievedByBrokers = (limit: Limit): boolean =>
  !('group' in limit) && !('resource' in limit && limit.resource === 'connections');

/** @returns the loss until the broker has caught up: `duringCatchUp` if its return leaves less than its absence */
export function untilCaughtUp({ returning, ...down }: Loss): Omit<Loss, 'returning'> & { duringCatchUp?: true } {
  if (returning === undefined || returning.tps >= down.tps) return down;
  const { estimateTps: _, interval: __, ...rest } = down;
  const { catchUpShare: ___, ...back } = returning;
  return { ...rest, ...back, duringCatchUp: true };
}

/** `limit-cause-unknown`: above an `at-least`, throughput stopped growing in some tests, for an unknown reason. */
export type LimitKind = SafeMaxTps['kind'] | 'limit-cause-unknown';

export const limitKindOf = (safeMax: SafeMaxTps): LimitKind =>
  safeMax.kind === 'at-least' && safeMax.ceiling !== undefined ? 'limit-cause-unknown' : safeMax.kind;

/** Strength of a verdict; the strongest of several counts: a limit that was found, then an observed rate, then a rate that was only reached. */
export const strengths: Readonly<Record<LimitKind, number>> = {
  confirmed: 3,
  predicted: 3,
  // It may contradict an earlier maximum, so it counts although its cause is unknown.
  'limit-cause-unknown': 3,
  observed: 2,
  'at-least': 1,
  unknown: 0,
};

/** Kinds whose distance to the limit is unknown. */
const openKinds: ReadonlySet<LimitKind> = new Set(['at-least', 'observed']);

export const isOpen = (safeMax: SafeMaxTps): boolean => openKinds.has(limitKindOf(safeMax));

export const strengthOf = (safeMax: SafeMaxTps): number => strengths[limitKindOf(safeMax)];
