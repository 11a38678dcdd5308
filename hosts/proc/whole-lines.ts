// Splits a kernel file into complete lines: a last line without a newline may be cut in the middle of a number.

export function wholeLines(text: string): string[] {
  return text.split('\n').slice(0, -1);
}

/** @param line has a name and an integer as groups. @returns numbers by name, multiplied by `scale` */
export function numbersIn(text: string, line: RegExp, scale = 1): Record<string, number> {
  const numbers: Record<string, number> = {};
  for (const each of wholeLines(text)) {
    const [, name, value] = line.exec(each) ?? [];
    if (name !== undefined) numbers[name] = Number(value) * scale;
  }
  return numbers;
}

/** @returns the counters, or undefined if any field is not a number */
export function parseCounters(fields: readonly string[]): number[] | undefined {
  return fields.every((word) => /^\d+$/.test(word)) ? fields.map(Number) : undefined;
}
