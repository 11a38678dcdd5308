// Limits the safe maximum by consumer groups: the capacity of a group over the share of all messages it reads.

import type { Finding, GroupCapacity, SafeMaxTps } from '../../../../core/documents/analysis.ts';
import { findingOf } from '../../../../core/documents/findings/findings.ts';
import { mean } from '../../../../core/statistics/statistics.ts';
import type { GroupHistory } from './episodes.ts';

export interface GroupCeiling {
  group: string;
  /** Produced messages per second of the cluster. */
  value: number;
  low: number;
  high?: number;
  /** Of the cluster's messages that it reads. */
  share: number;
}

/** @param capacities with their shares */
export function groupCeilings(capacities: readonly GroupCapacity[]): GroupCeiling[] {
  return capacities.flatMap((capacity): GroupCeiling[] => {
    if (capacity.kind !== 'measured' || capacity.share === undefined) return [];
    const { group, tps, share, interval } = capacity;
    const high = interval.high === undefined ? {} : { high: interval.high / share };
    return [{ group, share, value: tps / share, low: interval.low / share, ...high }];
  });
}

/**
 * @param produced messages per second of the cluster, mean over the same time
 * @returns the capacities, each with the share of the cluster's messages that its group reads
 */
export function withShares(
  capacities: readonly GroupCapacity[],
  histories: readonly GroupHistory[],
  produced: number,
): GroupCapacity[] {
  return capacities.map((capacity) => {
    const share = capacity.kind === 'unknown' ? undefined : shareOf(capacity.group, histories, produced);
    return share === undefined ? capacity : { ...capacity, share };
  });
}

function shareOf(group: string, histories: readonly GroupHistory[], produced: number): number | undefined {
  const commits = histories.find((history) => history.group === group)?.commits ?? [];
  const share = mean(commits.map(({ messagesPerSecond }) => messagesPerSecond)) / produced;
  return produced > 0 && share > 0 ? share : undefined;
}

interface Circumstances {
  confidence: number;
  /** Highest rate that the group kept up with, which is a lower bound. */
  achieved?: number;
  /** What may have kept the group from reading faster than the rate, where that was not monitored. */
  suspectsAt?: (tps: number) => AtLeast['ceiling'];
}

type AtLeast = Extract<SafeMaxTps, { kind: 'at-least' }>;

export function withGroups(
  safe: SafeMaxTps,
  ceilings: readonly GroupCeiling[],
  { confidence, achieved = 0, suspectsAt }: Circumstances,
): SafeMaxTps {
  const first = ceilings.toSorted((a, b) => a.low - b.low)[0];
  if (first === undefined || safe.kind === 'unknown' || safe.kind === 'observed') return safe;
  const low = Math.max(first.low, Math.min(achieved, first.value));
  // An achieved rate stays achieved, regardless of group capacity; a group below it had lag, and caught up later.
  if (low >= safe.tps) return safe;
  const ceiling = suspectsAt?.(first.value);
  if (ceiling) return { kind: 'at-least', tps: low, reason: 'limit-cause-unknown', ceiling };
  return {
    kind: 'predicted',
    tps: low,
    estimateTps: Math.max(low, first.value),
    interval: { low, ...(first.high !== undefined && { high: Math.max(first.high, first.value) }), confidence },
    limitedBy: { slo: 'consumer-lag', group: first.group },
  };
}

export function groupFinding(safe: SafeMaxTps, ceilings: readonly GroupCeiling[]): Finding[] {
  if (safe.kind !== 'predicted' || !('group' in safe.limitedBy)) return [];
  const { group } = safe.limitedBy;
  const ceiling = ceilings.find((each) => each.group === group);
  return ceiling === undefined ? [] : [findingOf('group-binds', { group, tps: ceiling.value, share: ceiling.share })];
}
