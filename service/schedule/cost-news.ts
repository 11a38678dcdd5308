// Decides whether a changed cost per message is new compared with the last verdict.

import type { Analysis } from '../../core/documents/analysis.ts';

/**
 * @returns whether `now` found a recent change of a cost per message, by a factor outside the intervals of all findings
 *   of `last`
 */
export function isCostNews(now: Analysis, last: Analysis): boolean {
  const known = changedCosts(last);
  return changedCosts(now).some(({ factor }) => known.every(({ low, high }) => factor < low || factor > high));
}

function changedCosts({ findings }: Analysis) {
  return findings
    .filter(({ code }) => code === 'cost-changed-recently')
    .map(({ evidence }) => {
      const figure = (name: string) => Number(evidence.find((each) => each.name === name)?.value);
      return { factor: figure('factor'), low: figure('at least'), high: figure('at most') };
    });
}
