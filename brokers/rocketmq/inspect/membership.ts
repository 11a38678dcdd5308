// Derives brokers and roles from the lists of the name servers, and finds differences between the lists.

import type { Disagreement, NameServer, RocketmqBroker } from '../details.ts';
import type { ListedBroker } from '../protocol/name-server-requests.ts';
import { differing } from './disagreements.ts';
import { type Clock, seconds } from '../../../core/clock.ts';

export type Member = Pick<RocketmqBroker, 'id' | 'brokerName' | 'brokerId' | 'address'>;

/** `listed` is absent for a name server that did not answer. */
export interface NameServerReading {
  address: string;
  isFresh: boolean;
  listed?: readonly ListedBroker[];
}

export interface Membership {
  /** Members by broker name, in the order of ids: the master, or the slave that acts as master, is first. */
  byName: ReadonlyMap<string, readonly Member[]>;
  members: readonly Member[];
  /** Cluster by broker name. */
  clusterOf: ReadonlyMap<string, string>;
  clusters: readonly string[];
  /** Names of clusters and brokers; a topic with each of these names exists. */
  names: ReadonlySet<string>;
}

/**
 * A broker exists if any name server lists it: a server that lags behind must not hide a broker. The last list of a
 * silent server counts only for broker names that no answering server lists, because the others may have changed.
 */
export function membershipOf(readings: readonly NameServerReading[]): Membership {
  const listedBy = (isFresh: boolean) =>
    readings.flatMap((reading) => (reading.isFresh === isFresh ? (reading.listed ?? []) : []));
  const fresh = listedBy(true);
  const freshNames = new Set(fresh.map(({ brokerName }) => brokerName));
  const listed = [...fresh, ...listedBy(false).filter(({ brokerName }) => !freshNames.has(brokerName))];
  const byName = new Map<string, readonly Member[]>();
  for (const [brokerName, entries] of Map.groupBy(listed, (entry) => entry.brokerName)) {
    // If two servers list different addresses for an id, the one named first in config counts.
    const addresses = new Map(entries.toReversed().flatMap((entry) => [...entry.addresses]));
    const ids = [...addresses.keys()].sort((one, other) => one - other);
    byName.set(
      brokerName,
      ids.map((brokerId) => ({
        id: `${brokerName}:${brokerId}`,
        brokerName,
        brokerId,
        address: addresses.get(brokerId) ?? '',
      })),
    );
  }
  const clusters = [...new Set(listed.map(({ cluster }) => cluster))].sort();
  return {
    byName,
    members: [...byName.values()].flat(),
    clusterOf: new Map(listed.toReversed().map(({ brokerName, cluster }) => [brokerName, cluster])),
    clusters,
    names: new Set([...clusters, ...byName.keys()]),
  };
}

/** Groups rows by cluster, because clusters behind the same name servers differ by design. */
export function byCluster<Row>(
  clusterOf: Membership['clusterOf'],
  rows: readonly Row[],
  brokerNameOf: (row: Row) => string,
): Row[][] {
  return [...Map.groupBy(rows, (row) => clusterOf.get(brokerNameOf(row))).values()];
}

export function nameServersOf(readings: readonly NameServerReading[]): NameServer[] {
  return readings.map(({ address, isFresh, listed }) => ({
    address,
    reachable: isFresh,
    ...(isFresh && listed !== undefined && { brokers: idsOf(listed) }),
  }));
}

/** Returns brokers that only some name servers list, or that they list with different addresses. */
export function brokerDisagreements(readings: readonly NameServerReading[]): Disagreement[] {
  const answers = readings.filter(({ isFresh }) => isFresh);
  const tables = answers.map(({ address, listed = [] }) => ({
    address,
    brokers: new Map(
      listed.flatMap(({ brokerName, addresses }) =>
        [...addresses].map(([id, where]) => [`${brokerName}:${id}`, where] as const),
      ),
    ),
  }));
  const ids = new Set(tables.flatMap(({ brokers }) => [...brokers.keys()]));
  return [...ids].sort().flatMap((id) => {
    const sides = tables.map(({ address, brokers }) => [address, brokers.get(id) ?? 'not listed'] as const);
    return differing('name-server-brokers', id, sides);
  });
}

/** Broker id 0 is the master. In 5.x, a slave may act for an absent master, and then runs its services. */
export function roleOf(
  { brokerId }: Member,
  siblings: readonly Member[],
  runtime: ReadonlyMap<string, string> | undefined,
): RocketmqBroker['role'] {
  if (brokerId === 0) return 'master';
  const hasMaster = siblings.some((sibling) => sibling.brokerId === 0);
  return !hasMaster && runtime?.get('brokerActive') === 'true' ? 'acting-master' : 'slave';
}

const idsOf = (listed: readonly ListedBroker[]) =>
  listed.flatMap(({ brokerName, addresses }) => [...addresses.keys()].map((id) => `${brokerName}:${id}`)).sort();

/** Brokers register every 30 s (registerNameServerPeriod); one that stopped meanwhile stays listed for this time. */
const registeredWithin = seconds(35);

/** Keeps the brokers that a name server listed before its restart until they have registered again. */
export function createRegistrations(clock: Clock) {
  const known = new Map<string, { listed: readonly ListedBroker[]; restartedAt?: number }>();
  const restarted = (server: string) => {
    const before = known.get(server);
    if (before !== undefined) known.set(server, { ...before, restartedAt: clock.monotonic() });
  };
  return {
    /** Call when the name server refuses connections. */
    down: restarted,
    /** @returns what the name server lists now, and after its restart also what it listed before */
    up(server: string, listed: readonly ListedBroker[]): readonly ListedBroker[] {
      if (listed.length === 0 && known.get(server)?.restartedAt === undefined) restarted(server);
      const { listed: before = [], restartedAt } = known.get(server) ?? {};
      if (restartedAt !== undefined && clock.monotonic() - restartedAt < registeredWithin)
        return joined(before, listed);
      known.set(server, { listed });
      return listed;
    },
  };
}

function joined(before: readonly ListedBroker[], now: readonly ListedBroker[]): ListedBroker[] {
  const addresses = new Set(now.flatMap((group) => [...group.addresses.values()]));
  const names = new Set([...now, ...before].map(({ brokerName }) => brokerName));
  return [...names].flatMap((name) => {
    const [group, former] = [now, before].map((all) => all.find(({ brokerName }) => brokerName === name));
    const kept = [...(former?.addresses ?? [])].filter(([, address]) => !addresses.has(address));
    const either = group ?? former;
    return either === undefined ? [] : { ...either, addresses: new Map([...kept, ...(group?.addresses ?? [])]) };
  });
}
