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

/** @param added called after each entry of this process */
export function watchHistory(
  history: History,
  clock: Pick<Clock, 'now'>,
  added: (entry: HistoryEntry) => void = () => undefined,
) {
  const [newest] = history.entries({ limit: 1 });
  const health: HistoryHealth = { isWritable: true, failures: 0, ...(newest && { lastEntryAt: new Date(newest.at) }) };

  /** Of the last entry that could not be written. */
  let refusedBytes = 0;

  /** @param writer of the same history; around the transaction, since what is not committed is not there */
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
   * Other processes write too, so entries are counted again; of a history of years that takes some 10 ms.
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

  /** A standby appends nothing, and a service without sources rarely: neither would notice that there is room again. */
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

/** What is written by another instance, or waits for its quota, is no failure of the file. */
const isRefused = (cause: unknown): boolean =>
  cause instanceof ForecastRefused || (cause instanceof AppError && cause.code === 'leadership-lost');
