// Lists where a broker stores messages, from its settings.

import { rocketmq } from '../core/broker-kind/rocketmq.ts';

export interface Store {
  /** Folders among which the broker distributes its files. */
  paths: readonly string[];
  /** Folder of the consume queues, which take a small part of the bytes. */
  index?: string;
  /**
   * Used share of the disks of all paths, or of the disk of the index, beyond which the broker deletes its oldest
   * messages, read or not.
   */
  deletesBeyondShare?: number;
}

type Values = ReadonlyMap<string, string>;

/**
 * Kafka: log.dirs, else log.dir. RocketMQ: storePathCommitLog, or with DLedger storePathDLedgerCommitLog, which may list
 * several paths with `:` or `,`.
 */
export function storesOf(values: Values): Store[] {
  const logDirs = values.get('log.dirs') || values.get('log.dir');
  if (logDirs !== undefined) return foldersIn(logDirs, ',').map((path) => ({ paths: [path] }));
  const root = values.get('storePathRootDir');
  const isDledger = values.get('enableDLegerCommitLog') === 'true';
  const stated = values.get(isDledger ? 'storePathDLedgerCommitLog' : 'storePathCommitLog');
  // Since 4.9.4 brokers do not show the default. DLedger: DLedgerConfig.getDataStorePath.
  const usual = isDledger ? `dledger-${values.get('dLegerSelfId')}/data` : 'commitlog';
  const paths = foldersIn(stated || (root ? `${root}/${usual}` : ''), /[:,]/);
  if (paths.length === 0) return [];
  return [{ paths, ...(root && { index: `${root}/consumequeue` }), deletesBeyondShare: deletesBeyond(values) }];
}

const foldersIn = (list: string, separator: string | RegExp) =>
  list
    .split(separator)
    .map((path) => path.trim())
    .filter((path) => path.startsWith('/'));

/** DefaultMessageStore of 5.x: percent within these bounds. 4.x uses the upper ones unless JVM options differ. */
function deletesBeyond(values: Values): number {
  const share = (name: string, least: number, most: number) =>
    Math.min(most, Math.max(least, Number(values.get(name) ?? 100) / 100));
  return Math.min(
    share('diskSpaceCleanForciblyRatio', 0.3, rocketmq.deletesBeyondShare),
    share('diskSpaceWarningLevelRatio', 0.35, 0.9),
  );
}
