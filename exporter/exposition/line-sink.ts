// How do lines become chunks of bytes? Written where they stay: a line is never a text of its own, nor cut by a chunk's end.

import type { Run } from '../collector.ts';
import { chunkBytes, takeChunk } from './chunk-pool.ts';
import { escapeLabel, renderValue } from './text-format.ts';

/** The first chunk is small, since most families are; a page of megabytes has few that are not full. */
const firstChunkBytes = 1024;
/** A JavaScript character takes at most three bytes of UTF-8. */
const bytesPerCharacter = 3;
/** Closing quote and brace, blank, the digits of an int64 and a line feed, with room to spare. */
const afterLabelBytes = 32;

const [zero, quote, brace, blank, lineFeed] = [...Buffer.from('0"} \n')] as [number, number, number, number, number];

export interface LineSink {
  /** @param line with its line feed */
  line(line: string): void;
  /** @param prefix of all of its lines, up to the opening quote of the last label. @param from, to of the run's samples */
  run(prefix: string, run: Run, from: number, to: number): void;
  /** Closes the chunk under way. */
  end(): readonly Buffer[];
}

export function createLineSink(): LineSink {
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
    chunk = bytes > chunkBytes ? Buffer.allocUnsafeSlow(bytes) : takeChunk();
  }

  /** A line takes 31 ns where it took 87 as a string, when neither its prefix nor its number ever is one (Node 24). */
  function digits(value: number): void {
    let rest = value;
    if (value >= 1e9) {
      const high = Math.floor(value / 1e9);
      digits(high);
      rest = value - high * 1e9;
      at += 9;
      for (let place = at - 1; place >= at - 9; place--) {
        const left = Math.trunc(rest / 10);
        chunk[place] = zero + rest - 10 * left;
        rest = left;
      }
      return;
    }
    let length = 1;
    for (let power = 10; power <= value; power *= 10) length++;
    at += length;
    for (let place = at - 1; place >= at - length; place--) {
      const left = (rest / 10) | 0;
      chunk[place] = zero + rest - 10 * left;
      rest = left;
    }
  }

  function number(value: number | bigint): void {
    const safe = Number(value);
    // Large offsets are exact only as text; -0 is not 0.
    if (Number.isSafeInteger(safe) && safe >= 0 && !Object.is(safe, -0)) digits(safe);
    else at += chunk.write(renderValue(value), at, 'latin1');
  }

  return {
    line(line) {
      makeRoom(bytesPerCharacter * line.length);
      at += chunk.write(line, at);
    },

    run(prefix, { last, values }, from, to) {
      const before = Buffer.from(prefix);
      for (let index = from; index < to; index++) {
        const label = last[index] ?? '';
        const value = values[index] ?? NaN;
        const text = typeof label === 'string' ? escapeLabel(label) : '';
        makeRoom(before.length + bytesPerCharacter * text.length + 2 * afterLabelBytes);
        chunk.set(before, at);
        at += before.length;
        if (typeof label === 'number') number(label);
        else at += chunk.write(text, at);
        chunk[at++] = quote;
        chunk[at++] = brace;
        chunk[at++] = blank;
        number(value);
        chunk[at++] = lineFeed;
      }
    },

    end() {
      close();
      return chunks;
    },
  };
}
