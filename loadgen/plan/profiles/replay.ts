// Defines the profile that replays a measured rate curve, scaled and accelerated.

import { z } from 'zod';
import { messagesPerSecond } from '../../../core/units.ts';
import { seconds, type Seconds } from '../../../core/clock.ts';
import { exactDurationText } from '../../../core/text/duration-text.ts';
import { countText, exactRateText } from '../../../core/text/quantity-text.ts';
import { mostSteps } from './pieces.ts';
import { type LoadProfile, longestStepSeconds, RateOrNone, type RateSegment } from './profile.ts';
import { positive } from '../../../core/documents/values.ts';

const Point = z.strictObject({
  time: z.number().describe('seconds, from any moment'),
  rate: RateOrNone,
});
export type CurvePoint = z.output<typeof Point>;

export const ReplayOptions = z
  .strictObject({
    kind: z.literal('replay'),
    file: z
      .string()
      .min(1)
      .optional()
      .describe('CSV with columns time and rate, or the JSON answer of a Prometheus range query; beside this file'),
    points: z.array(Point).min(2).optional().describe('points of the curve, instead of a file; linear between points'),
    factor: positive.max(1e6).default(1).describe('multiplies every rate (default 1)'),
    speed: positive
      .max(1e6)
      .default(1)
      .describe('time compression: 24 replays a day in an hour, at the same rates (default 1)'),
  })
  .refine(({ file, points }) => (file === undefined) !== (points === undefined), {
    path: ['file'],
    message: 'a replay has either a file or points',
  })
  .superRefine(({ points, speed }, context) => {
    const problem = points && problemOf(points, speed);
    if (problem !== undefined) context.addIssue({ code: 'custom', path: ['points'], message: problem });
  });
type Options = z.output<typeof ReplayOptions>;

/** @returns the problem of a curve, undefined if the curve can be generated */
export function problemOf(points: readonly CurvePoint[], speed: number): string | undefined {
  if (points.length < 2) return 'a curve has at least two points';
  for (const [i, { time }] of points.entries()) {
    const before = points[i - 1]?.time;
    if (before === undefined) continue;
    if (!(time > before)) return `times must increase from point to point; ${time} comes after ${before}`;
    if ((time - before) / speed > longestStepSeconds) return `the gap after ${before} is longer than 7d`;
  }
  return points.some(({ rate }) => rate > 0) ? undefined : 'every rate is 0';
}

/** @param options must have points: a file was already read */
export const replay = ({ points = [], factor, speed }: Options): LoadProfile => ({
  describe: () => {
    const rates = points.map(({ rate }) => rate * factor);
    const length = ((points.at(-1)?.time ?? 0) - (points[0]?.time ?? 0)) / speed;
    return `a curve of ${countText(points.length)} points between ${exactRateText(least(rates))} and ${exactRateText(most(rates))} in ${exactDurationText(length)}`;
  },
  segments: () => merge(straightPieces(points, factor, speed)),
});

const least = (values: readonly number[]) => values.reduce((low, value) => Math.min(low, value), Infinity);
const most = (values: readonly number[]) => values.reduce((high, value) => Math.max(high, value), 0);

function* straightPieces(points: readonly CurvePoint[], factor: number, speed: number): Iterable<RateSegment> {
  for (const [i, { time, rate }] of points.entries()) {
    const next = points[i + 1];
    if (next === undefined) return;
    yield {
      kind: 'rate',
      from: messagesPerSecond(rate * factor),
      to: messagesPerSecond(next.rate * factor),
      duration: seconds((next.time - time) / speed),
    };
  }
}

/** Minimum step length in seconds: shorter pieces are merged at their mean rate, which keeps the message count. */
const shortestStep = 1;

function merge(pieces: Iterable<RateSegment>): RateSegment[] {
  const all = [...pieces];
  const whole = all.reduce((sum, { duration }) => sum + duration, 0);
  const least = Math.max(shortestStep, whole / mostSteps);
  const merged: RateSegment[] = [];
  let open: RateSegment[] = [];
  let length = 0;
  for (const piece of all) {
    open.push(piece);
    length += piece.duration;
    if (length < least) continue;
    merged.push(joined(open, seconds(length)));
    [open, length] = [[], 0];
  }
  if (open.length > 0) {
    const before = merged.pop();
    const rest = before === undefined ? open : [before, ...open];
    merged.push(joined(rest, seconds(length + (before?.duration ?? 0))));
  }
  return merged;
}

function joined(pieces: readonly RateSegment[], duration: Seconds): RateSegment {
  const [only, another] = pieces;
  if (only !== undefined && another === undefined) return only;
  const messages = pieces.reduce((sum, piece) => sum + ((piece.from + piece.to) / 2) * piece.duration, 0);
  const mean = messagesPerSecond(messages / duration);
  return { kind: 'rate', from: mean, to: mean, duration };
}
