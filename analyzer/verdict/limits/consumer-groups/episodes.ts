// Finds when a consumer group had lag and caught up, and how fast it read meanwhile.

import type { Span } from '../../../evidence/load-test-run.ts';
import { median } from '../../../../core/statistics/statistics.ts';

export interface GroupHistory {
  group: string;
  /** In their order. */
  lag: readonly { elapsedSeconds: number; messages: number }[];
  /** Messages the group committed, or consumed, per second; in order. Empty if unknown. */
  commits: readonly (Span & { messagesPerSecond: number })[];
}

export interface Episode extends Span {
  /** Maximum lag in messages. */
  lagMessages: number;
  /** Messages per second, interval by interval, from the worst moment until it had nearly caught up. */
  rates: readonly number[];
}

/** Lag of this many seconds of its usual rate is more than what is in flight. */
const behindSeconds = 20;
/** … and this many times its usual value. */
const timesUsual = 5;
/** Below this share of the worst the last messages are waited for, and the producers set the pace. */
const caughtUp = 0.1;
/** Fewer intervals are a jump of the counter, or of the clock. */
const leastRates = 3;

/**
 * A group whose lag does not fall may be stopped, or reads as fast as others write: only falling lag shows that it read
 * at its maximum.
 */
export function episodesOf({ lag, commits }: GroupHistory): Episode[] {
  if (commits.length === 0 || lag.length === 0) return [];
  const usualRate = median(commits.map(({ messagesPerSecond }) => messagesPerSecond));
  const threshold = Math.max(behindSeconds * usualRate, timesUsual * median(lag.map(({ messages }) => messages)), 1);
  const episodes: Episode[] = [];
  for (let index = 0; index < lag.length; index += 1) {
    if ((lag[index]?.messages ?? 0) <= threshold) continue;
    let worst = index;
    let end = index;
    while (end < lag.length && (lag[end]?.messages ?? 0) > caughtUp * (lag[worst]?.messages ?? 0)) {
      if ((lag[end]?.messages ?? 0) > (lag[worst]?.messages ?? 0)) worst = end;
      end += 1;
    }
    const [peak, last] = [lag[worst], lag[end - 1]];
    const isCaughtUp = end < lag.length;
    if (peak && last && isCaughtUp) {
      const inside = commits.filter(({ from, to }) => from >= peak.elapsedSeconds && to <= last.elapsedSeconds);
      const rates = inside.map(({ messagesPerSecond }) => messagesPerSecond);
      if (rates.length >= leastRates)
        episodes.push({ from: peak.elapsedSeconds, to: last.elapsedSeconds, lagMessages: peak.messages, rates });
    }
    // Its last messages are no time of their own.
    while (end < lag.length && (lag[end]?.messages ?? 0) > threshold) end += 1;
    index = end;
  }
  return episodes;
}
