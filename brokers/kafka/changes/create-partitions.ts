// Adds partitions to a topic with CreatePartitions. Kafka has no request that removes partitions.

import { createPartitionsV1, createPartitionsV2, createPartitionsV3 } from '../library.ts';
import type { Io } from '../../driver.ts';
import { newestSpoken, type Link } from '../wire/links.ts';
import { brokerWaitMs } from './parts.ts';

export interface MorePartitions {
  topic: string;
  /** Number of partitions afterwards. */
  count: number;
  /** Replicas of each new partition, the preferred leader first. */
  assignments: readonly (readonly number[])[];
}

/** @param validateOnly the controller only checks the request. @throws AppError as the controller answers */
export async function createPartitions(
  link: Link,
  { topic, count, assignments }: MorePartitions,
  { validateOnly }: { validateOnly: boolean },
  io: Io,
): Promise<void> {
  const api = newestSpoken(link, createPartitionsV3.api, createPartitionsV2.api, createPartitionsV1.api);
  const wanted = { name: topic, count, assignments: assignments.map((replicas) => ({ brokerIds: [...replicas] })) };
  await link.ask(`create partitions of topic ${topic}`, io, api, [wanted], brokerWaitMs, validateOnly);
}
