// Reads one Prometheus series for an expression, every five minutes.

import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { PrometheusTelemetry } from '../evidence/sources/config.ts';
import { incompleteReason, queryRange, refused, type Conversation } from '../evidence/sources/range-query.ts';
import type { Reading } from './history.ts';

/** Of a year, 105,000 readings; the rate() of an expression usually looks back as long. */
const gridSeconds = 300;

/**
 * @returns `incomplete`: why readings may be missing or too low
 * @throws AppError prometheus-refused, credentials-refused, source-empty
 */
export async function readHistory(
  source: PrometheusTelemetry,
  { expression, lastSeconds }: { expression: string; lastSeconds: number },
  { signal, clock }: { signal: AbortSignal; clock: Clock },
): Promise<{ readings: Reading[]; incomplete?: string; notes: string[] }> {
  const talk: Conversation = { source, name: source.url, clock, signal, requests: 0, wireBytes: 0, failedInARow: 0 };
  const end = Math.floor(clock.now().getTime() / 1000 / gridSeconds) * gridSeconds;
  const points = Math.floor(lastSeconds / gridSeconds) + 1;
  const firstEnd = end - (points - 1) * gridSeconds;
  const answer = await queryRange(talk, expression, { firstEnd, gridSeconds, points }, 1);
  const { series, gaps, warnings } = answer;
  const incomplete = incompleteReason(answer);
  const [only, ...others] = series;
  // A server that did not answer may well have the series.
  if (only === undefined && incomplete !== undefined) throw refused(talk, expression, incomplete);
  if (only === undefined) {
    throw new AppError('source-empty', `${source.url} has no series for ${expression} in this time`, {
      hint: 'open the expression in the Prometheus web page, over the same days',
    });
  }
  if (others.length > 0) {
    throw new AppError(
      'source-empty',
      `${source.url} gives ${series.length} series for ${expression}, but a forecast needs one`,
      {
        hint: 'wrap it in sum(), or select one series by its labels',
      },
    );
  }
  const readings = Array.from(only.values, (value, i) => ({
    // A step ends at its time: the reading of 13:00 is the last one of the hour before.
    timeMs: (firstEnd + i * gridSeconds) * 1000 - 1,
    value,
  })).filter(({ value }) => Number.isFinite(value) && value >= 0);
  return {
    readings,
    ...(incomplete !== undefined && { incomplete }),
    notes: [
      ...gaps.map(
        ({ from, to, reason }) =>
          `not read: ${new Date(from * 1000).toISOString()} to ${new Date(to * 1000).toISOString()} (${reason})`,
      ),
      ...warnings.map((warning) => `the source warns: ${warning}`),
    ],
  };
}

/** As `readHistory`, for callers that show no notes. @throws AppError also prometheus-refused for an incomplete answer */
export async function readWholeHistory(...[source, wanted, io]: Parameters<typeof readHistory>): Promise<Reading[]> {
  const { readings, incomplete } = await readHistory(source, wanted, io);
  if (incomplete !== undefined) throw refused({ source }, wanted.expression, incomplete);
  return readings;
}
