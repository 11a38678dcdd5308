// Reads log sizes and free disk space of a broker with DescribeLogDirs.

import type { Io } from '../../driver.ts';
import { kafkaErrorNamed } from '../error-names.ts';
import type { Link } from '../wire/links.ts';
import { describeLogDirs } from './describe-log-dirs.ts';

/** What the replicas of one topic take on one broker. */
export interface TopicSize {
  broker: string;
  topic: string;
  bytes: bigint;
  /** Bytes of replicas being moved here. */
  futureBytes: bigint;
}

export type LogDirectory = Awaited<ReturnType<typeof readLogDirs>>['directories'][number];

/** @throws AppError as the broker refuses the request as a whole */
export async function readLogDirs(link: Link, broker: string, io: Io) {
  const results = await describeLogDirs(link, io);
  const sizes = new Map<string, TopicSize>();
  for (const { name, partitions } of results.flatMap(({ topics }) => topics)) {
    // A topic may lie in several directories.
    const size = sizes.get(name) ?? { broker, topic: name, bytes: 0n, futureBytes: 0n };
    sizes.set(name, size);
    for (const { partitionSize, isFutureKey } of partitions) {
      size[isFutureKey ? 'futureBytes' : 'bytes'] += partitionSize;
    }
  }
  return {
    directories: results.map(({ logDir, errorCode, totalBytes, usableBytes }) => {
      const error = kafkaErrorNamed(errorCode);
      return {
        broker,
        path: logDir,
        // Of the file system it lies on; before DescribeLogDirs 4 (Kafka 3.3) 0, and unknown is -1.
        ...(totalBytes > 0n && { totalBytes, usableBytes }),
        // The broker's own error name, when the directory is offline.
        ...(error !== undefined && { error }),
      };
    }),
    sizes: [...sizes.values()],
  };
}
