// Reads a range query in chunks that server and client can handle; a chunk that never arrives is a gap.

import { z } from 'zod';
import { systemClock, type Clock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import type { PrometheusTelemetry } from './config.ts';
import { patiently } from './patience.ts';
import { callPrometheus, isOfMissingData, type ApiAnswer } from './prometheus-api.ts';

/** Ends of intervals: `firstEnd`, `firstEnd` + grid, … seconds since the epoch. */
export interface Grid {
  firstEnd: number;
  gridSeconds: number;
  points: number;
}

export interface RangeSeries {
  labels: Readonly<Record<string, string>>;
  /** One per point of the grid; NaN if there is none. */
  values: Float64Array;
}

/** Seconds since the epoch, ends of intervals, both inclusive. */
export interface Gap {
  from: number;
  to: number;
  reason: string;
}

interface RangeAnswer {
  series: readonly RangeSeries[];
  gaps: readonly Gap[];
  warnings: readonly string[];
}

/** State and cost of all queries to one source. */
export interface Conversation {
  source: PrometheusTelemetry;
  /** Name for display. */
  name: string;
  clock: Clock;
  signal: AbortSignal;
  requests: number;
  wireBytes: number;
  /** Number of consecutive chunks that failed. */
  failedInARow: number;
  /** Maximum attempts per chunk; default: that of a batch reader. */
  attempts?: number;
}

/** @param io the default clock is the system's, and the default name is the URL of the source */
export function conversationWith(
  source: PrometheusTelemetry,
  io: { signal: AbortSignal; clock?: Clock; name?: string; attempts?: number },
): Conversation {
  return { source, name: source.url, clock: systemClock, requests: 0, wireBytes: 0, failedInARow: 0, ...io };
}

/** Points per series in one response of Prometheus (web/api/v1: "exceeded maximum resolution of 11,000 points"). */
const mostPointsPerSeries = 11_000;
/** Points per response over all series: at 30 bytes each, 6 MB of JSON. */
const mostPointsPerAnswer = 200_000;
/** Smaller chunks do not fail because of their size. */
const fewestPoints = 60;
/** After this many failed chunks, the server counts as down. */
const mostFailedInARow = 4;

const Matrix = z.object({
  resultType: z.literal('matrix'),
  result: z.array(
    z.object({
      metric: z.record(z.string(), z.string()),
      values: z.array(z.tuple([z.number(), z.string()])),
    }),
  ),
});

/**
 * @param expectedSeries number of series in the response, if known; it determines the length of the chunks
 * @throws AppError prometheus-refused if the expression is invalid or the server is down; credentials-refused
 */
export async function queryRange(
  talk: Conversation,
  expression: string,
  grid: Grid,
  expectedSeries: number,
): Promise<RangeAnswer> {
  const series = new Map<string, RangeSeries>();
  const gaps: Gap[] = [];
  const warnings = new Set<string>();
  const longest = Math.min(mostPointsPerSeries, Math.floor(mostPointsPerAnswer / Math.max(1, expectedSeries)));
  const pieces = cutIntoPieces(0, grid.points, Math.max(1, longest));
  for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) {
    talk.signal.throwIfAborted();
    const { first, count } = piece;
    const from = grid.firstEnd + first * grid.gridSeconds;
    const to = from + (count - 1) * grid.gridSeconds;
    const canShrink = count >= 2 * fewestPoints;
    const parameters = {
      query: expression,
      start: String(from),
      end: String(to),
      step: String(grid.gridSeconds),
      // Otherwise VictoriaMetrics moves start and end to multiples of the step; other servers ignore the parameter.
      nocache: '1',
    };
    const answer = await ask(talk, 'query_range', Object.entries(parameters), canShrink);
    if (answer.kind === 'data') {
      talk.failedInARow = 0;
      talk.wireBytes += answer.wireBytes;
      for (const warning of answer.warnings) warnings.add(warning);
      const matrix = Matrix.safeParse(answer.data);
      if (!matrix.success) throw refused(talk, expression, 'the answer contains no series over time');
      for (const each of matrix.data.result) take(each, series, grid);
      continue;
    }
    const isWorthHalving =
      answer.kind === 'too-much' ? count > 1 : answer.kind === 'failed' && answer.isCut && canShrink;
    if (isWorthHalving) {
      pieces.unshift(...cutIntoPieces(first, count, Math.ceil(count / 2)));
      continue;
    }
    if (answer.kind === 'refused') throw refused(talk, expression, answer.reason);
    gaps.push({ from, to, reason: answer.reason });
    if (++talk.failedInARow >= mostFailedInARow) throw refused(talk, expression, answer.reason);
  }
  return { series: [...series.values()], gaps: joined(gaps, grid.gridSeconds), warnings: [...warnings] };
}

/** Retries as often as the conversation allows. */
export function ask(
  talk: Conversation,
  path: string,
  parameters: readonly [name: string, value: string][],
  canShrink = false,
): Promise<ApiAnswer> {
  const { source, signal } = talk;
  const call = () => {
    talk.requests++;
    return callPrometheus(source, path, parameters, { signal, timeoutSeconds: source.timeout });
  };
  return patiently(call, { ...talk, canShrink });
}

function cutIntoPieces(first: number, count: number, longest: number): { first: number; count: number }[] {
  const pieces = [];
  for (let done = 0; done < count; done += longest) {
    pieces.push({ first: first + done, count: Math.min(longest, count - done) });
  }
  return pieces;
}

function take(
  { metric, values }: z.output<typeof Matrix>['result'][number],
  series: Map<string, RangeSeries>,
  { firstEnd, gridSeconds, points }: Grid,
): void {
  const key = JSON.stringify(Object.entries(metric).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const known = series.get(key) ?? { labels: metric, values: new Float64Array(points).fill(Number.NaN) };
  series.set(key, known);
  for (const [time, text] of values) {
    const slot = Math.round((time - firstEnd) / gridSeconds);
    const value = Number(text);
    if (slot >= 0 && slot < points && Number.isFinite(value)) known.values[slot] = value;
  }
}

/** Merges chunks of one outage into one gap. */
function joined(gaps: readonly Gap[], gridSeconds: number): Gap[] {
  const all: Gap[] = [];
  for (const gap of gaps.toSorted((a, b) => a.from - b.from)) {
    const last = all.at(-1);
    if (last && gap.from - last.to <= gridSeconds * 1.5 && gap.reason === last.reason) last.to = gap.to;
    else all.push({ ...gap });
  }
  return all;
}

/** For callers that report neither gaps nor warnings. @returns why series may be missing or too low */
export function incompleteReason({ gaps, warnings }: RangeAnswer): string | undefined {
  return gaps[0]?.reason ?? warnings.find(isOfMissingData);
}

export function refused({ source }: Pick<Conversation, 'source'>, what: string, reason: string): AppError {
  return new AppError('prometheus-refused', `cannot query ${source.url} for ${what}: ${reason}`, {
    hint: 'check the URL of the source, below which /api/v1/query_range lies, and whether it answers in a browser',
  });
}
