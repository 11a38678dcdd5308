// Reads what the brokers' own settings limit: where messages are stored, their size, replicas in sync, connections, threads.

import type { ClusterLookup, ProcessSettings } from '../../brokers/lookup.ts';
import type { ConfiguredLimits } from '../../core/documents/evidence/configured-limits.ts';
import { storesOf } from '../../brokers/stores.ts';

export type BrokerLimits = Awaited<ReturnType<typeof readBrokerLimits>>;

/** Settings of Kafka, then of RocketMQ. */
const ownLimits = {
  maxConnections: ['max.connections'],
  maxConnectionsPerIp: ['max.connections.per.ip'],
  requestHandlers: ['num.io.threads'],
  networkThreads: ['num.network.threads', 'serverSelectorThreads'],
  sendThreads: ['sendMessageThreadPoolNums'],
} as const satisfies Record<Exclude<keyof ConfiguredLimits['brokers'][number], 'id'>, readonly string[]>;

export async function readBrokerLimits(lookup: ClusterLookup, io: { signal: AbortSignal }) {
  const { processes, notices } = await lookup.settings(io);
  const brokers = processes.filter((process) => process.of === 'broker');
  const sizes = numbers(brokers, ['message.max.bytes', 'maxMessageSize']);
  const replicas = numbers(brokers, ['min.insync.replicas']);
  return {
    /** Folders that messages are stored in. */
    stores: brokers.flatMap(({ id, values }) => storesOf(values).map((path) => ({ broker: id, path }))),
    /** Connections and threads of each broker. */
    brokers: brokers.map(limitsOf),
    /** Why the settings of a broker could not be read. */
    unread: notices,
    /** Of every broker that answered. */
    processes: brokers,
    /** What every broker accepts; absent when unknown. */
    ...(sizes.length > 0 && { mostMessageBytes: Math.min(...sizes) }),
    /** The most that any broker requires by default; a topic may require another number. */
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
