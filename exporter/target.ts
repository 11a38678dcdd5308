// What is read for one cluster or host, and which collectors answer from it?

import type { ClusterInspector } from '../brokers/driver.ts';
import type { ClusterSnapshot } from '../brokers/snapshot.ts';
import type { BrokerKind } from '../core/cluster.ts';
import type { HostInventory, HostReading } from '../core/host-reading.ts';
import type { HostProbe } from '../hosts/probe.ts';
import type { ClusterCollector, Collection, Collector, HostCollector, Measurement } from './collector.ts';
import type { Definitions } from './exposition/families.ts';
import { shareReading } from './shared-reading.ts';

export interface Target<Context> {
  label: 'cluster' | 'host';
  name: string;
  read(io: { signal: AbortSignal }): Promise<Context>;
  collectors: readonly { name: string; metrics: Definitions; collect(context: Context): Collection }[];
  /** What there is to say of the reading itself, in metrics of our own. */
  measure(context: Context): readonly Measurement[];
  /** Parts that could not be read while the rest was. */
  failures(context: Context): readonly { part: string; message: string }[];
}

export type CollectorRegistry = Readonly<Record<string, Collector>>;

export function clusterTarget(
  name: string,
  kind: BrokerKind,
  inspector: ClusterInspector,
  registry: CollectorRegistry,
): Target<{ snapshot: ClusterSnapshot }> {
  const read = shareReading((io) => inspector.snapshot(io));
  return {
    label: 'cluster',
    name,
    read: async (io) => ({ snapshot: await read(io) }),
    collectors: Object.entries(registry)
      .filter((entry): entry is [string, ClusterCollector] => entry[1].of === 'cluster' || entry[1].of === kind)
      .map(([name, collector]) => ({ name, ...collector })),
    measure: ({ snapshot }) => [
      { metric: 'plimsoll_cluster_unread_parts', labels: [], value: unread(snapshot).length },
    ],
    failures: ({ snapshot }) =>
      unread(snapshot).map(({ section, reason }) => ({ part: section, message: reason ?? '' })),
  };
}

export function hostTarget(
  name: string,
  probe: HostProbe,
  registry: CollectorRegistry,
): Target<{ reading: HostReading; inventory: HostInventory }> {
  const sample = shareReading((io) => probe.sample(io));
  const describe = shareReading((io) => probe.describe(io));
  return {
    label: 'host',
    name,
    async read(io) {
      // A machine that cannot be described still has its counters.
      const inventory = describe(io).catch((): HostInventory => ({ host: name }));
      return { reading: await sample(io), inventory: await inventory };
    },
    collectors: Object.entries(registry)
      .filter((entry): entry is [string, HostCollector] => entry[1].of === 'host')
      .map(([name, collector]) => ({ name, ...collector })),
    measure: () => [],
    failures: () => [],
  };
}

const unread = ({ sections }: ClusterSnapshot) => sections.filter(({ kind }) => kind === 'missing' || kind === 'kept');
