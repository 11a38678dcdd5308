// Writes sample lines directly into byte chunks, without a string per line and without splitting a line.

import type { Run } from '../collector.ts';
import { chunkBytes, acquireChunk } from './chunk-pool.ts';
import { escapeLabel, renderValue } from './text-format.ts';

/** The first chunk is small, as most families are; later chunks are almost all full. */
const firstChunkBytes = 1024;
/** A JavaScript character takes at most three bytes of UTF-8. */
const bytesPerCharacter = 3;
/** Closing quote and brace, blank, the digits of an int64 and a line feed, with a margin. */
const afterLabelBytes = 32;

const [zero, quote, brace, blank, lineFeed] = [...Buffer.from('0"} \n')] as [number, number, number, number, number];

export type LineSink = ReturnType<typeof createLineSink>;

export function createLineSink() {
  const chunks: Buffer[] = [];
  let chunk: Buffer = Buffer.allocUnsafe(firstChunkBytes);
  let at = 0;

  function close(): void {
    if (at > 0) chunks.push(chunk.subarray(0, at));
    at = 0;
  }

  function makeRoom(bytes: number): void {
    if (at + bytes <= chunk.length) return;
    close();
    chunk = bytes > chunkBytes ? Buffer.allocUnsafeSlow(bytes) : acquireChunk();
  }

  return {
    /** @param line including its line feed */
    line(line: string) {
      makeRoom(bytesPerCharacter * line.length);
      at += chunk.write(line, at);
    },

    /** @param prefix of all lines, up to the opening quote of the last label. @param from, to range of the run's samples */
    run(prefix: string, { last, values }: Run, from: number, to: number) {
      const before = Buffer.from(prefix);
      for (let index = from; index < to; index++) {
        const label = last[index] ?? '';
        const text = typeof label === 'string' ? escapeLabel(label) : '';
        makeRoom(before.length + bytesPerCharacter * text.length + 2 * afterLabelBytes);
        // Local variables avoid writing chunk and position back at every byte.
        const bytes = chunk;
        bytes.set(before, at);
        let place = at + before.length;
        place = typeof label === 'number' ? writeNumber(bytes, label, place) : place + bytes.write(text, place);
        bytes[place] = quote;
        bytes[place + 1] = brace;
        bytes[place + 2] = blank;
        place = writeNumber(bytes, values[index] ?? NaN, place + 3);
        bytes[place] = lineFeed;
        at = place + 1;
      }
    },

    /** Closes the current chunk. */
    end(): readonly Buffer[] {
      close();
      return chunks;
    },
  };
}

/** @returns the position after it */
function writeNumber(bytes: Buffer, value: number | bigint, at: number): number {
  const safe = Number(value);
  // Large offsets are exact only as text; -0 is not 0.
  if (Number.isSafeInteger(safe) && safe >= 0 && !Object.is(safe, -0)) return writeDigits(bytes, safe, at);
  return at + bytes.write(renderValue(value), at, 'latin1');
}

/** Writes a safe integer. @returns the position after its digits */
function writeDigits(bytes: Buffer, value: number, at: number): number {
  if (value < 1e9) {
    let end = at + 1;
    for (let power = 10; power <= value; power *= 10) end++;
    writePadded(bytes, value, at, end);
    return end;
  }
  const high = Math.floor(value / 1e9);
  const end = writeDigits(bytes, high, at) + 9;
  writePadded(bytes, value - high * 1e9, end - 9, end);
  return end;
}

/** @param value below 10^9. @param from, to range of digits, padded with leading zeros */
function writePadded(bytes: Buffer, value: number, from: number, to: number): void {
  let rest = value | 0;
  for (let place = to - 1; place >= from; place--) {
    const left = (rest / 10) | 0;
    bytes[place] = zero + rest - 10 * left;
    rest = left;
  }
}
