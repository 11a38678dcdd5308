// Encodes numbers up to 2^53 as varints: seven bits per byte, least significant first.

export class ByteWriter {
  #bytes = new Uint8Array(64);
  #length = 0;

  /** Bytes written so far, valid until the next write. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** @param value integer, 0 to 2^53 − 1 */
  varint(value: number): void {
    if (this.#length + 8 > this.#bytes.length) this.#grow(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) + 0x80;
      rest = rest < 2 ** 31 ? rest >>> 7 : Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  append(bytes: Uint8Array): void {
    if (this.#length + bytes.length > this.#bytes.length) this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #grow(by: number): void {
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + by));
    larger.set(this.bytes);
    this.#bytes = larger;
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** @throws RangeError if the bytes end first, or the number exceeds 2^53 − 1 */
  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new RangeError('a number is cut off');
      value += (byte & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw new RangeError('a number is too large');
      if (byte < 0x80) return value;
      if (scale > 2 ** 45) throw new RangeError('a number is too long');
    }
  }

  /** @throws RangeError if fewer bytes are left */
  take(count: number): Uint8Array {
    if (count > this.left) throw new RangeError('bytes are cut off');
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }
}
