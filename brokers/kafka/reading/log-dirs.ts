// Reads log sizes and free disk space of a broker with DescribeLogDirs.

import type { Io } from '../../driver.ts';
import { kafkaErrorNamed } from '../errors.ts';
import type { Link } from '../wire/links.ts';
import { describeLogDirs } from './describe-log-dirs.ts';

/** Size of the replicas of one topic on one broker. */
export interface TopicSize {
  broker: string;
  topic: string;
  bytes: bigint;
  /** Bytes of replicas that are being moved here. */
  futureBytes: bigint;
}

export type LogDirectory = ReturnType<typeof directoriesIn>[number];

/** @returns ids of brokers that are to take no replica, because all of their online directories are cordoned */
export function cordonedBrokers(directories: readonly LogDirectory[]): ReadonlySet<string> {
  const isTaking = ({ isCordoned, error }: LogDirectory) => isCordoned !== true && error === undefined;
  const taking = new Set(directories.filter(isTaking).map(({ broker }) => broker));
  return new Set(directories.flatMap(({ broker, isCordoned }) => (isCordoned && !taking.has(broker) ? broker : [])));
}

/** @throws AppError when the broker refuses the whole request */
export async function readLogDirs(link: Link, broker: string, io: Io) {
  const results = await describeLogDirs(link, io);
  const sizes = new Map<string, TopicSize>();
  for (const { name, partitions } of results.flatMap(({ topics }) => topics)) {
    // A topic may be in several directories.
    const size = sizes.get(name) ?? { broker, topic: name, bytes: 0n, futureBytes: 0n };
    sizes.set(name, size);
    for (const { partitionSize, isFutureKey } of partitions) {
      size[isFutureKey ? 'futureBytes' : 'bytes'] += partitionSize;
    }
  }
  return { directories: directoriesIn(results, broker), sizes: [...sizes.values()] };
}

/** Costs the broker little: it lists no replicas. @throws AppError when the broker refuses the whole request */
export const readDisks = async (link: Link, broker: string, io: Io) =>
  directoriesIn(await describeLogDirs(link, io, []), broker);

const directoriesIn = (results: Awaited<ReturnType<typeof describeLogDirs>>, broker: string) =>
  results.map(({ logDir, errorCode, totalBytes, usableBytes, isCordoned }) => {
    const error = kafkaErrorNamed(errorCode);
    return {
      broker,
      path: logDir,
      // Of its file system; 0 before DescribeLogDirs 4 (Kafka 3.3), and -1 if unknown.
      ...(totalBytes > 0n && { totalBytes, usableBytes }),
      // The broker's error name, if the directory is offline.
      ...(error !== undefined && { error }),
      // Since Kafka 4.3: whether it is to get no new replica.
      ...(isCordoned !== undefined && { isCordoned }),
    };
  });
