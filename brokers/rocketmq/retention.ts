// Reads the retention time of messages from the settings of a RocketMQ broker.

import { readNumber } from './runtime-info.ts';

type Settings = ReadonlyMap<string, string> | undefined;

/** With tiered storage, messages that the commit log has deleted can still be read. */
export const hasTieredStorage = (settings: Settings) =>
  settings?.get('messageStorePlugIn')?.includes('TieredMessageStore') === true;

/** Retention settings of the commit log and of tiered storage. */
export const retentionSettings: readonly string[] = ['fileReservedTime', 'tieredStoreFileReservedTime'];

/** @returns the retention time in hours; undefined if the broker does not report it */
export function retentionHoursIn(settings: Settings): number | undefined {
  const keys = retentionSettings.slice(0, hasTieredStorage(settings) ? 2 : 1);
  const hours = Math.max(...keys.map((key) => readNumber(settings?.get(key)) ?? Number.NaN));
  return hours > 0 ? hours : undefined;
}
