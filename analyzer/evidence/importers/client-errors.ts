// Sums up the errors that the load generator's clients received, with the names that the brokers gave them.

import type { Finding } from '../../../core/documents/analysis.ts';
import type { JournalLine } from '../../../core/documents/run-bundle.ts';
import { quantityText } from '../../../core/text/limit-text.ts';

type ErrorLine = Extract<JournalLine, { kind: 'error' }>;

interface Errors {
  /** Of the first. */
  message: string;
  count: number;
  /** How many of them by the name that the broker gave; the others have none. */
  causes: Map<string, number>;
}

export class ClientErrors {
  readonly #byCode = new Map<string, Errors>();

  add({ code, cause, message, count }: ErrorLine): void {
    const errors = this.#byCode.get(code) ?? { message, count: 0, causes: new Map<string, number>() };
    errors.count += count;
    if (cause !== undefined) errors.causes.set(cause, (errors.causes.get(cause) ?? 0) + count);
    this.#byCode.set(code, errors);
  }

  /** @param file of the journal */
  findings(file: string): Finding[] {
    return [...this.#byCode].map(([code, { message, count, causes }]): Finding => {
      const byCount = [...causes].toSorted(([, a], [, b]) => b - a);
      const named = byCount.map(([cause, number]) => `${cause} ${quantityText(number)}`).join(', ');
      const error = (name: string, value: number) => ({ name, value, unit: 'errors', source: file });
      return {
        severity: 'warning',
        code: 'client-error',
        message: `Clients of the load generator received ${quantityText(count)} ${count === 1 ? 'error' : 'errors'} "${code}"${named === '' ? '' : ` (${named})`}. The first one: ${message}`,
        evidence: [error(code, count), ...byCount.map(([cause, number]) => error(cause, number))],
      };
    });
  }
}
