// When was the beginning of a file written? By the stamps of its first lines: files of one log that were rotated within the
// resolution of a file system's clock, a second over SSH, have no other order.

import { createGcLogParser } from '../../gc/log/gc-log-parser.ts';

/** @param head one character a byte. @returns milliseconds since the epoch; absent where lines carry no date */
export function headStampMs(head: string): number | undefined {
  const parser = createGcLogParser({ event() {}, unparsed() {} });
  parser.push(Buffer.from(head, 'latin1'));
  return parser.lastMoment()?.epochMs;
}
