// Reads from the settings of a RocketMQ broker how long it keeps messages.

import { readNumber } from './runtime-info.ts';

type Settings = ReadonlyMap<string, string> | undefined;

/** With tiered storage, messages can be read that the commit log has deleted. */
export const hasTieredStorage = (settings: Settings) =>
  settings?.get('messageStorePlugIn')?.includes('TieredMessageStore') === true;

/** For the commit log, and for tiered storage. */
export const retentionSettings: readonly string[] = ['fileReservedTime', 'tieredStoreFileReservedTime'];

/** @returns for how many hours messages can be read; undefined where the broker does not report it */
export function retentionHoursIn(settings: Settings): number | undefined {
  const keys = retentionSettings.slice(0, hasTieredStorage(settings) ? 2 : 1);
  const hours = Math.max(...keys.map((key) => readNumber(settings?.get(key)) ?? Number.NaN));
  return hours > 0 ? hours : undefined;
}
