// Reads log sizes and free disk space of a broker with DescribeLogDirs.

import { describeLogDirsV1, describeLogDirsV4 } from '@platformatic/kafka';
import { AppError } from '../../../core/errors.ts';
import type { Io } from '../../driver.ts';
import type { LogDirectory, TopicSize } from '../details.ts';
import { kafkaErrorNamed } from '../errors.ts';
import { refusalOf } from '../needed-permission.ts';
import { newestSpoken, type Link } from '../wire/links.ts';

interface LogDirs {
  directories: readonly LogDirectory[];
  sizes: readonly TopicSize[];
}

/** @throws AppError as the broker refuses the request as a whole */
export async function readLogDirs(link: Link, broker: string, io: Io): Promise<LogDirs> {
  const api = newestSpoken(link, 'DescribeLogDirs', [
    [4, describeLogDirsV4.api],
    [1, describeLogDirsV1.api],
  ]);
  const action = 'describe the log directories';
  const { results, errorCode: refused } = await link.askForParts(action, io, api, null);
  const refusal = refusalOf(refused, 'DescribeLogDirs');
  if (refusal !== undefined) throw new AppError('broker-refused', `cannot ${action} on ${link.address}: ${refusal}`);
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
