// Decides which findings result from gaps and missing figures of a monitoring system.

import type { Finding } from '../../../core/documents/analysis.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import type { Gap } from './range-query.ts';
import type { FigureSource } from './telemetry.ts';
import type { Span } from '../load-test-run.ts';

export function gapFinding(source: string, what: string, { from, to, reason }: Gap, span: Span): Finding {
  const windowSeconds = span.to - span.from;
  return findingOf('source-gap', { source, what, fromSeconds: from, toSeconds: to, reason, windowSeconds });
}

/** One finding per layer whose limits stay unknown. */
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
