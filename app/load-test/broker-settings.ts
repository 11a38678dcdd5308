// Reads the limits in the brokers' own settings: log directories, message size, in-sync replicas, connections, threads.

import type { ClusterLookup, ProcessSettings } from '../../brokers/lookup.ts';
import type { ConfiguredLimits } from '../../core/documents/evidence/configured-limits.ts';
import { storesOf } from '../../brokers/stores.ts';
import type { BrokerCoverage } from '../../loadgen/guard/readiness.ts';

export type BrokerLimits = Awaited<ReturnType<typeof readBrokerLimits>>;

/** Settings of Kafka, then of RocketMQ. */
const ownLimits = {
  maxConnections: ['max.connections'],
  maxConnectionsPerIp: ['max.connections.per.ip'],
  requestHandlers: ['num.io.threads'],
  networkThreads: ['num.network.threads', 'serverSelectorThreads'],
  sendThreads: ['sendMessageThreadPoolNums'],
} as const satisfies Record<Exclude<keyof ConfiguredLimits['brokers'][number], 'id'>, readonly string[]>;

/** @param seen with the JVM options that precede settings */
export async function readBrokerLimits(
  lookup: ClusterLookup,
  seen: readonly Pick<BrokerCoverage, 'broker' | 'jvm'>[],
  io: { signal: AbortSignal },
) {
  const flagsOf = (id: string) => seen.find(({ broker }) => broker === id)?.jvm?.flags;
  const { processes, notices, unread: reasons } = await lookup.settings(io);
  const brokers = processes.filter((process) => process.of === 'broker');
  const sizes = numbers(brokers, ['message.max.bytes', 'maxMessageSize']);
  const replicas = numbers(brokers, ['min.insync.replicas']);
  return {
    stores: brokers.flatMap(({ id, values }) =>
      storesOf(values, flagsOf(id)).map((store) => ({ broker: id, ...store })),
    ),
    /** Connections and threads by broker. */
    brokers: brokers.map(limitsOf),
    /** Why the settings of a broker could not be read. */
    unread: notices,
    /** The same by broker. */
    reasons,
    /** Settings of every broker that responded. */
    processes: brokers,
    /** Message size that every broker accepts; absent if unknown. */
    ...(sizes.length > 0 && { mostMessageBytes: Math.min(...sizes) }),
    /** Largest default of any broker; a topic may override it. */
    ...(replicas.length > 0 && { minInSyncReplicas: Math.max(...replicas) }),
  };
}

function limitsOf({ id, values }: ProcessSettings): ConfiguredLimits['brokers'][number] {
  const found = Object.entries(ownLimits).flatMap(([limit, settings]) => {
    const value = settings.map((setting) => Number(values.get(setting))).find((each) => each > 0);
    return value === undefined ? [] : [[limit, value] as const];
  });
  return { id, ...Object.fromEntries(found) };
}

const numbers = (brokers: readonly ProcessSettings[], names: readonly string[]) =>
  brokers.flatMap(({ values }) =>
    names.flatMap((name) => {
      const value = Number(values.get(name) ?? Number.NaN);
      return Number.isFinite(value) ? [value] : [];
    }),
  );
