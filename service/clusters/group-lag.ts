// Computes the lag of a consumer group over its partitions, in messages and in seconds.

import type { ClusterSnapshot, GroupSnapshot } from '../../brokers/snapshot.ts';
import { distance, lacksEnds } from '../../core/consumer-lag.ts';
import type { LagTimes } from '../../exporter/lag/lag-times.ts';

interface GroupLag {
  /** Sum of all partitions; absent where the group never committed, and where the end of a partition was not read. */
  messages?: number;
  /** The highest of all partitions; absent while that of a part is unknown, which may be the highest. */
  seconds?: number;
}

export function groupLag(group: GroupSnapshot, lagTimes: LagTimes | undefined): GroupLag {
  if (lacksEnds(group)) return {};
  let messages = 0n;
  let seconds: number | undefined = lagTimes !== undefined && hasAllOffsets(group) ? 0 : undefined;
  let hasCommitted = false;
  for (const lag of group.partitions) {
    if (lag.committed === undefined) continue;
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

/** Commits of an earlier reading, or ends that are missing, give a lag that is not that of now. */
export const hasAllOffsets = (group: GroupSnapshot): boolean =>
  group.commitsAgeSeconds === undefined && !lacksEnds(group);

/** Of all groups of a reading: what lists are sorted by, computed once for each reading. */
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
