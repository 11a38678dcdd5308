// Finds the hours in which the forecast load stays below the safe maximum after a loss.

import type { RecordedForecast } from '../../../core/documents/history-entry.ts';
import type { WindowSpan } from '../../../core/documents/windows.ts';
import { chanceAbove, type RateLimit } from './chance-above.ts';
import { courseOf, endOf } from './expected-course.ts';

interface Span {
  fromMs: number;
  toMs: number;
}

interface WindowQuestion {
  nowMs: number;
  /** At most the end of the forecast. */
  untilMs: number;
  forecast: Pick<RecordedForecast, 'points' | 'peak' | 'horizonEndsAt'>;
  limit: RateLimit;
  /** Change freezes until the end of the forecast. */
  frozen: readonly Span[];
  /** Least length of a window. */
  lastsSeconds: number;
  /** Highest accepted probability of a load above the limit. */
  risk: number;
}

/** @returns consecutive spans from now to the end; empty once the forecast has ended */
export function safeWindows(question: WindowQuestion): WindowSpan[] {
  const { untilMs, forecast, lastsSeconds } = question;
  const endMs = Date.parse(forecast.horizonEndsAt);
  const whole = spansUntil(endMs, question);
  const isLong = ({ from, to }: WindowSpan) => Date.parse(to) - Date.parse(from) >= lastsSeconds * 1000;
  return spansUntil(Math.min(untilMs, endMs), question).map((span): WindowSpan => {
    if (span.state !== 'safe' || isLong(span)) return span;
    const uncut = whole.find(({ from }) => from === span.from);
    return { ...span, state: uncut !== undefined && isLong(uncut) ? 'cut-by-horizon' : 'too-short' };
  });
}

/** Spans of any length. */
function spansUntil(endMs: number, { nowMs, forecast, limit, frozen, risk }: WindowQuestion): WindowSpan[] {
  const course = courseOf(forecast);
  const hours = course.points.map((load, index) => ({ fromMs: load.atMs, toMs: endOf(course, load, index), load }));
  const ends = [...hours, ...frozen].flatMap(({ fromMs, toMs }) => [fromMs, toMs]);
  const cuts = [...new Set([nowMs, endMs, ...ends])]
    .filter((moment) => moment >= nowMs && moment <= endMs)
    .toSorted((a, b) => a - b);
  const joined: WindowSpan[] = [];
  let at = 0;
  for (const [index, fromMs] of cuts.slice(0, -1).entries()) {
    while (at < hours.length && (hours[at]?.toMs ?? Infinity) <= fromMs) at += 1;
    const hour = hours[at];
    const load = hour !== undefined && hour.fromMs <= fromMs ? hour.load : undefined;
    const probability = load === undefined ? 1 : chanceAbove(load, 1, limit);
    const isFrozen = frozen.some((each) => each.fromMs <= fromMs && fromMs < each.toMs);
    const state = isFrozen
      ? 'frozen'
      : load === undefined
        ? 'no-forecast'
        : probability > risk
          ? 'above-limit'
          : 'safe';
    add(joined, {
      from: new Date(fromMs).toISOString(),
      to: new Date(cuts[index + 1] ?? endMs).toISOString(),
      state,
      ...(load && { load: { tps: load.mid, high: load.high, probability } }),
    });
  }
  return joined;
}

function add(spans: WindowSpan[], next: WindowSpan): void {
  const last = spans.at(-1);
  if (last === undefined || last.state !== next.state) {
    spans.push(next);
    return;
  }
  last.to = next.to;
  if (next.load === undefined) return;
  const { load = next.load } = last;
  last.load = {
    tps: Math.max(load.tps, next.load.tps),
    high: Math.max(load.high, next.load.high),
    probability: Math.max(load.probability, next.load.probability),
  };
}
