// Counts refused writes and measures the history, for metrics and pages.

import type { Clock } from '../../core/clock.ts';
import type { HistoryEntry } from '../../core/documents/history-entry.ts';
import { AppError } from '../../core/errors.ts';
import { ForecastRefused, type History, type HistoryUsage } from './history.ts';

export interface HistoryHealth {
  isWritable: boolean;
  failures: number;
  lastEntryAt?: Date;
  usage?: HistoryUsage;
}

const countedForMs = 60_000;

/** @param added called after each entry that this process appended */
export function watchHistory(
  history: History,
  clock: Pick<Clock, 'now'>,
  added: (entry: HistoryEntry) => void = () => undefined,
) {
  const [newest] = history.entries({ limit: 1 });
  const health: HistoryHealth = { isWritable: true, failures: 0, ...(newest && { lastEntryAt: new Date(newest.at) }) };

  /** Size of the last entry that could not be written. */
  let refusedBytes = 0;

  /** @param writer for the same history; wraps the whole transaction, because uncommitted entries do not exist */
  const watch = (writer: History): History => ({
    ...writer,
    append(entry, by) {
      try {
        const written = writer.append(entry, by);
        health.isWritable = true;
        health.lastEntryAt = clock.now();
        added(written);
        return written;
      } catch (cause) {
        if (!isRefused(cause)) {
          health.isWritable = false;
          health.failures++;
          refusedBytes = Buffer.byteLength(JSON.stringify(entry));
        }
        throw cause;
      }
    },
  });
  let counted: { atMs: number; usage: HistoryUsage } | undefined;
  /**
   * Counts entries again after a while, because other processes write too; for a history of years this takes about 10
   * ms.
   *
   * @returns undefined while the file cannot be read: metrics of clusters do not need it
   */
  function usage(): HistoryUsage | undefined {
    const atMs = clock.now().getTime();
    if (counted !== undefined && Math.abs(atMs - counted.atMs) <= countedForMs) return counted.usage;
    try {
      counted = { atMs, usage: history.usage() };
    } catch (cause) {
      if (!(cause instanceof AppError)) throw cause;
      counted = undefined;
    }
    if (!health.isWritable && counted !== undefined) retryWrite();
    return counted?.usage;
  }

  /** Detects free space for services that rarely append: a standby, or a service without sources. */
  function retryWrite(): void {
    try {
      history.testWrite(refusedBytes);
      health.isWritable = true;
    } catch (cause) {
      if (!(cause instanceof AppError)) throw cause;
    }
  }
  return {
    history: watch(history),
    watch,
    health(): Readonly<HistoryHealth> {
      const now = usage();
      return { ...health, ...(now && { usage: now }) };
    },
  };
}

/** Whether the write was refused because another instance leads or the forecast quota is used up, not because of the file. */
const isRefused = (cause: unknown): boolean =>
  cause instanceof ForecastRefused || (cause instanceof AppError && cause.code === 'leadership-lost');
