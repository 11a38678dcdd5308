// Computes the time that each row of a load test covers, without the time for which rows are missing.

import { quantile } from '../../../../core/statistics/statistics.ts';
import { durationText } from '../../../../core/text/duration-text.ts';
import type { Span } from '../../load-test-run.ts';
import type { Doubt } from './load-test-importer.ts';

/** If two rows are further apart than this many times the usual distance, a row between them is missing. */
const widestDistance = 1.5;
/** Times in whole seconds may be up to a second too far apart. */
const roundingSeconds = 1;
/** Number of distances before and after whose median is the usual distance: a file may contain parts of different resolution. */
const neighbours = 3;

/**
 * A row reports the time since the previous row. If rows are missing, it covers only the usual distance, because the
 * rate before that is unknown.
 *
 * @param times end of each row, seconds, ascending. @param onlySeconds time that a single row covers
 * @returns `spans`: seconds since the start of the first row. `usualSeconds`: usual distance of the first rows, covered
 * by the first row
 */
export function rowSpans(times: readonly number[], onlySeconds = 0) {
  const distances = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const usual = distances.map((_, place) => usualAround(distances, place));
  const isHole = (place: number) => (distances[place] ?? 0) > widestDistance * (usual[place] ?? 0) + roundingSeconds;
  const usualSeconds = usual[0] ?? onlySeconds;
  const begin = (times[0] ?? 0) - usualSeconds;
  const spans = times.map((time, index): Span => {
    const before = times[index - 1];
    const from = before === undefined || isHole(index - 1) ? time - (usual[index - 1] ?? usualSeconds) : before;
    return { from: from - begin, to: time - begin };
  });
  const holes = [...distances.keys()].filter(isHole);
  const missing = holes.reduce((sum, place) => sum + (distances[place] ?? 0) - (usual[place] ?? 0), 0);
  return { spans, usualSeconds, doubts: missing === 0 ? [] : [missingRows(missing, usual[holes[0] ?? 0] ?? 0)] };
}

function usualAround(distances: readonly number[], place: number): number {
  const near = distances.slice(Math.max(0, place - neighbours), place + neighbours + 1).filter((each) => each > 0);
  return near.length === 0 ? 0 : quantile(near, 0.5);
}

function missingRows(seconds: number, usualSeconds: number): Doubt {
  return {
    flag: 'truncated',
    what: [
      `its rows are usually ${durationText(usualSeconds)} apart and are missing for ${durationText(seconds)}, which are left out`,
      `各行通常相隔 ${durationText(usualSeconds, 'zh')}，其中共缺少 ${durationText(seconds, 'zh')}，已略去`,
    ],
    evidence: [{ name: 'time without rows', value: seconds, unit: 's', source: 'times of its rows' }],
  };
}
