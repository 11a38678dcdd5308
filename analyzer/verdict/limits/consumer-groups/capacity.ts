// Computes how fast a consumer group can read: its rate while it caught up.

import type { GroupCapacity } from '../../../../core/documents/analysis.ts';
import { unknownGroup } from '../../../../core/documents/reasons/group-gaps.ts';
import { seededRandom } from '../../../../core/statistics/seeded-random.ts';
import { mean, quantile } from '../../../../core/statistics/statistics.ts';
import { episodesOf, type Episode, type GroupHistory } from './episodes.ts';

const drawCount = 2000;
/** Fewer episodes do not show the variation between episodes, so only intervals within each are redrawn. */
const leastEpisodes = 3;
/** A rate must last this long to count as sustained by the group. */
const heldSeconds = 600;

/** @param confidence of the two-sided interval */
export function groupCapacity(history: GroupHistory, confidence: number): GroupCapacity {
  const { group, commits, lag } = history;
  if (commits.length === 0) return unknownGroup(group, 'commits');
  if (lag.length === 0) return unknownGroup(group, 'lag');
  const episodes = episodesOf(history);
  if (episodes.length > 0) {
    const tps = mean(episodes.map(({ rates }) => mean(rates)));
    const draws = drawnMeans(episodes, group);
    const tail = (1 - confidence) / 2;
    const interval = { low: quantile(draws, tail), high: quantile(draws, 1 - tail), confidence };
    return { kind: 'measured', group, tps, interval, episodes: episodes.length };
  }
  const tps = highestHeld(commits);
  if (!(tps > 0)) return unknownGroup(group, 'reading');
  const seconds = Math.min(heldSeconds, secondsOf(commits));
  return { kind: 'at-least', group, tps, interval: { low: tps, confidence }, episodes: 0, seconds };
}

/** Means of episodes drawn with replacement, each from blocks of its intervals drawn with replacement (Künsch 1989). */
function drawnMeans(episodes: readonly Episode[], group: string): number[] {
  const random = seededRandom(`${group} ${episodes.map(({ from }) => from).join()}`);
  const isFew = episodes.length < leastEpisodes;
  return Array.from({ length: drawCount }, () =>
    mean(
      episodes.map((own) => {
        const episode = isFew ? own : (episodes[Math.floor(random.uniform() * episodes.length)] as Episode);
        return mean(drawnBlocks(episode.rates, random.uniform));
      }),
    ),
  );
}

function drawnBlocks(rates: readonly number[], uniform: () => number): number[] {
  const length = Math.ceil(Math.sqrt(rates.length));
  const drawn: number[] = [];
  while (drawn.length < rates.length) {
    const start = Math.floor(uniform() * rates.length);
    for (let i = 0; i < length && drawn.length < rates.length; i += 1)
      drawn.push(rates[(start + i) % rates.length] as number);
  }
  return drawn;
}

const secondsOf = (commits: GroupHistory['commits']) => commits.reduce((sum, { from, to }) => sum + to - from, 0);

/** Highest mean rate over ten minutes, or over all the time if it is shorter. */
function highestHeld(commits: GroupHistory['commits']): number {
  let [best, first, sum, seconds] = [0, 0, 0, 0];
  for (const { from, to, messagesPerSecond } of commits) {
    sum += messagesPerSecond * (to - from);
    seconds += to - from;
    while (first < commits.length) {
      const oldest = commits[first] as GroupHistory['commits'][number];
      const length = oldest.to - oldest.from;
      if (seconds - length < heldSeconds) break;
      sum -= oldest.messagesPerSecond * length;
      seconds -= length;
      first += 1;
    }
    if (seconds >= heldSeconds) best = Math.max(best, sum / seconds);
  }
  return best > 0 ? best : sum / Math.max(seconds, 1e-9);
}
