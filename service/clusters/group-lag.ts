// Computes the lag of a consumer group over its partitions, in messages and in seconds.

import type { ClusterSnapshot, GroupSnapshot } from '../../brokers/snapshot.ts';
import { distance, isBeyondEnd, lacksEnds } from '../../core/consumer-lag.ts';
import type { LagTimes } from '../../exporter/lag/lag-times.ts';

interface GroupLag {
  /** Sum over all partitions; absent if the group never committed, or if the end of a partition was not read or is below its commit. */
  messages?: number;
  /** Maximum over all partitions; absent if unknown for some, because one of those may have the maximum. */
  seconds?: number;
}

export function groupLag(group: GroupSnapshot, lagTimes: LagTimes | undefined): GroupLag {
  if (lacksEnds(group)) return {};
  let messages = 0n;
  let seconds: number | undefined = lagTimes === undefined ? undefined : 0;
  let hasCommitted = false;
  for (const lag of group.partitions) {
    if (lag.committed === undefined) continue;
    if (isBeyondEnd(lag)) return {};
    hasCommitted = true;
    if (lag.end === lag.committed) continue;
    messages += distance(lag.committed, lag.end);
    if (seconds === undefined) continue;
    const time = lagTimes?.of(group.name, lag)?.seconds;
    seconds = time === undefined ? undefined : Math.max(seconds, time);
  }
  if (!hasCommitted) return {};
  return { messages: Number(messages), ...(seconds !== undefined && { seconds }) };
}

/** Whether the lag is current: commits of an earlier reading or missing end offsets would make it wrong. */
export const hasAllOffsets = (group: GroupSnapshot): boolean =>
  group.commitsAgeSeconds === undefined && !lacksEnds(group);

/** Returns the lags of all groups of a reading, by which lists are sorted; computed once per reading. */
export function groupLags(snapshot: ClusterSnapshot, lagTimes: LagTimes | undefined): ReadonlyMap<string, GroupLag> {
  const known = computed.get(snapshot);
  if (known !== undefined && known.lagTimes === lagTimes) return known.lags;
  const lags = new Map(snapshot.groups.map((group) => [group.name, groupLag(group, lagTimes)]));
  computed.set(snapshot, { lagTimes, lags });
  return lags;
}

const computed = new WeakMap<
  ClusterSnapshot,
  { lagTimes: LagTimes | undefined; lags: ReadonlyMap<string, GroupLag> }
>();
