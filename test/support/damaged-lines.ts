// Generates damaged GC logs: lines of real ones, cut, repeated, mixed and changed.

import type { Random } from './mutation.ts';

const tokens = [
  '[',
  ']',
  '(',
  ')',
  '\0',
  '\r',
  ' '.repeat(300),
  '9'.repeat(40),
  '-1',
  '1e999',
  'NaN',
  '->',
  'GC(4294967296) ',
  'Pause Young ',
  'secs]',
  ' 1,5ms',
  '\xc3',
  '[[[[',
];

/** @param logs lines of each log */
export function damagedLines(random: Random, logs: readonly (readonly string[])[]): string[] {
  const below = (limit: number) => Math.floor(random() * limit);
  const log = logs[below(logs.length)] ?? [];
  const from = below(log.length);
  const lines = log.slice(from, from + 1 + below(6));
  for (let edits = below(4); edits > 0; edits--) {
    const at = below(lines.length);
    lines[at] = damaged(lines[at] ?? '', log[below(log.length)] ?? '', below);
  }
  return lines;
}

function damaged(line: string, other: string, below: (limit: number) => number): string {
  const at = below(line.length + 1);
  const upTo = at + below(30);
  switch (below(6)) {
    case 0:
      return line.slice(0, at);
    case 1:
      return line.slice(0, at) + other.slice(below(other.length + 1));
    case 2:
      return line.slice(0, at) + line.slice(upTo);
    case 3:
      return line.slice(0, upTo) + line.slice(at);
    case 4:
      return line.slice(0, at) + (tokens[below(tokens.length)] ?? '') + line.slice(at);
    default:
      return line.slice(0, at) + String.fromCharCode(below(256)) + line.slice(at + 1);
  }
}
