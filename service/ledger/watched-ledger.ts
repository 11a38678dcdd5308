// Can the ledger be written? Counts what was refused, so that metrics and pages tell.

import type { Clock } from '../../core/clock.ts';
import type { Ledger } from './ledger.ts';

export interface LedgerHealth {
  isWritable: boolean;
  failures: number;
  lastEntryAt?: Date;
}

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
  return { ledger: watched, health: (): Readonly<LedgerHealth> => health };
}
