// Splits a kernel file into complete lines: a last line without a newline may be cut in the middle of a number.

export function wholeLines(text: string): string[] {
  return text.split('\n').slice(0, -1);
}

/** @returns the counters, or undefined if any field is not a number */
export function parseCounters(fields: readonly string[]): number[] | undefined {
  return fields.every((word) => /^\d+$/.test(word)) ? fields.map(Number) : undefined;
}
