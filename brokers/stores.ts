// Lists where a broker stores messages, from its settings.

import { rocketmq } from '../core/broker-kind/rocketmq.ts';

export interface Store {
  /** Folders among which the broker distributes its files. */
  paths: readonly string[];
  /** Consume queues, which take a small part of the bytes. */
  isIndex?: boolean;
  /** Used share of the disks, all of them, beyond which the broker deletes its oldest messages, read or not. */
  deletesBeyondShare?: number;
}

type Values = ReadonlyMap<string, string>;

/** Kafka: log.dirs, else log.dir. RocketMQ: storePathCommitLog, which may list several paths with `:` or `,`. */
export function storesOf(values: Values): Store[] {
  const logDirs = values.get('log.dirs') || values.get('log.dir');
  if (logDirs !== undefined) return foldersIn(logDirs, ',').map((path) => ({ paths: [path] }));
  const root = foldersIn(values.get('storePathRootDir') ?? '', '\n');
  const logs = foldersIn(values.get('storePathCommitLog') || root.join(), /[:,]/);
  const deletesBeyondShare = deletesBeyond(values);
  return [
    { paths: logs, deletesBeyondShare },
    { paths: root.map((path) => `${path}/consumequeue`), isIndex: true, deletesBeyondShare },
  ].filter(({ paths }) => paths.length > 0);
}

const foldersIn = (list: string, separator: string | RegExp) =>
  list
    .split(separator)
    .map((path) => path.trim())
    .filter((path) => path.startsWith('/'));

/** DefaultMessageStore of 5.x: percent with these bounds. 4.x has the upper bound unless a JVM option changes it. */
function deletesBeyond(values: Values): number {
  const share = (name: string, least: number, most: number) =>
    Math.min(most, Math.max(least, (Number(values.get(name)) || 100) / 100));
  return Math.min(
    share('diskSpaceCleanForciblyRatio', 0.3, rocketmq.deletesBeyondShare),
    share('diskSpaceWarningLevelRatio', 0.35, 0.9),
  );
}
