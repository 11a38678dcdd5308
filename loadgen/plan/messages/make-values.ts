// Allocates the values of a batch in one buffer, each aligned to a word.

import type { MessageSource } from './message-source.ts';

/**
 * Writes every word of the i-th value's header, since memory is not zeroed; the body is already written, for a
 * checksum.
 */
type Stamp = (value: Buffer, i: number, words: Uint32Array, offset: number) => void;

/**
 * @param count number of values
 * @param headerWords words reserved before each body
 * @param numberOf returns the message number of the i-th value
 */
export function makeValues(
  messages: MessageSource,
  count: number,
  headerWords: number,
  numberOf: (i: number) => number,
  stamp: Stamp,
): Buffer[] {
  const { smallest, largest } = messages.sizes;
  const fixed = smallest === largest ? largest : undefined;
  let length = 0;
  for (let i = 0; i < count; i++) length += int32sOf(fixed ?? messages.sizeOf(numberOf(i)));
  // Not zeroed, because every word is written below.
  const { buffer, byteOffset } = Buffer.allocUnsafe(length * 4);
  const words = new Uint32Array(buffer, byteOffset, length);
  const values: Buffer[] = [];
  let offset = 0;
  for (let i = 0; i < count; i++) {
    const n = numberOf(i);
    const bytes = fixed ?? messages.sizeOf(n);
    const end = offset + int32sOf(bytes);
    const value = Buffer.from(buffer, byteOffset + offset * 4, bytes);
    messages.fillBody(words, offset + headerWords, end, n);
    stamp(value, i, words, offset);
    values.push(value);
    offset = end;
  }
  return values;
}

const int32sOf = (bytes: number) => Math.ceil(bytes / 4);
