// How are the sums over many simulated clusters shown? One row of Markdown a stratum.

import type { Sum } from './judgement.ts';

export function sumLines(sums: readonly Sum[]): string[] {
  return [
    '| stratum | runs | answered | interval holds | saturation holds | unsafe | limit right | median width | reported over true | misses (seeds) |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |',
    ...sums.map((sum) => `| ${cellsOf(sum).join(' | ')} |`),
  ];
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
