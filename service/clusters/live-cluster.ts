// Combines the last readings of a cluster with the load from the monitoring system if that is newer.

import type { HostInventory } from '../../core/documents/evidence/host-reading.ts';
import { detailsOf } from '../../brokers/reported.ts';
import type { ServedCluster } from '../parts.ts';
import type { LiveCluster } from '../status/cluster-status-of.ts';
import type { KnownBroker } from './broker-presence.ts';
import { liveSettings } from './live-settings.ts';
import { defined } from '../../core/defined.ts';

type Readings = Pick<ServedCluster, 'last' | 'traffic' | 'rateAt' | 'trouble' | 'presence'>;

export function liveOf(
  served: Readings,
  {
    places,
    hosts,
    load,
  }: {
    places: Readonly<Record<string, { host: string }>>;
    hosts: ReadonlyMap<string, HostInventory>;
    /** Load in the monitoring system. */
    load?: LiveCluster['traffic'];
  },
): LiveCluster {
  const last = served.last();
  const isDown = served.trouble()?.isDown === true;
  const { answering, lost } = served.presence();
  const expected = answering.length + lost.length;
  const own = ownTraffic(served.traffic());
  const rateAt = served.rateAt();
  // Own counters cover the last seconds; a rate of the source covers minutes, and continues for minutes into an outage.
  const isLoadNewer = !isDown && load !== undefined && (own === undefined || isLate(own, load));
  const traffic = isLoadNewer ? load : own;
  return {
    isDown,
    ...(expected > 0 && { brokers: { answering: answering.length, expected } }),
    missing: [...lost.map((each) => missingBroker(each, answering)), ...silentNameServers(last?.snapshot)],
    ...defined({ traffic, rateAt }),
    settings: last === undefined ? {} : liveSettings(last.snapshot, lost, places, hosts),
  };
}

/** Readings are made several times a minute. */
const lateMs = 120_000;
const isLate = (own: { at: Date }, load: { at: Date }) => load.at.getTime() - own.at.getTime() > lateMs;

function ownTraffic(traffic: ReturnType<Readings['traffic']>): LiveCluster['traffic'] {
  if (traffic?.produceTps === undefined) return undefined;
  const { at, produceTps, consumeTps, isOld } = traffic;
  const consumed = consumeTps === undefined ? {} : { consumeTps };
  return { produceTps, ...consumed, at, source: 'exporter', ...(isOld && { isOld }) };
}

/** A replica that was elected master takes the id of the lost one, which its address then identifies. */
const missingBroker = ({ id, address = id, lastSeenMs }: KnownBroker, answering: readonly KnownBroker[]) => ({
  part: 'broker' as const,
  id: answering.some((each) => each.id === id) ? address : id,
  ...(lastSeenMs !== undefined && { lastSeenAt: new Date(lastSeenMs).toISOString() }),
});

const silentNameServers = (snapshot: NonNullable<ReturnType<ServedCluster['last']>>['snapshot'] | undefined) =>
  (detailsOf(snapshot).nameServers ?? [])
    .filter(({ reachable }) => !reachable)
    .map(({ address }) => ({ part: 'name-server' as const, id: address }));
