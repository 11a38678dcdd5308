// Reads the readings of a history file, up to a size limit.

import { parseHistory } from '../../analyzer/forecast/history-csv.ts';
import type { Reading } from '../../analyzer/forecast/history.ts';
import { readUtf8 } from '../files/read-bounded.ts';

const hints = {
  missing: 'give a CSV file with the header time,value',
  // Two years of one reading a minute, with full timestamps, are 45 MB.
  large: 'give at most one reading a minute, and at most two years',
};

/** @throws AppError history-unreadable, not-found, no-permission */
export async function readHistoryFile(path: string, { signal }: { signal: AbortSignal }): Promise<Reading[]> {
  return parseHistory(await readUtf8(path, { signal }, { fault: 'history-unreadable', hints }), path);
}
