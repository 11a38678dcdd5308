// Formats sums over many simulated clusters: all of them, and the strata in which intervals missed most often.

import type { EvidenceTable } from '../../support/evidence-table.ts';
import type { Sum } from './judgement.ts';

const held = 3;
/** The page shows all clusters together, and strata whose coverage is below this. */
const shownBelow = 0.97;

export const sumTable = {
  heading: 'Simulated clusters',
  data: 'evidence/truth/simulated.csv',
  says: [
    'Simulated clusters and load tests with exactly known limits (test/truth/world), drawn from a seed. The true limit is the rate at which the',
    'long-run p99 of one-second samples reaches the policy limit.',
    '',
    '- Answered: a number, of the runs with three steps near enough to the limit',
    '- Interval holds: the interval contains the true safe maximum',
    '- Unsafe: the safe maximum is above the true limit',
    '- Limit right: the right resource is named, of the runs in which one limits by more than 10%',
    '',
    'Outlier seconds that do not occur in a short test cannot be predicted.',
    `Shown: all clusters, and the strata in which fewer than ${100 * shownBelow}% of the intervals hold.`,
  ].join('\n'),
  columns: [
    { name: 'stratum' },
    { name: 'runs', isNumber: true },
    { name: 'answered', isNumber: true },
    { name: 'interval holds', isNumber: true },
    { name: 'saturation holds', isNumber: true, isHidden: true },
    { name: 'unsafe', isNumber: true },
    { name: 'limit right', isNumber: true },
    { name: 'median width', isNumber: true },
    { name: 'reported over true', isNumber: true, isHidden: true },
    { name: 'misses (seeds)', isHidden: true },
  ],
  isShown: (row) => row[0] === 'all' || shareIn(row[held]) < shownBelow,
} as const satisfies Omit<EvidenceTable, 'page'>;

export const sumRows = (sums: readonly Sum[]): string[][] => sums.map(cellsOf);

function shareIn(cell = ''): number {
  const [, part, all] = /^(\d+)\/(\d+)/.exec(cell) ?? [];
  return Number(part) / Number(all);
}

function cellsOf(sum: Sum): string[] {
  const named = sum.misses.slice(0, mostNamed).join(' ');
  return [
    sum.name,
    String(sum.runs),
    shareOf(sum.answered, sum.answerable),
    shareOf(sum.covered, sum.numbers),
    shareOf(sum.coveredFull, sum.full),
    shareOf(sum.unsafe, sum.runs),
    shareOf(sum.bindingRight, sum.alone),
    sum.medianWidth === undefined ? '' : `${(100 * sum.medianWidth).toFixed(1)}%`,
    sum.medianShare === undefined ? '' : sum.medianShare.toFixed(2),
    sum.misses.length > mostNamed ? `${named} …` : named,
  ];
}

const mostNamed = 6;

function shareOf(part: number, all: number): string {
  return all === 0 ? '' : `${part}/${all} (${((100 * part) / all).toFixed(1)}%)`;
}
