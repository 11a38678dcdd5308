// Creates the error for load-test output that cannot be read.

import { AppError } from '../../../../core/errors.ts';

/** @param line counted from 1 */
export function unreadableLoad(
  tool: string,
  what: string,
  { line, hint }: { line?: number; hint?: string } = {},
): AppError {
  const place = line === undefined ? '' : `line ${line}: `;
  return new AppError('load-test-unreadable', `cannot read this as output of ${tool}: ${place}${what}`, { hint });
}

/** Returns enough of a text to find it in the file. */
export function shown(text: string): string {
  const line = text.trim();
  return JSON.stringify(line.length > 80 ? `${line.slice(0, 80)}…` : line);
}
