// Omits empty or unknown parts of a reading.

export const present = <T>(entries: T[]): T[] | undefined => (entries.length > 0 ? entries : undefined);

export const presentRecord = <T extends object>(record: T): T | undefined =>
  Object.keys(record).length > 0 ? record : undefined;
