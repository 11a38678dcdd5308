// Reads the size of each replica on a broker, and the broker's disks, with DescribeLogDirs.

import type { Io } from '../../driver.ts';
import { kafkaErrorNamed } from '../errors.ts';
import type { Link } from '../wire/links.ts';
import type { PartitionName } from './parts.ts';
import { describeLogDirs } from '../reading/describe-log-dirs.ts';

export interface ReplicaSize extends PartitionName {
  broker: number;
  bytes: number;
}

interface BrokerDisk {
  broker: number;
  /**
   * Usable bytes of all log directories; absent before DescribeLogDirs 4 (Kafka 3.3). Brokers do not report which
   * directories share a file system: `most` assumes one for each directory, `least` a single one for directories with
   * similar figures.
   */
  usableBytes?: { most: number; least: number };
  /** Absent like `usableBytes`. */
  directories?: readonly LogDirectory[];
}

export interface LogDirectory {
  usableBytes: number;
  partitions: number;
}

export interface BrokerSizes {
  disk: BrokerDisk;
  replicas: readonly ReplicaSize[];
  /** Offline log directories, with the broker's error name. */
  offline: readonly string[];
}

/** @throws AppError as the broker answers */
export async function readReplicaSizes(link: Link, broker: number, io: Io): Promise<BrokerSizes> {
  const results = await describeLogDirs(link, io);
  const known = results.filter(({ totalBytes }) => totalBytes > 0n);
  const distinct: typeof known = [];
  for (const each of known.toSorted((one, other) => Number(one.usableBytes - other.usableBytes))) {
    // A busy broker writes between the readings of two directories of a file system, so their usable bytes differ.
    const isAlike = ({ totalBytes, usableBytes }: typeof each) =>
      totalBytes === each.totalBytes && each.usableBytes - usableBytes <= totalBytes / 100n;
    if (!distinct.some(isAlike)) distinct.push(each);
  }
  const usableIn = (directories: typeof known) =>
    directories.reduce((sum, { usableBytes }) => sum + Number(usableBytes), 0);
  const usableBytes = { most: usableIn(known), least: usableIn(distinct) };
  const directories = known.map(({ usableBytes: usable, topics }) => ({
    usableBytes: Number(usable),
    partitions: topics.reduce((sum, { partitions }) => sum + partitions.length, 0),
  }));
  return {
    disk: { broker, ...(known.length > 0 && { usableBytes, directories }) },
    replicas: results.flatMap(({ topics }) =>
      topics.flatMap(({ name, partitions }) =>
        partitions
          .filter(({ isFutureKey }) => !isFutureKey)
          .map(({ partitionIndex, partitionSize }) => ({
            topic: name,
            partition: partitionIndex,
            broker,
            bytes: Number(partitionSize),
          })),
      ),
    ),
    offline: results.flatMap(({ logDir, errorCode: code }) => {
      const error = kafkaErrorNamed(code);
      return error === undefined ? [] : [`${logDir}: ${error}`];
    }),
  };
}
