// Counts the messages that a Kafka topic stores, and waits until a deleted topic is gone.

import type { Io } from '../../../brokers/driver.ts';
import type { KafkaAdministration } from '../../../brokers/kafka/changes/kafka-administration.ts';
import type { Clock } from '../../../core/clock.ts';
import type { Topic } from '../../../core/cluster.ts';
import { seconds } from '../../../core/units.ts';
import { untilApplied } from '../../change/until-applied.ts';

/** As ListOffsets words them in the place of a time. */
const [latest, earliest] = [-1, -2];

export interface StoredTopic {
  /** As the cluster lists it. */
  topic: Topic;
  /** First stored offset, by partition. */
  starts: ReadonlyMap<number, bigint>;
  /** Offset of the next message, by partition; a partition without a leader is missing. */
  ends: ReadonlyMap<number, bigint>;
  /** At most: compaction, transactions and deleted records leave gaps. */
  messages: bigint;
  /** Partitions whose first or last offset could not be read. */
  unread: readonly number[];
}

/** @returns undefined where the cluster has no such topic. @throws AppError as a broker answers */
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

/** Another topic of its name, with another id, may be there. @throws AppError broker-refused when a broker still shows it */
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
