// Counts the errors of an interval by code and cause, each with the message of its last occurrence.

interface CountedError {
  code: string;
  /** The broker's own name for it, where it gave one. */
  cause?: string;
  message: string;
  count: number;
}

export function createErrorCount(): {
  add(error: CountedError): void;
  take(): CountedError[];
} {
  let errors = new Map<string, CountedError>();
  return {
    add(error) {
      const key = `${error.code} ${error.cause ?? ''}`;
      errors.set(key, { ...error, count: (errors.get(key)?.count ?? 0) + error.count });
    },
    take() {
      const taken = [...errors.values()];
      errors = new Map();
      return taken;
    },
  };
}
