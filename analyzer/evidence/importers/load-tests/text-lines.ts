// Iterates over the lines of a text, each of bounded length, and parses figures and times in them.

import { AppError } from '../../../../core/errors.ts';

export interface TextLine {
  /** Counted from 1. */
  number: number;
  text: string;
  /** The text ends within the line. */
  isTorn: boolean;
}

/** Longer than any line of these tools, except for histograms of an .hlog. */
const longestLine = 16_384;

/** @throws AppError load-test-unreadable for a line beyond the limit */
export function* linesOf(text: string, tool: string, longest = longestLine): Iterable<TextLine> {
  let start = 0;
  for (let number = 1; start < text.length; number += 1) {
    const found = text.indexOf('\n', start);
    const end = found === -1 ? text.length : found;
    if (end - start > longest) {
      throw unreadableLoad(tool, `it is ${end - start} characters long, and none may be longer than ${longest}`, {
        line: number,
        hint: 'give the file as the tool wrote it, with its line ends',
      });
    }
    const line = text.slice(start, end);
    yield { number, text: line.endsWith('\r') ? line.slice(0, -1) : line, isTorn: found === -1 };
    start = end + 1;
  }
}

/** `12.5`, `12,5`, `1234`; results of a division by zero (`NaN`, `Infinity`, `∞`) are undefined. */
export function readFigure(word: string | undefined): number | undefined {
  if (word === undefined || !/^[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d{1,3})?$/.test(word)) return undefined;
  const value = Number(word.replace(',', '.'));
  return Number.isFinite(value) ? value : undefined;
}

/** `2023-02-23 11:00:27:431`, `2026-11-20 13:52:55,123`, `2026-11-20T13:52:55.123`: wall clock, interpreted as UTC. */
export function readWallClock(text: string): number | undefined {
  const [, day, time, fraction = '0'] =
    /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:[:.,](\d{1,9}))?$/.exec(text.trim()) ?? [];
  if (day === undefined || time === undefined) return undefined;
  const seconds = Date.parse(`${day}T${time}Z`);
  return Number.isNaN(seconds) ? undefined : seconds + Number(`0.${fraction}`) * 1000;
}

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
