// Gives each row of a load test the time that it covers, and leaves out the time for which rows are missing.

import { quantile } from '../../../../core/statistics/statistics.ts';
import { durationText } from '../../../../core/text/duration-text.ts';
import type { Span } from '../../load-test-run.ts';
import type { Doubt } from './load-test-importer.ts';

/** Rows further apart than so many times the usual distance have a missing row between them. */
const widestDistance = 1.5;
/** Times in whole seconds are up to a second too far apart. */
const roundingSeconds = 1;

export interface RowSpans {
  /** Seconds since the first of them began. */
  spans: readonly Span[];
  /** Usual distance of two rows in seconds, which the first row covers. */
  usualSeconds: number;
  doubts: readonly Doubt[];
}

/**
 * A row reports the time since the one before. If rows are missing, it reports only the usual distance: its rate was not
 * seen any longer.
 *
 * @param times end of each row, seconds, ascending. @param onlySeconds what a single row covers
 */
export function rowSpans(times: readonly number[], onlySeconds = 0): RowSpans {
  const distances = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const ahead = distances.filter((each) => each > 0);
  const usualSeconds = ahead.length === 0 ? onlySeconds : quantile(ahead, 0.5);
  const begin = (times[0] ?? 0) - usualSeconds;
  const widest = widestDistance * usualSeconds + roundingSeconds;
  const spans = times.map((time, index): Span => {
    const before = times[index - 1];
    const from = before === undefined || time - before > widest ? time - usualSeconds : before;
    return { from: from - begin, to: time - begin };
  });
  const missing = distances.reduce((sum, each) => sum + (each > widest ? each - usualSeconds : 0), 0);
  return { spans, usualSeconds, doubts: missing === 0 ? [] : [missingRows(missing, usualSeconds)] };
}

function missingRows(seconds: number, usualSeconds: number): Doubt {
  return {
    flag: 'truncated',
    what: `its rows are usually ${durationText(usualSeconds)} apart and are missing for ${durationText(seconds)}, which are left out`,
    evidence: [{ name: 'time without rows', value: seconds, unit: 's', source: 'times of its rows' }],
  };
}
