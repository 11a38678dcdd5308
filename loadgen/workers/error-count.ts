// How often did which error happen since the last look? Each code once, with the words of its last occurrence.

export interface CountedError {
  code: string;
  message: string;
  count: number;
}

export function createErrorCount(): {
  add(code: string, message: string, count: number): void;
  take(): CountedError[];
} {
  let errors = new Map<string, CountedError>();
  return {
    add(code, message, count) {
      errors.set(code, { code, message, count: (errors.get(code)?.count ?? 0) + count });
    },
    take() {
      const taken = [...errors.values()];
      errors = new Map();
      return taken;
    },
  };
}
