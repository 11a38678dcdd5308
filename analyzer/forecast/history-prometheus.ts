// Reads one Prometheus series for an expression, every five minutes.

import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { durationText } from '../../core/text/duration-text.ts';
import type { PrometheusTelemetry } from '../evidence/sources/config.ts';
import { conversationWith, incompleteReason, queryRange, refused, type Grid } from '../evidence/sources/range-query.ts';
import type { Reading } from './history.ts';

/** A year is 105,000 readings; rate() in an expression usually has a similar range. */
const gridSeconds = 300;
/** Agents buffer, and readings may arrive only once an hour. */
const mostAgeSeconds = 2 * 3600;
/** A shorter outage of the monitoring at the start is not a missing store. */
const mostLateSeconds = 86_400;

/**
 * @returns `incomplete`: why readings may be missing or too low
 * @throws AppError prometheus-refused, credentials-refused, source-empty
 */
export async function readHistory(
  source: PrometheusTelemetry,
  { expression, lastSeconds }: { expression: string; lastSeconds: number },
  { signal, clock }: { signal: AbortSignal; clock: Clock },
): Promise<{ readings: Reading[]; incomplete?: string; notes: string[] }> {
  const talk = conversationWith(source, { clock, signal });
  const end = Math.floor(clock.now().getTime() / 1000 / gridSeconds) * gridSeconds;
  const points = Math.floor(lastSeconds / gridSeconds) + 1;
  const firstEnd = end - (points - 1) * gridSeconds;
  const grid = { firstEnd, gridSeconds, points };
  const answer = await queryRange(talk, expression, grid, 1);
  const { series, gaps, warnings } = answer;
  const incomplete = incompleteReason(answer);
  const [only, ...others] = series;
  // A server that did not respond may have the series.
  if (only === undefined && incomplete !== undefined) throw refused(talk, expression, incomplete);
  if (only === undefined) {
    throw new AppError('source-empty', `${source.url} has no series for ${expression} in this time`, {
      hint: 'open the expression in the Prometheus web page, over the same days',
      messageZh: `${source.url} 在这段时间内没有 ${expression} 的时间序列`,
    });
  }
  if (others.length > 0) {
    throw new AppError(
      'source-empty',
      `${source.url} gives ${series.length} series for ${expression}, but a forecast needs one`,
      {
        hint: 'wrap it in sum(), or select one series by its labels',
        messageZh: `${source.url} 的 ${expression} 有 ${series.length} 个时间序列，而预测只能使用一个`,
      },
    );
  }
  const readings = Array.from(only.values, (value, i) => ({
    // The reading at the end of a step belongs to it: the one at 13:00 is the last of the previous hour.
    timeMs: (firstEnd + i * gridSeconds) * 1000 - 1,
    value,
  })).filter(({ value }) => Number.isFinite(value) && value >= 0);
  const earlier = async (before: Grid) => queryRange(talk, expression, before, 1);
  const missing = incomplete === undefined ? await missingEnd(readings, grid, earlier) : undefined;
  const why = incomplete ?? (missing?.isNewest === true ? missing.text : undefined);
  return {
    readings,
    ...(why !== undefined && { incomplete: why }),
    notes: [
      ...gaps.map(
        ({ from, to, reason }) =>
          `not read: ${new Date(from * 1000).toISOString()} to ${new Date(to * 1000).toISOString()} (${reason})`,
      ),
      ...warnings.map((warning) => `the source warns: ${warning}`),
      ...(missing === undefined ? [] : [missing.text]),
    ],
  };
}

/** Thanos does not warn about a store that it no longer lists; its time range just has no readings. */
async function missingEnd(
  readings: readonly Reading[],
  { firstEnd, points }: Grid,
  read: (grid: Grid) => ReturnType<typeof queryRange>,
): Promise<{ text: string; isNewest: boolean } | undefined> {
  const [first, last] = [readings[0], readings.at(-1)].map((reading) => reading && (reading.timeMs + 1) / 1000);
  if (first === undefined || last === undefined) return undefined;
  const age = firstEnd + (points - 1) * gridSeconds - last;
  if (age > mostAgeSeconds) return { text: `the last reading is ${durationText(age)} old`, isNewest: true };
  if (first - firstEnd < mostLateSeconds) return undefined;
  const hours = Math.ceil((points * gridSeconds) / 3600);
  const { series } = await read({ firstEnd: firstEnd - hours * 3600, gridSeconds: 3600, points: hours });
  if (!series.some(({ values }) => values.some((value) => value >= 0))) return undefined;
  const late = durationText(first - firstEnd);
  return { text: `the first reading is ${late} after the start, and there are older ones`, isNewest: false };
}

/** Like `readHistory`, for callers without notices. @throws AppError also prometheus-refused for an incomplete response */
export async function readWholeHistory(...[source, wanted, io]: Parameters<typeof readHistory>): Promise<Reading[]> {
  const { readings, incomplete } = await readHistory(source, wanted, io);
  if (incomplete !== undefined) throw refused({ source }, wanted.expression, incomplete);
  return readings;
}
