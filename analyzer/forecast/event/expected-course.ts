// Represents a forecast as a curve over time, with gaps at promotions without history.

import type { RecordedForecast } from '../../../core/documents/history-entry.ts';
import { shortestDay } from '../grid.ts';
import { expectedLoads, type ExpectedLoad } from './chance-above.ts';

export interface Course {
  /** In order of time. */
  points: readonly ExpectedLoad[];
  /** Step length; points further apart have a gap between them. */
  stepMs: number;
}

const day = 86_400_000;
/** A day on which clocks are set back has 25 hours. */
const longestStep = 25 / 24;

export function courseOf(forecast: Pick<RecordedForecast, 'points' | 'peak'> | undefined): Course {
  const points = forecast === undefined ? [] : expectedLoads(forecast);
  const steps = points.slice(1).map(({ atMs }, index) => atMs - (points[index]?.atMs ?? atMs));
  const shortest = Math.min(...steps, day);
  return { points, stepMs: shortest < shortestDay ? shortest : day };
}

/** Returns the end of the time a point covers: until the next point, or one step for the last point, or before a gap. */
export function endOf({ points, stepMs }: Course, { atMs }: ExpectedLoad, index: number): number {
  const nextMs = points[index + 1]?.atMs ?? Infinity;
  return nextMs - atMs > longestStep * stepMs ? atMs + stepMs : nextMs;
}

/**
 * Interpolates linearly between the maxima of hours. The maximum of a day may occur at any time, so it applies to the whole day. The
 * last point, or one before a gap, applies to its step.
 */
export function loadAt(course: Course, atMs: number): ExpectedLoad | undefined {
  const { points } = course;
  const index = points.findLastIndex((point) => point.atMs <= atMs);
  const [before, after] = [points[index], points[index + 1]];
  if (before === undefined) return undefined;
  if (after === undefined || !isLinear(course, before, after)) {
    return atMs < endOf(course, before, index) ? { ...before, atMs } : undefined;
  }
  const share = (atMs - before.atMs) / (after.atMs - before.atMs);
  const between = (end: 'low' | 'mid' | 'high') => before[end] + share * (after[end] - before[end]);
  return { atMs, low: between('low'), mid: between('mid'), high: between('high') };
}

const isLinear = ({ stepMs }: Course, before: ExpectedLoad, after: ExpectedLoad) =>
  stepMs < shortestDay && after.atMs - before.atMs <= longestStep * stepMs;

/** @returns the forecast from now on: the current step, and those after it */
export const pointsAhead = ({ points, stepMs }: Course, nowMs: number): readonly ExpectedLoad[] =>
  points.filter(({ atMs }) => atMs > nowMs - stepMs);

type WithPeak = Pick<RecordedForecast, 'points' | 'peak'>;

/** The points, and the peak if it is ahead: the maximum of many hours is above the band of each of them. */
export function judgedAhead({ peak }: WithPeak, course: Course, nowMs: number): readonly ExpectedLoad[] {
  const { at, tps, low = tps, high = tps } = peak;
  return pointsAhead({ ...course, points: [{ atMs: Date.parse(at), mid: tps, low, high }, ...course.points] }, nowMs);
}

/** @returns the highest load from the current step to the end */
export function highestAhead(forecast: WithPeak, nowMs: number, endMs: number): ExpectedLoad | undefined {
  const course = courseOf(forecast);
  const ahead = judgedAhead(forecast, course, nowMs).filter(({ atMs }) => atMs < endMs);
  const last = loadAt(course, endMs);
  return highest(last === undefined ? ahead : [...ahead, last]);
}

export const highest = (loads: readonly ExpectedLoad[]): ExpectedLoad | undefined =>
  loads.reduce<ExpectedLoad | undefined>((most, each) => (most && most.mid >= each.mid ? most : each), undefined);

/** @returns when the median reaches the limit: now if the current step does; undefined if none does */
export function reachesAt(forecast: WithPeak, limit: number, nowMs: number): number | undefined {
  const course = courseOf(forecast);
  const isReached = ({ mid }: ExpectedLoad) => mid >= limit;
  const judged = judgedAhead(forecast, course, nowMs).find(isReached);
  if (judged === undefined) return undefined;
  const point = pointsAhead(course, nowMs).find(isReached);
  return Math.max(nowMs, Math.min(judged.atMs, point === undefined ? Infinity : crossingTo(course, point, limit)));
}

/** Time at which the line to a point crosses the limit, or the time of the point if no line leads to it. */
function crossingTo(course: Course, point: ExpectedLoad, limit: number): number {
  const before = course.points.findLast(({ atMs }) => atMs < point.atMs);
  if (before === undefined || before.mid >= limit || !isLinear(course, before, point)) return point.atMs;
  return before.atMs + ((point.atMs - before.atMs) * (limit - before.mid)) / (point.mid - before.mid);
}

/** Whether the forecast covers the whole time from now to the end of its horizon. */
export function coversHorizon(
  forecast: Pick<RecordedForecast, 'points' | 'peak' | 'horizonEndsAt'>,
  nowMs: number,
): boolean {
  const { points, stepMs } = courseOf(forecast);
  const longestMs = longestStep * stepMs;
  const ahead = points.map(({ atMs }) => atMs).filter((atMs) => atMs > nowMs - longestMs);
  const bounds = [nowMs, ...ahead, Date.parse(forecast.horizonEndsAt)];
  return bounds.slice(1).every((atMs, index) => atMs - (bounds[index] ?? atMs) <= longestMs);
}
