// How is it told which thresholds were kept? A line each for people.

import type { ThresholdCheck, ThresholdUnit, ThresholdVerdict } from './judge-thresholds.ts';

const marks = { kept: 'kept', crossed: 'CROSSED', unknown: 'not known' } as const;
const leasts: ReadonlySet<string> = new Set(['achieved', 'acknowledged']);

/** Those that were crossed or are not known each in a line; the others are counted. */
export function thresholdLines({ checks }: ThresholdVerdict): string[] {
  const kept = checks.filter(({ outcome }) => outcome === 'kept').length;
  return [
    ...checks.filter(({ outcome }) => outcome !== 'kept').map(lineOf),
    `thresholds: ${kept} of ${checks.length} kept`,
  ];
}

function lineOf({ threshold, step, outcome, value, limit, unit, reason }: ThresholdCheck): string {
  const where = step === undefined ? '' : ` in step ${step}`;
  const measured = value === undefined ? '' : ` ${figure(value, unit)},`;
  const wanted = `${leasts.has(threshold) ? 'at least' : 'at most'} ${figure(limit, unit)}`;
  return `threshold ${threshold} ${marks[outcome]}${where}:${measured} ${wanted}${reason === undefined ? '' : ` (${reason})`}`;
}

function figure(value: number, unit: ThresholdUnit): string {
  switch (unit) {
    case 's':
      return value < 1 ? `${Number((value * 1000).toPrecision(3))} ms` : `${Number(value.toPrecision(3))} s`;
    case 'ratio':
      return `${Number((value * 100).toPrecision(4))} %`;
    case 'messages/s':
      return `${Math.round(value).toLocaleString('en')} msg/s`;
    case 'messages':
      return value.toLocaleString('en');
  }
}
