// Reads the fields of a request in order, with bounds checks.

import { AppError } from '../../../core/errors.ts';

/*
 * Kafka requests use one of two encodings. Classic: lengths are int16 (strings) and int32 (arrays, bytes), -1 is null.
 * Flexible: lengths are unsigned varints of length plus one, 0 is null, and tags end every structure.
 */

export class ByteCursor {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  int(length: 1 | 2 | 4): number {
    return this.#bytes.readIntBE(this.#take(length), length);
  }

  /** @returns undefined for null */
  string(isFlexible: boolean): string | undefined {
    const length = isFlexible ? this.#varint() - 1 : this.int(2);
    if (length < 0) return undefined;
    const from = this.#take(length);
    return this.#bytes.toString('utf8', from, from + length);
  }

  /** @returns the number of items that follow; undefined for null. Each item has at least one byte. */
  count(isFlexible: boolean): number | undefined {
    const count = isFlexible ? this.#varint() - 1 : this.int(4);
    if (count > this.#bytes.length - this.#at) throw unreadable(`${count} items are announced`);
    return count < 0 ? undefined : count;
  }

  skipBytes(isFlexible: boolean): void {
    this.#take(Math.max(0, isFlexible ? this.#varint() - 1 : this.int(4)));
  }

  skipTags(isFlexible: boolean): void {
    if (!isFlexible) return;
    for (let left = this.#varint(); left > 0; left--) {
      this.#varint();
      this.#take(this.#varint());
    }
  }

  #varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#bytes[this.#take(1)] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw unreadable('a number has no end');
  }

  #take(length: number): number {
    const from = this.#at;
    if (length < 0 || length > this.#bytes.length - from) throw unreadable(`${length} bytes are announced`);
    this.#at += length;
    return from;
  }
}

const unreadable = (why: string) => new AppError('answer-unreadable', `the request cannot be read: ${why}`);
