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
  /** Directories that take new replicas; absent like `usableBytes`. */
  directories?: readonly LogDirectory[];
  /** All online log directories are cordoned (KIP-1066), which the controller ignores in placements that a client chooses. */
  isCordoned?: true;
}

export interface LogDirectory {
  usableBytes: number;
  partitions: number;
  /** Another directory has similar figures, so it may be on the same file system. */
  mayShare?: true;
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
  const open = results.filter(({ isCordoned, errorCode }) => isCordoned !== true && errorCode === 0);
  const known = open.filter(({ totalBytes }) => totalBytes > 0n);
  const distinct: typeof known = [];
  // A busy broker writes between the readings of two directories of a file system, so their usable bytes differ.
  const isAlike = (one: (typeof known)[number], other: typeof one) =>
    one.totalBytes === other.totalBytes && abs(one.usableBytes - other.usableBytes) <= one.totalBytes / 100n;
  for (const each of known.toSorted((one, other) => Number(one.usableBytes - other.usableBytes))) {
    if (!distinct.some((other) => isAlike(each, other))) distinct.push(each);
  }
  const usableIn = (directories: typeof known) =>
    directories.reduce((sum, { usableBytes }) => sum + Number(usableBytes), 0);
  const usableBytes = { most: usableIn(known), least: usableIn(distinct) };
  const directories = known.map((each) => ({
    usableBytes: Number(each.usableBytes),
    partitions: each.topics.reduce((sum, { partitions }) => sum + partitions.length, 0),
    ...(known.some((other) => other !== each && isAlike(each, other)) && { mayShare: true as const }),
  }));
  return {
    disk: {
      broker,
      ...(known.length > 0 && { usableBytes, directories }),
      ...(open.length === 0 && results.some(({ isCordoned }) => isCordoned) && { isCordoned: true as const }),
    },
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

const abs = (value: bigint): bigint => (value < 0n ? -value : value);
