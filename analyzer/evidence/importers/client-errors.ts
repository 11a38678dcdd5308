// Sums the errors that the load generator's clients received, by the names from the brokers.

import type { Finding } from '../../../core/documents/analysis.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import type { JournalLine } from '../../../core/documents/run-bundle.ts';
import { getOrMake } from '../../../core/get-or-make.ts';

interface Errors {
  /** Message of the first error. */
  message: string;
  count: number;
  /** Counts by the name that the broker gave; the other errors have no name. */
  causes: Map<string, number>;
}

export class ClientErrors {
  readonly #byCode = new Map<string, Errors>();

  add({ code, cause, message, count }: Extract<JournalLine, { kind: 'error' }>): void {
    const errors = getOrMake(this.#byCode, code, () => ({ message, count: 0, causes: new Map() }));
    errors.count += count;
    if (cause !== undefined) errors.causes.set(cause, (errors.causes.get(cause) ?? 0) + count);
  }

  /** @param file name of the journal */
  findings(file: string): Finding[] {
    return [...this.#byCode].map(([code, { message, count, causes }]): Finding => {
      const byCount = [...causes].toSorted(([, a], [, b]) => b - a);
      return findingOf('client-error', { error: code, count, causes: byCount, firstMessage: message, file });
    });
  }
}
