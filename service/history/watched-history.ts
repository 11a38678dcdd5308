// Counts refused writes and measures the history, for metrics and pages.

import type { Clock } from '../../core/clock.ts';
import type { HistoryEntry } from '../../core/documents/history-entry.ts';
import { AppError } from '../../core/errors.ts';
import type { History, HistoryUsage } from './history.ts';

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
  const watched: History = {
    ...history,
    append(entry, by) {
      try {
        const written = history.append(entry, by);
        health.isWritable = true;
        health.lastEntryAt = clock.now();
        added(written);
        return written;
      } catch (cause) {
        health.isWritable = false;
        health.failures++;
        throw cause;
      }
    },
    [Symbol.dispose]: () => history[Symbol.dispose](),
  };
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
    return counted?.usage;
  }
  return {
    history: watched,
    health(): Readonly<HistoryHealth> {
      const now = usage();
      return { ...health, ...(now && { usage: now }) };
    },
  };
}
