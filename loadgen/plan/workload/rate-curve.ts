// Parses a rate curve from CSV (columns time and rate), a Prometheus range query or a captured topic.

import { CapturedTopic } from '../../../core/documents/captured-topic.ts';
import { AppError } from '../../../core/errors.ts';
import { parseJson } from '../../../core/text/parse-json.ts';
import { epochSeconds, groupedFigure, groupedHint } from '../../../core/text/table-figures.ts';
import type { CurvePoint } from '../profiles/replay.ts';
import { z } from 'zod';
import { messagesPerSecond } from '../../../core/units.ts';

/** @throws AppError workload-invalid, naming the line or the missing part */
export function parseCurve(file: string, text: string): CurvePoint[] {
  return /^\s*[{[]/.test(text) ? pointsIn(file, text) : parseCsv(file, text);
}

/** Times are in seconds, ISO 8601 or units since the epoch; other columns are ignored. */
function parseCsv(file: string, text: string): CurvePoint[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const header = (lines[0] ?? '').split(',').map((name) => unquoted(name).toLowerCase());
  const [timeAt, rateAt] = [header.indexOf('time'), header.indexOf('rate')];
  if (timeAt < 0 || rateAt < 0) {
    throw invalid(
      file,
      `its first line names the columns, and time and rate are not both among them: ${header.join(', ').slice(0, 80)}`,
    );
  }
  const points: CurvePoint[] = [];
  const rates: string[] = [];
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line.trim() === '') continue;
    const cells = line.split(',').map(unquoted);
    const time = secondsOf(cells[timeAt] ?? '');
    const rate = figure(cells[rateAt] ?? '');
    if (time === undefined) throw invalid(file, `line ${index + 1}: ${quoted(cells[timeAt])} is no time`);
    if (rate === undefined || rate < 0) throw invalid(file, `line ${index + 1}: ${quoted(cells[rateAt])} is no rate`);
    points.push({ time, rate: messagesPerSecond(rate) });
    rates.push(cells[rateAt] ?? '');
  }
  const ambiguous = groupedFigure(rates);
  if (ambiguous !== undefined) throw invalid(file, `${quoted(ambiguous)} may have a thousands separator`, groupedHint);
  return points;
}

const unquoted = (cell: string) => cell.trim().replace(/^"(.*)"$/, '$1');
const quoted = (cell: string | undefined) => JSON.stringify((cell ?? '').slice(0, 40));
const figure = (cell: string) => (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(cell) ? Number(cell) : undefined);

function secondsOf(cell: string): number | undefined {
  const plain = figure(cell);
  if (plain !== undefined) return epochSeconds(plain);
  const moment = /^\d{4}-\d{2}-\d{2}[T ]/.test(cell) ? Date.parse(cell) : NaN;
  return Number.isNaN(moment) ? undefined : moment / 1000;
}

/** prometheus.io/docs/prometheus/latest/querying/api, range queries: a matrix, values as text. */
const RangeAnswer = z.object({
  data: z.object({
    resultType: z.literal('matrix'),
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()).default({}),
        values: z.array(z.tuple([z.number(), z.string()])),
      }),
    ),
  }),
});

function pointsIn(file: string, text: string): CurvePoint[] {
  const written = parseJson(text);
  if (written === undefined) throw invalid(file, 'it begins like JSON and is none');
  const { data: captured } = CapturedTopic.safeParse(written);
  if (captured !== undefined) return captured.rate.map(({ time, rate }) => ({ time, rate: messagesPerSecond(rate) }));
  const { data: answer } = RangeAnswer.safeParse(written);
  if (answer !== undefined) return sumOf(file, answer);
  throw invalid(
    file,
    'it is JSON, but neither an answer of /api/v1/query_range (data.resultType matrix) nor a captured topic',
  );
}

/** Sums the series; omits times at which a series is missing or not a number. */
function sumOf(file: string, { data: { result } }: z.output<typeof RangeAnswer>): CurvePoint[] {
  refuseCopies(file, result);
  const sums = new Map<number, { rate: number; series: number }>();
  for (const { values } of result) {
    for (const [time, value] of values) {
      const rate = Number(value);
      if (!Number.isFinite(rate)) continue;
      if (rate < 0) throw invalid(file, `at ${time} a rate is below 0; query a rate(), not a difference`);
      const sum = sums.get(time) ?? { rate: 0, series: 0 };
      sums.set(time, { rate: sum.rate + rate, series: sum.series + 1 });
    }
  }
  return [...sums]
    .filter(([, { series }]) => series === result.length)
    .toSorted(([a], [b]) => a - b)
    .map(([time, { rate }]) => ({ time, rate: messagesPerSecond(rate) }));
}

/**
 * Two instances or jobs may report the same messages, so their sum is twice the load. The sum of two clusters is the
 * load of neither.
 */
const copyLabels = ['instance', 'job', 'cluster'];

function refuseCopies(file: string, series: readonly { metric: Record<string, string> }[]): void {
  const seen = new Map<string, Record<string, string>>();
  for (const { metric } of series) {
    const rest = Object.entries(metric).filter(([label]) => !copyLabels.includes(label));
    const key = rest
      .map((entry) => JSON.stringify(entry))
      .toSorted()
      .join();
    const other = seen.get(key) ?? metric;
    const differing = copyLabels.filter((label) => metric[label] !== other[label]);
    if (differing.length > 0) {
      throw invalid(
        file,
        `two series differ only in ${differing.join(', ')}, so adding them may count messages twice; query sum(max without (instance, job) (…)) of one cluster if they report the same messages, sum(…) if they are parts of the load`,
      );
    }
    seen.set(key, metric);
  }
}

export const invalid = (file: string, problem: string, hint?: string) =>
  new AppError('workload-invalid', `${file}: ${problem}`, { hint });
