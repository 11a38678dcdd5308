// Which lines of a kernel file can be trusted? Those that end: a last line without its newline was cut, digits and all.

export function wholeLines(text: string): string[] {
  return text.split('\n').slice(0, -1);
}

/** @returns the words as counters, or undefined as soon as one of them is none. */
export function parseCounters(words: readonly string[]): number[] | undefined {
  return words.every((word) => /^\d+$/.test(word)) ? words.map(Number) : undefined;
}
