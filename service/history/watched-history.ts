// Counts refused writes and measures the history, for metrics and pages.

import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Ledger, LedgerUsage } from './history.ts';

export interface LedgerHealth {
  isWritable: boolean;
  failures: number;
  lastEntryAt?: Date;
  usage?: LedgerUsage;
}

const countedForMs = 60_000;

export function watchLedger(ledger: Ledger, clock: Pick<Clock, 'now'>) {
  const [newest] = ledger.entries({ limit: 1 });
  const health: LedgerHealth = { isWritable: true, failures: 0, ...(newest && { lastEntryAt: new Date(newest.at) }) };
  const watched: Ledger = {
    ...ledger,
    append(entry, by) {
      try {
        const written = ledger.append(entry, by);
        health.isWritable = true;
        health.lastEntryAt = clock.now();
        return written;
      } catch (cause) {
        health.isWritable = false;
        health.failures++;
        throw cause;
      }
    },
    [Symbol.dispose]: () => ledger[Symbol.dispose](),
  };
  let counted: { atMs: number; usage: LedgerUsage } | undefined;
  /**
   * Other processes write too, so entries are counted again; of a history of years that takes some 10 ms.
   *
   * @returns undefined while the file cannot be read: metrics of clusters go on without it
   */
  function usage(): LedgerUsage | undefined {
    const atMs = clock.now().getTime();
    if (counted !== undefined && Math.abs(atMs - counted.atMs) <= countedForMs) return counted.usage;
    try {
      counted = { atMs, usage: ledger.usage() };
    } catch (cause) {
      if (!(cause instanceof AppError)) throw cause;
      counted = undefined;
    }
    return counted?.usage;
  }
  return {
    ledger: watched,
    health(): Readonly<LedgerHealth> {
      const now = usage();
      return { ...health, ...(now && { usage: now }) };
    },
  };
}
