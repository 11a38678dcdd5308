// Derives when a log file begins from the timestamps of its first lines.
// File times are too coarse (1 s over SSH) to order files of one log that rotated within one tick.

import { createGcLogParser } from '../../gc/log/gc-log-parser.ts';

/** @param head one character per byte. @returns milliseconds since the epoch; undefined if lines have no date */
export function headStampMs(head: string): number | undefined {
  const parser = createGcLogParser({ event() {}, unparsed() {} });
  parser.push(Buffer.from(head, 'latin1'));
  return parser.lastMoment()?.epochMs;
}
