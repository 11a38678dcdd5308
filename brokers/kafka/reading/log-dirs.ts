// Reads log sizes and free disk space of a broker with DescribeLogDirs.

import type { Io } from '../../driver.ts';
import type { LogDirectory, TopicSize } from '../details.ts';
import { kafkaErrorNamed } from '../error-names.ts';
import type { Link } from '../wire/links.ts';
import { describeLogDirs } from './describe-log-dirs.ts';

interface LogDirs {
  directories: readonly LogDirectory[];
  sizes: readonly TopicSize[];
}

/** @throws AppError as the broker refuses the request as a whole */
export async function readLogDirs(link: Link, broker: string, io: Io): Promise<LogDirs> {
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
    directories: results.map(({ logDir, errorCode, totalBytes, usableBytes }): LogDirectory => {
      const error = kafkaErrorNamed(errorCode);
      return {
        broker,
        path: logDir,
        // Unknown is -1, or 0 from the client where the request has no such field.
        ...(totalBytes > 0n && { totalBytes, usableBytes }),
        ...(error !== undefined && { error }),
      };
    }),
    sizes: [...sizes.values()],
  };
}
