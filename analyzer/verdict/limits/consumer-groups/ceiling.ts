// Limits the safe maximum by consumer groups: the capacity of a group divided by the share of all messages it reads.

import type { Finding, GroupCapacity, Loss, SafeMaxTps } from '../../../../core/documents/analysis.ts';
import { findingOf } from '../../../../core/documents/findings/findings.ts';
import { mean } from '../../../../core/statistics/statistics.ts';
import type { Evidence } from '../../evidence.ts';
import { reachedTps } from '../ceilings.ts';
import { ceilingOf } from '../suspects.ts';
import { hasUnmonitoredProxy } from '../unmonitored.ts';
import type { GroupHistory } from './episodes.ts';

export interface GroupCeiling {
  group: string;
  /** Produced messages per second of the cluster. */
  value: number;
  low: number;
  high?: number;
  /** Share of the cluster's messages that the group reads. */
  share: number;
}

/** @param capacities including shares */
export function groupCeilings(capacities: readonly GroupCapacity[]): GroupCeiling[] {
  return capacities.flatMap((capacity): GroupCeiling[] => {
    if (capacity.kind !== 'measured' || capacity.share === undefined) return [];
    const { group, tps, share, interval } = capacity;
    const high = interval.high === undefined ? {} : { high: interval.high / share };
    return [{ group, share, value: tps / share, low: interval.low / share, ...high }];
  });
}

/**
 * @param history of the same group
 * @param produced messages per second of the cluster, mean over the same time
 * @returns the capacity with the share of the cluster's messages that its group reads
 */
export function withShare(capacity: GroupCapacity, { commits }: GroupHistory, produced: number): GroupCapacity {
  const share = mean(commits.map(({ messagesPerSecond }) => messagesPerSecond)) / produced;
  return capacity.kind !== 'unknown' && produced > 0 && share > 0 ? { ...capacity, share } : capacity;
}

interface Circumstances {
  confidence: number;
  /** Highest rate that the group kept up with, which is a lower bound. */
  achieved?: number;
  /** Unmonitored resources that may have kept the group from reading faster than the rate. */
  suspectsAt?: (tps: number) => AtLeast['ceiling'];
}

type AtLeast = Extract<SafeMaxTps, { kind: 'at-least' }>;

export const circumstancesOf = (evidence: Evidence): Circumstances => ({
  confidence: evidence.policy.fit.confidence.value,
  achieved: reachedTps(evidence),
  ...(hasUnmonitoredProxy(evidence.unmonitored) && { suspectsAt: (tps) => ceilingOf({ tps, steps: [] }, evidence) }),
});

export function withGroups(
  safe: SafeMaxTps,
  ceilings: readonly GroupCeiling[],
  { confidence, achieved = 0, suspectsAt }: Circumstances,
): SafeMaxTps {
  const first = ceilings.toSorted((a, b) => a.low - b.low)[0];
  if (first === undefined || safe.kind === 'unknown' || safe.kind === 'observed') return safe;
  const low = Math.max(first.low, Math.min(achieved, first.value));
  // An achieved rate stays valid whatever the group capacity: a group below it had lag, and caught up later.
  if (low >= safe.tps) return safe;
  const ceiling = suspectsAt?.(first.value);
  if (ceiling) return { kind: 'at-least', tps: low, reason: 'limit-cause-unknown', ceiling };
  const ofBrokers = safe.kind === 'at-least' ? undefined : safe;
  const least = (values: readonly (number | undefined)[]) => Math.min(...values.map((value) => value ?? Infinity));
  const estimateTps = Math.max(low, least([ofBrokers?.estimateTps, ...ceilings.map(({ value }) => value)]));
  const high = Math.max(estimateTps, least([ofBrokers?.interval.high, ...ceilings.map((each) => each.high)]));
  return {
    kind: 'predicted',
    tps: low,
    estimateTps,
    interval: { low, ...(Number.isFinite(high) && { high }), confidence },
    limitedBy: { slo: 'consumer-lag', group: first.group },
  };
}

/** Consumer groups do not read faster or slower with fewer brokers. */
export function lossWithGroups(loss: Loss, ceilings: readonly GroupCeiling[], circumstances: Circumstances): Loss {
  const { suspectsAt: _, ...ofGroups } = circumstances;
  const limited = ({ tps, limitedBy, estimateTps = tps, interval }: Omit<Loss, 'lost' | 'id'>) => {
    const { confidence } = ofGroups;
    const ofBrokers = { tps, limitedBy, estimateTps, interval: interval ?? { low: tps, confidence } };
    const safe = withGroups({ kind: 'predicted', ...ofBrokers }, ceilings, ofGroups);
    if (safe.kind !== 'predicted') return ofBrokers;
    return { tps: safe.tps, limitedBy: safe.limitedBy, estimateTps: safe.estimateTps, interval: safe.interval };
  };
  const { returning } = loss;
  return { ...loss, ...limited(loss), ...(returning && { returning: { ...returning, ...limited(returning) } }) };
}

export function groupFinding(safe: SafeMaxTps, ceilings: readonly GroupCeiling[]): Finding[] {
  if (safe.kind !== 'predicted' || !('group' in safe.limitedBy)) return [];
  const { group } = safe.limitedBy;
  const ceiling = ceilings.find((each) => each.group === group);
  return ceiling === undefined ? [] : [findingOf('group-binds', { group, tps: ceiling.value, share: ceiling.share })];
}
