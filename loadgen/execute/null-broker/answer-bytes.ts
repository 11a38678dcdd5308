// Builds a response in Kafka's classic or flexible encoding.

export class AnswerBytes {
  readonly #parts: Buffer[] = [];
  readonly #isFlexible: boolean;

  constructor(isFlexible: boolean) {
    this.#isFlexible = isFlexible;
  }

  int(length: 1 | 2 | 4, value: number): this {
    const bytes = Buffer.alloc(length);
    bytes.writeIntBE(value, 0, length);
    return this.#add(bytes);
  }

  int64(value: bigint): this {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(value);
    return this.#add(bytes);
  }

  string(value: string | undefined): this {
    const bytes = Buffer.from(value ?? '');
    if (this.#isFlexible) this.#varint(value === undefined ? 0 : bytes.length + 1);
    else this.int(2, value === undefined ? -1 : bytes.length);
    return this.#add(bytes);
  }

  array<Item>(items: readonly Item[], write: (item: Item) => void): this {
    if (this.#isFlexible) this.#varint(items.length + 1);
    else this.int(4, items.length);
    for (const item of items) write(item);
    return this;
  }

  /** Writes an empty tag section if the encoding is flexible. */
  tags(): this {
    return this.#isFlexible ? this.#varint(0) : this;
  }

  /** @returns the response, prefixed with its length */
  framed(): Buffer {
    const length = this.#parts.reduce((sum, part) => sum + part.length, 0);
    const head = Buffer.alloc(4);
    head.writeInt32BE(length);
    return Buffer.concat([head, ...this.#parts]);
  }

  #varint(value: number): this {
    const bytes: number[] = [];
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
    return this.#add(Buffer.from([...bytes, rest]));
  }

  #add(bytes: Buffer): this {
    this.#parts.push(bytes);
    return this;
  }
}
