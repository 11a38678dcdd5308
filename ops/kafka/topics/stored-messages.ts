// Counts the messages stored in a Kafka topic, and waits until a deleted topic is gone.

import type { Io } from '../../../brokers/driver.ts';
import type { KafkaAdministration } from '../../../brokers/kafka/changes/kafka-administration.ts';
import { type Clock, seconds } from '../../../core/clock.ts';
import type { Topic } from '../../../core/cluster.ts';
import { untilApplied } from '../../change/until-applied.ts';

/** Codes of ListOffsets in place of a time. */
const [latest, earliest] = [-1, -2];

export interface StoredTopic {
  /** The topic as listed by the cluster. */
  topic: Topic;
  /** First stored offset, by partition. */
  starts: ReadonlyMap<number, bigint>;
  /** Offset of the next message, by partition; a partition without a leader is missing. */
  ends: ReadonlyMap<number, bigint>;
  /** Upper bound: compaction, transactions and deleted records leave gaps. */
  messages: bigint;
  /** Partitions whose first or last offset could not be read. */
  unread: readonly number[];
}

/** @returns undefined if the cluster has no such topic. @throws AppError of a broker */
export async function storedIn(
  admin: Pick<KafkaAdministration, 'describe' | 'offsetsAt'>,
  topic: string,
  io: Io,
): Promise<StoredTopic | undefined> {
  const known = (await admin.describe(io)).topics.find(({ name }) => name === topic);
  if (known === undefined) return undefined;
  const offsetsAt = async (at: number) =>
    new Map(
      (await admin.offsetsAt(known.partitions, at, io)).flatMap(({ partition, offset }) =>
        offset === undefined ? [] : [[partition, offset] as const],
      ),
    );
  const [starts, ends] = [await offsetsAt(earliest), await offsetsAt(latest)];
  const messages = [...ends].reduce((sum, [partition, end]) => sum + end - (starts.get(partition) ?? end), 0n);
  const unread = known.partitions
    .map(({ partition }) => partition)
    .filter((each) => !(starts.has(each) && ends.has(each)));
  return { topic: known, starts, ends, messages, unread };
}

const deletion = {
  patience: seconds(30),
  hint: 'see the log of the controller; a broker that is down deletes its replicas when it is back',
};

/**
 * A new topic with the same name and another id is ignored. @throws AppError broker-refused if a broker still lists the
 * deleted one
 */
export const awaitDeleted = (
  admin: Pick<KafkaAdministration, 'describe'>,
  { name, id }: Pick<Topic, 'name' | 'id'>,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<void> =>
  untilApplied({ clock, ...deletion }, { signal }, async () => {
    const { topics } = await admin.describe({ signal });
    const listed = topics.find((each) => each.name === name);
    const isOther = id !== undefined && listed?.id !== undefined && listed.id !== id;
    return listed === undefined || isOther ? undefined : `topic ${name} is deleted, but still listed`;
  });
