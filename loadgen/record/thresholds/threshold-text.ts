// Renders threshold results as text, one line each.

import type { ThresholdCheck, ThresholdVerdict } from './judge-thresholds.ts';
import { measuredText } from '../../../core/text/measured-text.ts';

const marks = { kept: 'kept', crossed: 'CROSSED', unknown: 'not known' } as const;
const leasts: ReadonlySet<string> = new Set(['achieved', 'acknowledged']);

/** Lists crossed and unknown thresholds on separate lines, and counts the others. */
export function thresholdLines({ checks }: ThresholdVerdict): string[] {
  const kept = checks.filter(({ outcome }) => outcome === 'kept').length;
  return [
    ...checks.filter(({ outcome }) => outcome !== 'kept').map(lineOf),
    `thresholds: ${kept} of ${checks.length} kept`,
  ];
}

function lineOf({ threshold, step, outcome, value, limit, unit, reason }: ThresholdCheck): string {
  const where = step === undefined ? '' : ` in step ${step}`;
  const measured = value === undefined ? '' : ` ${measuredText(value, unit)},`;
  const wanted = `${leasts.has(threshold) ? 'at least' : 'at most'} ${measuredText(limit, unit)}`;
  return `threshold ${threshold} ${marks[outcome]}${where}:${measured} ${wanted}${reason === undefined ? '' : ` (${reason})`}`;
}
