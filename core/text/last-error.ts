// Finds the line of a program's output that explains why it failed.

/** @returns the last line with an error, else the last line; never a stack frame; undefined without output */
export function lastError(output: string): string | undefined {
  const lines = output.split('\n').filter((line) => line.trim() !== '' && !/^\s+at |^\s*\.\.\. \d+ more/.test(line));
  const fault = lines.findLast((line) => /\b(?:ERROR|FATAL)\b|Exception|^Error/.test(line));
  return (fault ?? lines.at(-1))?.trim().slice(0, 300);
}
