// Decides which findings a monitoring system's gaps, units and missing figures call for.

import type { Finding } from '../../../core/documents/analysis.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import type { Gap } from './range-query.ts';
import type { FigureSource } from './source-telemetry.ts';

export function gapFinding(
  source: string,
  what: string,
  { from, to, reason }: Gap,
  span: { from: number; to: number },
): Finding {
  const windowSeconds = span.to - span.from;
  return findingOf('source-gap', { source, what, fromSeconds: from, toSeconds: to, reason, windowSeconds });
}

/** @param ratio rate over growth of offsets; undefined where there are no offsets */
export function perMinuteFinding(
  of: { source: string; metric: string },
  ratio: number | undefined,
  isDivided: boolean,
): Finding {
  if (ratio === undefined) return findingOf('source-unit-unknown', of);
  return findingOf(isDivided ? 'source-per-minute' : 'source-rates-compared', { ...of, ratio });
}

/** One line for each layer whose limits stay unknown. */
export function missingFindings(source: string, inventory: readonly FigureSource[]): Finding[] {
  return inventory.flatMap((each): Finding[] => {
    if (!each.isNeeded) return [];
    const what = { source, what: each.figure, of: each.of };
    if (each.kind === 'missing') return [findingOf('source-missing', { ...what, triedMetrics: each.triedMetrics })];
    const { targets, missingFor } = each;
    if (missingFor.length === 0) return [];
    const share = targets.length / (targets.length + missingFor.length);
    return [findingOf('source-missing', { ...what, share, missingFor })];
  });
}
