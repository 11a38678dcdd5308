// Counts errors by code and cause, each with the message of its last occurrence.

/** Code of an error that is of no message: a stopped producer could not end its transaction. */
export const transactionLeftOpen = 'transaction-left-open';

export interface CountedError {
  code: string;
  /** The broker's own name for it, where it gave one. */
  cause?: string | undefined;
  message: string;
  /** What to do about it, of failed sends. */
  hint?: string | undefined;
  count: number;
}

export interface ErrorCount {
  add(error: CountedError): void;
  /** The most frequent first. */
  all(): CountedError[];
  /** As `all`, and counts from 0 again. */
  take(): CountedError[];
}

export function createErrorCount(): ErrorCount {
  let errors = new Map<string, CountedError>();
  const all = () => [...errors.values()].toSorted((a, b) => b.count - a.count);
  return {
    add({ code, cause, message, hint, count }) {
      const key = `${code} ${cause ?? ''}`;
      const total = (errors.get(key)?.count ?? 0) + count;
      const optional = { ...(cause !== undefined && { cause }), ...(hint !== undefined && { hint }) };
      errors.set(key, { code, ...optional, message, count: total });
    },
    all,
    take() {
      const taken = all();
      errors = new Map();
      return taken;
    },
  };
}
