// Defines the topics, messages and commits that a lab is seeded with, identical each time.

export interface SeedTopic {
  name: string;
  partitions: number;
  messagesPerPartition: number;
}

/** State of a group, as in the result and in docs/how-to/seed-a-lab.md. */
export type GroupState =
  | 'caught-up'
  | 'lagging'
  | 'partly-committed'
  | 'nothing-to-read'
  | 'lost-to-retention'
  | 'retrying'
  | 'giving-up'
  | 'broadcasting';

interface SeedGroup {
  name: string;
  state: GroupState;
  topics: readonly SeedTopic[];
  /** Returns the consumed share of a partition's messages; undefined if the group never committed. */
  consumed(partition: number): number | undefined;
}

const orders: SeedTopic = { name: 'seed-orders', partitions: 4, messagesPerPartition: 250 };
const payments: SeedTopic = { name: 'seed-payments', partitions: 2, messagesPerPartition: 100 };
const idle: SeedTopic = { name: 'seed-idle', partitions: 2, messagesPerPartition: 0 };

export const seedTopics: readonly SeedTopic[] = [orders, payments, idle];

export const seedGroups: readonly SeedGroup[] = [
  { name: 'seed-shipping', state: 'caught-up', topics: [orders, payments], consumed: () => 1 },
  { name: 'seed-billing', state: 'lagging', topics: [orders, payments], consumed: (partition) => 0.8 - partition / 5 },
  {
    name: 'seed-audit',
    state: 'partly-committed',
    topics: [orders],
    consumed: (partition) => (partition === 0 ? 1 : undefined),
  },
  { name: 'seed-archive', state: 'nothing-to-read', topics: [idle], consumed: () => 1 },
];

/** About 200 bytes that contain their topic, partition and index. */
export function seedValue(topic: string, partition: number, index: number): Buffer {
  return Buffer.from(JSON.stringify({ topic, partition, index, filling: 'x'.repeat(140) }));
}

/** Commits of a group in a topic, by partition. */
export function commitsOf(
  { consumed }: SeedGroup,
  { partitions, messagesPerPartition }: SeedTopic,
): Map<number, bigint> {
  const commits = new Map<number, bigint>();
  for (let partition = 0; partition < partitions; partition++) {
    const share = consumed(partition);
    if (share !== undefined) commits.set(partition, BigInt(Math.round(messagesPerPartition * share)));
  }
  return commits;
}
