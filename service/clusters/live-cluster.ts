// Combines the last reading of a cluster with the load of the monitoring system where that is newer.

import type { HostInventory } from '../../core/documents/evidence/host-reading.ts';
import type { ServedCluster } from '../parts.ts';
import type { LiveCluster } from '../standing/standing-of.ts';
import { liveSettings } from './live-settings.ts';

export function liveOf(
  served: Pick<ServedCluster, 'last' | 'traffic'>,
  {
    places,
    hosts,
    load,
  }: {
    places: Readonly<Record<string, { host: string }>>;
    hosts: ReadonlyMap<string, HostInventory>;
    /** As the monitoring system has it. */
    load?: LiveCluster['traffic'];
  },
): LiveCluster {
  const last = served.last();
  const own = ownTraffic(served);
  // Own counters are of the last seconds; a rate of the source is of minutes.
  const traffic = own === undefined || (load !== undefined && load.at > own.at && isLate(own, load)) ? load : own;
  return {
    ...(last && { brokers: brokersThatAnswer(last.snapshot) }),
    ...(traffic && { traffic }),
    settings: last === undefined ? {} : liveSettings(last.snapshot, places, hosts),
  };
}

/** Readings come several times a minute. */
const lateMs = 120_000;
const isLate = (own: { at: Date }, load: { at: Date }) => load.at.getTime() - own.at.getTime() > lateMs;

function ownTraffic({ traffic }: Pick<ServedCluster, 'traffic'>): LiveCluster['traffic'] {
  const { at, produceTps, consumeTps } = traffic() ?? {};
  if (at === undefined || produceTps === undefined) return undefined;
  return { produceTps, ...(consumeTps !== undefined && { consumeTps }), at, source: 'exporter' };
}

function brokersThatAnswer({ cluster, sections }: NonNullable<ReturnType<ServedCluster['last']>>['snapshot']): number {
  return cluster.brokers.filter(({ id }) => {
    const own = sections.filter(({ broker }) => broker === id);
    return own.length === 0 || own.some(({ kind }) => kind === 'fresh');
  }).length;
}
