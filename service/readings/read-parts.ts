// Selects the figures of a cluster reading to store; figures not in the reading are absent.

import type { ClusterTraffic } from '../clusters/traffic.ts';
import type { PartReading } from './figures.ts';
import { internalsReading } from '../../brokers/kafka/figures/internals-reading.ts';
import { detailsOf, reportedBy } from '../../brokers/reported.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import type { LagTimes } from '../../exporter/lag/lag-times.ts';
import { groupLag, hasAllOffsets } from '../clusters/group-lag.ts';
import { defined } from '../../core/defined.ts';

export function ratesOf({ produceTps, consumeTps, brokers, topics }: ClusterTraffic): {
  cluster: PartReading<'cluster'>[];
  broker: PartReading<'broker'>[];
  topic: PartReading<'topic'>[];
} {
  return {
    cluster: [{ of: 'cluster', name: '', values: defined({ produceTps, consumeTps }) }],
    broker: Array.from(brokers, ([name, rates]) => ({
      of: 'broker',
      name,
      values: defined({ produceTps: rates.produceTps }),
    })),
    topic: Array.from(topics, ([name, { produceTps: put, consumeTps: got }]) => ({
      of: 'topic',
      name,
      values: defined({ produceTps: put, consumeTps: got }),
      weight: (put ?? 0) + (got ?? 0),
    })),
  };
}

/** Makes a group that consumes a million messages a minute as important as one with a lag of a million. */
const weightSeconds = 60;

/** @param traffic absent if the rate since the previous reading is unknown */
export function groupReadings(
  { groups }: ClusterSnapshot,
  lagTimes: LagTimes | undefined,
  traffic: ClusterTraffic | undefined,
): PartReading<'group'>[] {
  return groups
    .filter(({ kind }) => kind !== 'broadcasting')
    .map((group): PartReading<'group'> => {
      const lag: { messages?: number; seconds?: number } = hasAllOffsets(group) ? groupLag(group, lagTimes) : {};
      const consumeTps = traffic?.groups.get(group.name)?.consumeTps;
      return {
        of: 'group',
        name: group.name,
        values: defined({ lagMessages: lag.messages, lagSeconds: lag.seconds, consumeTps }),
        weight: (lag.messages ?? 0) + weightSeconds * (consumeTps ?? 0),
      };
    })
    .filter(({ values }) => Object.keys(values).length > 0);
}

/**
 * Returns figures that brokers report: the use of their fullest log file system, and on Kafka the heap after the last
 * collection.
 */
export function ownFigures(snapshot: ClusterSnapshot): PartReading<'broker'>[] {
  const disks = snapshot.cluster.brokers.flatMap(({ id: name }) => {
    const { diskUsedRatio: diskSpaceRatio } = reportedBy(snapshot).broker(snapshot, name);
    return diskSpaceRatio === undefined ? [] : { of: 'broker' as const, name, values: { diskSpaceRatio } };
  });
  const heaps = (detailsOf(snapshot).internals ?? []).flatMap((internals) => {
    // The heap needs no time of the reading.
    const { heapUsedRatio: heapRatio } = internalsReading(internals, 0).figures;
    return heapRatio === undefined ? [] : { of: 'broker' as const, name: internals.broker, values: { heapRatio } };
  });
  return [...disks, ...heaps];
}
