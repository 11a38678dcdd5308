// Computes the capacity of each consumer group of a load test or of production.

import type { LoadTestRun, Span } from '../../../evidence/load-test-run.ts';
import type { Policy } from '../../../../core/policy/policy.ts';
import type { SourceTelemetry } from '../../../evidence/sources/telemetry.ts';
import { type Episode, episodesOf, type GroupHistory } from './episodes.ts';
import { groupCeilings, withShare } from './ceiling.ts';
import { largest, mean, quantile } from '../../../../core/statistics/statistics.ts';
import type { GroupCapacity } from '../../../../core/documents/analysis.ts';
import { unknownGroup } from '../../../../core/documents/reasons/group-gaps.ts';
import { seededRandom } from '../../../../core/statistics/seeded-random.ts';

/** Commits and traffic have separate gaps, so a share is computed only from times when both are known. */
export function groupsOf(telemetry: Pick<SourceTelemetry, 'lag' | 'commits' | 'traffic'>, policy: Policy) {
  return groupsIn(productionGroups(telemetry), policy, (history) => {
    const traffic = within(telemetry.traffic, history.commits);
    const seconds = traffic.reduce((sum, { from, to }) => sum + to - from, 0);
    const messages = traffic.reduce((sum, { from, to, messagesPerSecond }) => sum + (to - from) * messagesPerSecond, 0);
    return { read: { ...history, commits: within(history.commits, telemetry.traffic) }, produced: messages / seconds };
  });
}

/** @returns the spans whose middle is within one of the others; both in time order */
function within<Each extends Span>(spans: readonly Each[], others: readonly Span[]): Each[] {
  let place = 0;
  return spans.filter(({ from, to }) => {
    const middle = (from + to) / 2;
    while ((others[place]?.to ?? Number.POSITIVE_INFINITY) <= middle) place += 1;
    return (others[place]?.from ?? Number.POSITIVE_INFINITY) <= middle;
  });
}

/**
 * Only for a run in which consumers were paused and caught up. In other runs a group has lag because the cluster was
 * saturated, so its rate is the limit of the cluster and not of the group.
 */
export function loadTestGroupsOf(run: LoadTestRun, policy: Policy): ReturnType<typeof groupsIn> {
  if (!run.steps.some(({ hasBacklog }) => hasBacklog)) return { capacities: [], ceilings: [] };
  const histories = loadTestGroups(run);
  const acknowledged = run.produced.reduce((sum, line) => sum + line.acknowledged, 0);
  const seconds = Math.max(0, ...histories.flatMap(({ commits }) => commits.at(-1)?.to ?? []));
  return groupsIn(histories, policy, (read) => ({ read, produced: acknowledged / seconds }));
}

/** @param comparedOf returns the read rate of a group and the produced rate, messages per second, over the same time */
function groupsIn(
  histories: readonly GroupHistory[],
  policy: Policy,
  comparedOf: (history: GroupHistory) => { read: GroupHistory; produced: number },
) {
  const capacities = histories.map((history) => {
    const { read, produced } = comparedOf(history);
    return withShare(groupCapacity(history, policy.fit.confidence.value), read, produced);
  });
  return { capacities, ceilings: groupCeilings(capacities) };
}

export function productionGroups({ lag, commits = [] }: Pick<SourceTelemetry, 'lag' | 'commits'>): GroupHistory[] {
  const groups = new Set([...lag, ...commits].map(({ group }) => group));
  return [...groups].sort().map((group) => ({
    group,
    lag: lag.filter((sample) => sample.group === group),
    commits: commits.filter((interval) => interval.group === group),
  }));
}

/** Workers report every second; bins of 2 s still give several rates for a group that catches up in 15 s. */
const binSeconds = 2;

/** Without broker figures, lag is produced minus consumed messages, assuming one topic that every group reads. */
function loadTestGroups({
  consumed,
  produced,
  lag,
}: Pick<LoadTestRun, 'consumed' | 'produced' | 'lag'>): GroupHistory[] {
  const groups = new Set(consumed.map(({ group }) => group));
  const sent = binned(produced, ({ acknowledged }) => acknowledged);
  return [...groups].sort().map((group) => {
    const taken = binned(
      consumed.filter((line) => line.group === group),
      ({ messages }) => messages,
    );
    const reported = lag.filter((sample) => sample.group === group);
    const last = largest([...taken.keys(), ...sent.keys()]) ?? -1;
    const bins = Array.from({ length: last + 1 }, (_, bin) => bin);
    let difference = 0;
    const computed = bins.map((bin) => {
      difference += (sent.get(bin) ?? 0) - (taken.get(bin) ?? 0);
      return { elapsedSeconds: (bin + 1) * binSeconds, messages: Math.max(0, difference) };
    });
    return {
      group,
      lag: reported.length > 0 ? reported : computed,
      commits: bins.map((bin) => ({
        from: bin * binSeconds,
        to: (bin + 1) * binSeconds,
        messagesPerSecond: (taken.get(bin) ?? 0) / binSeconds,
      })),
    };
  });
}

function binned<T extends Span>(lines: readonly T[], count: (line: T) => number): Map<number, number> {
  const bins = new Map<number, number>();
  for (const line of lines) {
    const bin = Math.floor((line.from + line.to) / 2 / binSeconds);
    bins.set(bin, (bins.get(bin) ?? 0) + count(line));
  }
  return bins;
}

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
