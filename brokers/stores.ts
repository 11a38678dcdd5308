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
 *
 * @param flags options of its JVM
 */
export function storesOf(values: Values, flags: readonly string[] = []): Store[] {
  const logDirs = values.get('log.dirs') || values.get('log.dir');
  if (logDirs !== undefined) return foldersIn(logDirs, ',').map((path) => ({ paths: [path] }));
  const root = values.get('storePathRootDir');
  const isDledger = values.get('enableDLegerCommitLog') === 'true';
  const stated = values.get(isDledger ? 'storePathDLedgerCommitLog' : 'storePathCommitLog');
  // Since 4.9.4 brokers do not show the default. DLedger: DLedgerConfig.getDataStorePath.
  const usual = isDledger ? `dledger-${values.get('dLegerSelfId')}/data` : 'commitlog';
  const paths = foldersIn(stated || (root ? `${root}/${usual}` : ''), /[:,]/);
  if (paths.length === 0) return [];
  return [{ paths, ...(root && { index: `${root}/consumequeue` }), deletesBeyondShare: deletesBeyond(values, flags) }];
}

const foldersIn = (list: string, separator: string | RegExp) =>
  list
    .split(separator)
    .map((path) => path.trim())
    .filter((path) => path.startsWith('/'));

/**
 * DefaultMessageStore: a Java property precedes the setting, which only 5.x has, in percent; 5.x keeps both within these
 * bounds. Without either, the upper bound applies.
 */
function deletesBeyond(values: Values, flags: readonly string[]): number {
  const share = (name: string, least: number, most: number) => {
    const property = `-Drocketmq.broker.${name}=`;
    const stated = flags.findLast((flag) => flag.startsWith(property))?.slice(property.length);
    const setting = values.get(name);
    if (setting === undefined) return Number(stated ?? most);
    return Math.min(most, Math.max(least, Number(stated ?? Number(setting) / 100)));
  };
  return Math.min(
    share('diskSpaceCleanForciblyRatio', 0.3, rocketmq.deletesBeyondShare),
    share('diskSpaceWarningLevelRatio', 0.35, 0.9),
  );
}
