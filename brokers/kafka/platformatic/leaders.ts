// Caches the partition leaders of each topic until a broker denies leadership or disconnects.

import { AppError } from '../../../core/errors.ts';
import type { Io } from '../../driver.ts';
import type { Connections } from '../wire/connections.ts';
import { readMetadata } from '../wire/metadata.ts';

export type Leaders = ReturnType<typeof createLeaders>;

/** Errors after which the leader must be read again. */
export const movedErrors: ReadonlySet<string> = new Set([
  'NOT_LEADER_OR_FOLLOWER',
  'LEADER_NOT_AVAILABLE',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'KAFKA_STORAGE_ERROR',
  'REPLICA_NOT_AVAILABLE',
]);

export function createLeaders(connections: Connections) {
  const known = new Map<string, Promise<readonly (string | undefined)[]>>();

  async function read(topic: string, io: Io): Promise<readonly (string | undefined)[]> {
    const { connection, address } = await connections.bootstrap(io);
    const { brokers, topics } = await readMetadata(connection, address, io, [topic]);
    const found = topics.find(({ name }) => name === topic);
    if (found === undefined)
      throw new AppError('broker-refused', `cannot use topic ${topic}: the cluster has no such topic`, {
        hint: '`plimsoll get topics` lists the topics',
      });
    const addresses = new Map(brokers.map((broker) => [broker.id, broker.address]));
    return found.partitions.map(({ leader }) => (leader === undefined ? undefined : addresses.get(leader)));
  }

  return {
    /** Leader address by partition number; undefined for partitions without a leader. */
    of(topic: string, io: Io) {
      const pending = known.get(topic) ?? read(topic, io);
      known.set(topic, pending);
      pending.catch(() => known.delete(topic));
      return pending;
    },
    forget: (topic: string): void => void known.delete(topic),
  };
}
