// Finds when a consumer group had lag and caught up, and how fast it read while catching up.

import type { Span } from '../../../evidence/load-test-run.ts';
import { median } from '../../../../core/statistics/statistics.ts';

export interface GroupHistory {
  group: string;
  /** In time order. */
  lag: readonly { elapsedSeconds: number; messages: number }[];
  /** Messages the group committed, or consumed, per second; in time order. Empty if unknown. */
  commits: readonly (Span & { messagesPerSecond: number })[];
}

export interface Episode extends Span {
  /** Maximum lag in messages. */
  lagMessages: number;
  /** Messages per second of each interval, from the highest lag until the group had nearly caught up. */
  rates: readonly number[];
}

/** A lag of more seconds at the usual rate exceeds messages in flight. */
const behindSeconds = 20;
/** Factor by which the lag must also exceed its usual value. */
const timesUsual = 5;
/** Share of the highest lag below which the group waits for new messages, so that producers set the pace. */
const caughtUp = 0.1;
/** Fewer intervals may be a jump of the counter or of the clock. */
const leastRates = 3;

/**
 * A group whose lag does not fall may be stopped, or may read as fast as producers write: only falling lag shows that
 * it read at its maximum.
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
    // The remaining lag of this episode does not start another one.
    while (end < lag.length && (lag[end]?.messages ?? 0) > threshold) end += 1;
    index = end;
  }
  return episodes;
}
