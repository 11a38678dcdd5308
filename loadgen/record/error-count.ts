// Counts errors by code and cause, each with the message of its last occurrence.

import { defined } from '../../core/defined.ts';
import type { JournalLine } from '../../core/documents/run-bundle.ts';

/** Code of an error that concerns no message: a stopped producer could not end its transaction. */
export const transactionLeftOpen = 'transaction-left-open';

export type CountedError = Omit<Extract<JournalLine, { kind: 'error' }>, 'kind' | 'elapsedSeconds'>;

export type ErrorCount = ReturnType<typeof createErrorCount>;

export function createErrorCount() {
  let errors = new Map<string, CountedError>();
  const all = () => [...errors.values()].toSorted((a, b) => b.count - a.count);
  return {
    add({ code, cause, message, hint, count }: CountedError): void {
      const key = `${code} ${cause ?? ''}`;
      const total = (errors.get(key)?.count ?? 0) + count;
      errors.set(key, defined({ code, cause, hint, message, count: total }));
    },
    /** Returns errors, the most frequent first. */
    all,
    /** Returns the same as `all` and resets the counts. */
    take(): CountedError[] {
      const taken = all();
      errors = new Map();
      return taken;
    },
  };
}
