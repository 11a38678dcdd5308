// States which traffic that of the next step is compared with.

import { mean } from '../../core/statistics/statistics.ts';

/**
 * What producers send late, after a pause, makes a step exceed the usual traffic: then it is the mean of all steps.
 *
 * @param totals messages per second of each step that was held. @param before of the last one that counts
 */
export const usualTraffic = (totals: readonly number[], before: number): number =>
  totals.length === 0 ? 0 : Math.min(before, mean(totals));
