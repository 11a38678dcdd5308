// Decodes headers of serialize type ROCKETMQ, which brokers may be configured to send.

import { AppError } from '../../../core/errors.ts';
import type { Header } from './frame.ts';
import { flags } from './json-header.ts';

/*
 * code      int16
 * language  int8
 * version   int16
 * opaque    int32
 * flag      int32     bit 0: response, bit 1: one way
 * remark    int32 length, UTF-8; length 0 is no remark
 * fields    int32 length in bytes of the rest, then repeated:
 *             int16 length, name
 *             int32 length, value; length 0 is no value
 */

/** @throws AppError answer-unreadable */
export function decodeBinaryHeader(bytes: Buffer): Header {
  const reader = new HeaderReader(bytes);
  const code = reader.int(2);
  reader.int(1);
  reader.int(2);
  const opaque = reader.int(4);
  const flag = reader.int(4);
  const remark = reader.text(reader.int(4));
  const fieldBytes = reader.int(4);
  if (fieldBytes !== reader.left) throw unreadable(`fields of ${fieldBytes} bytes where ${reader.left} are left`);
  const fields: [string, string][] = [];
  while (reader.left > 0) {
    const name = reader.text(reader.int(2));
    const value = reader.text(reader.int(4));
    if (value !== '') fields.push([name, value]);
  }
  return {
    code,
    opaque,
    isResponse: (flag & flags.response) !== 0,
    isOneWay: (flag & flags.oneWay) !== 0,
    // An assignment of a field named __proto__ would set the prototype; Object.fromEntries does not.
    fields: Object.fromEntries(fields),
    ...(remark === '' ? {} : { remark }),
  };
}

class HeaderReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  int(length: 1 | 2 | 4): number {
    if (length > this.left) throw unreadable('cut off');
    const value = this.#bytes.readIntBE(this.#at, length);
    this.#at += length;
    return value;
  }

  text(length: number): string {
    if (length < 0 || length > this.left) throw unreadable(`text of ${length} bytes where ${this.left} are left`);
    return this.#bytes.toString('utf8', this.#at, (this.#at += length));
  }
}

const unreadable = (why: string) => new AppError('answer-unreadable', `the binary header cannot be read: ${why}`);
