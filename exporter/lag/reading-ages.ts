// How old are the offsets a lag is made from? As the sections of the snapshot tell, by the broker that leads the partition.

import type { ConsumerLag } from '../../core/cluster.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';

export interface ReadingAges {
  /** Seconds, of the oldest commits there are: which broker has which group's is not told. */
  ofCommits: number;
  /** Seconds since the end of the partition was read. */
  ofEnd(lag: ConsumerLag): number;
}

export function readingAges({ sections, topics }: ClusterSnapshot): ReadingAges {
  let ofCommits = 0;
  let ofAllEnds = 0;
  const ofEnds = new Map<string, number>();
  for (const { section, broker, ageSeconds = 0 } of sections) {
    if (ageSeconds === 0) continue;
    if (section === 'commits') ofCommits = Math.max(ofCommits, ageSeconds);
    if (section !== 'offsets') continue;
    if (broker === undefined) ofAllEnds = Math.max(ofAllEnds, ageSeconds);
    else ofEnds.set(broker, ageSeconds);
  }
  if (ofEnds.size === 0) return { ofCommits, ofEnd: () => ofAllEnds };

  const leaders = new Map<string, string>();
  const keyOf = ({ topic, brokerName = '', partition }: { topic: string; brokerName?: string; partition: number }) =>
    `${topic} ${brokerName} ${partition}`;
  for (const { partitions } of topics) {
    for (const partition of partitions) {
      if (partition.leader !== undefined) leaders.set(keyOf(partition), partition.leader);
    }
  }
  return { ofCommits, ofEnd: (lag) => Math.max(ofAllEnds, ofEnds.get(leaders.get(keyOf(lag)) ?? '') ?? 0) };
}
