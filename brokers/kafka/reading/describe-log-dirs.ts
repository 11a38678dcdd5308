// Reads a broker's log directories and their replicas.

import { createAPI, describeLogDirsV1, describeLogDirsV4, type Reader } from '../library.ts';
import { AppError } from '../../../core/errors.ts';
import type { Io } from '../../driver.ts';
import { refusalOf } from '../errors.ts';
import { readItems } from '../wire/items.ts';
import { newestSpoken, speaks, type Link } from '../wire/links.ts';

/*
 * Response v5 (Kafka 4.3, KIP-1066), which @platformatic/kafka lacks:
 *   throttle_time_ms int32, error_code int16,
 *   results [error_code int16, log_dir compact string,
 *     topics [name compact string,
 *       partitions [index int32, size int64, offset_lag int64, is_future_key bool, tags], tags],
 *     total_bytes int64, usable_bytes int64, is_cordoned bool, tags], tags
 */

const describeLogDirsV5 = createAPI(
  35,
  5,
  describeLogDirsV4.createRequest,
  (_correlationId: number, _api: number, _version: number, reader: Reader) => {
    reader.readInt32();
    return { errorCode: reader.readInt16(), results: readItems(reader, logDirIn) };
  },
);

const logDirIn = (reader: Reader) => ({
  errorCode: reader.readInt16(),
  logDir: reader.readString(),
  topics: readItems(reader, topicIn),
  totalBytes: reader.readInt64(),
  usableBytes: reader.readInt64(),
  isCordoned: reader.readBoolean(),
});

const topicIn = (reader: Reader) => ({
  name: reader.readString(),
  partitions: readItems(reader, () => ({
    partitionIndex: reader.readInt32(),
    partitionSize: reader.readInt64(),
    offsetLag: reader.readInt64(),
    isFutureKey: reader.readBoolean(),
  })),
});

/**
 * @param topics default: all, for which the broker adds up the sizes of all its segments
 * @returns isCordoned only since Kafka 4.3
 * @throws AppError when the broker refuses the whole request
 */
export async function describeLogDirs(
  link: Link,
  io: Io,
  topics: [] | null = null,
): Promise<readonly (Omit<ReturnType<typeof logDirIn>, 'isCordoned'> & { isCordoned?: boolean })[]> {
  const action = 'describe the log directories';
  const { results, errorCode } = speaks(link.ranges, 'DescribeLogDirs', describeLogDirsV5.version)
    ? await link.askForParts(action, io, describeLogDirsV5, topics)
    : await link.askForParts(action, io, newestSpoken(link, describeLogDirsV4.api, describeLogDirsV1.api), topics);
  const refusal = refusalOf(errorCode, 'DescribeLogDirs');
  if (refusal !== undefined) throw new AppError('broker-refused', `cannot ${action} on ${link.address}: ${refusal}`);
  return results;
}
