// Reads version, hosts, settings and JVMs of a cluster, which a report compares with a later state.

import { driverOf } from '../../brokers/registry.ts';
import type { ClusterConfig } from '../../brokers/config.ts';
import type { ClusterInspector } from '../../brokers/driver.ts';
import type { Clock } from '../../core/clock.ts';
import type { HostsConfig } from '../../hosts/config.ts';
import { lookAtBrokers } from '../load-test/broker-coverage.ts';
import { readBrokerLimits } from '../load-test/broker-settings.ts';
import { recordedSettings } from '../load-test/recorded-settings.ts';

interface Parts {
  name: string;
  cluster: ClusterConfig;
  hosts: HostsConfig;
  inspector: ClusterInspector;
  stateDirectory: string;
  clock: Clock;
}

export type RecordedCluster = Awaited<ReturnType<typeof readCluster>>['recorded'];

/** Omits hosts that do not respond and settings that cannot be read: the redline measures one broker only. */
export async function readCluster(parts: Parts, io: { signal: AbortSignal }) {
  const { name, cluster, hosts, inspector, stateDirectory, clock } = parts;
  await using lookup = await driverOf(cluster).lookUp(name, cluster, io);
  const [{ brokers: seen, unlisted }, { version }] = await Promise.all([
    lookAtBrokers({ inspector, stated: cluster.brokers, hosts, stateDirectory, clock }, io),
    inspector.describe(io),
  ]);
  const limits = await readBrokerLimits(lookup, seen, io);
  const inventories = seen.flatMap(({ inventory }) => (inventory ? [[inventory.host, inventory] as const] : []));
  const { processes, unread } = limits;
  return {
    recorded: {
      ...(version !== undefined && { brokerVersion: version }),
      /** Hosts of all brokers that responded. */
      hosts: [...new Map(inventories).values()],
      settings: recordedSettings({ processes, notices: unread }, seen),
    },
    seen,
    limits,
    unlisted,
  };
}
