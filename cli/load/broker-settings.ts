// What do the brokers' own settings bound? Where each stores messages, the largest message, and replicas that must be in sync.

import type { ClusterLookup, ProcessSettings } from '../../brokers/lookup.ts';
import { storesOf } from '../../brokers/stores.ts';

export interface BrokerLimits {
  /** Folders that messages are stored in, by broker id. */
  stores: readonly { broker: string; path: string }[];
  /** What every broker takes, bytes; absent when none tells. */
  mostMessageBytes?: number;
  /** The most any broker asks for by default; a topic may ask for another number. */
  minInSyncReplicas?: number;
}

export async function readBrokerLimits(lookup: ClusterLookup, io: { signal: AbortSignal }): Promise<BrokerLimits> {
  const { processes } = await lookup.settings(io);
  const brokers = processes.filter((process) => process.of === 'broker');
  const sizes = numbers(brokers, ['message.max.bytes', 'maxMessageSize']);
  const replicas = numbers(brokers, ['min.insync.replicas']);
  return {
    stores: brokers.flatMap(({ id, values }) => storesOf(values).map((path) => ({ broker: id, path }))),
    ...(sizes.length > 0 && { mostMessageBytes: Math.min(...sizes) }),
    ...(replicas.length > 0 && { minInSyncReplicas: Math.max(...replicas) }),
  };
}

const numbers = (brokers: readonly ProcessSettings[], names: readonly string[]) =>
  brokers.flatMap(({ values }) =>
    names.flatMap((name) => {
      const value = Number(values.get(name) ?? Number.NaN);
      return Number.isFinite(value) ? [value] : [];
    }),
  );
