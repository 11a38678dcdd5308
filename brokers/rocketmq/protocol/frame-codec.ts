// Splits a byte stream into frames and encodes frames, with either kind of header.

import { AppError } from '../../../core/errors.ts';
import type { Frame, Header } from './frame.ts';
import { decodeJsonHeader, encodeJsonHeader, flags } from './json-header.ts';

/*
 * length         int32    of the rest
 * header length  int32    lowest 24 bits; the highest 8 are the type: 0 JSON, 1 ROCKETMQ (binary)
 * header
 * body                    the rest
 *
 * The broker chooses the type of an answer: 4.9 mirrors the request, 5.x has a setting for it.
 */

/** Maximum frame of brokers and upstream's client, in bytes (com.rocketmq.remoting.frameMaxLength). */
export const frameLimit = 16 * 1024 * 1024;

/** Maximum header, in bytes. The longest header that is sent has 32 KiB of message properties. */
const headerLimit = 1024 * 1024;

export function encodeFrame({ body, ...header }: Frame): Buffer {
  const headerBytes = encodeJsonHeader(header);
  const lengths = Buffer.alloc(8);
  lengths.writeInt32BE(4 + headerBytes.length + body.length, 0);
  lengths.writeInt32BE(headerBytes.length, 4);
  return Buffer.concat([lengths, headerBytes, body]);
}

/** Splits the bytes of one connection into frames. Allocates no memory from a length alone, before the bytes arrive. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #held = 0;
  /** Number of bytes needed for the next step: a length, then a whole frame. */
  #wanted = 4;

  /** @returns the frames that are complete now. @throws AppError answer-unreadable; the connection is then unusable */
  push(chunk: Buffer): Frame[] {
    const frames: Frame[] = [];
    this.cut(chunk, (bytes, from, to) => void frames.push(decodeFrame(bytes.subarray(from, to))));
    return frames;
  }

  /** As `push`, without decoding: `from` is the byte after the length of a frame, `to` its end (exclusive). */
  cut(chunk: Buffer, visit: (bytes: Buffer, from: number, to: number) => void): void {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    if (this.#held < this.#wanted) return;
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    let at = 0;
    this.#wanted = wantedBy(bytes, 0);
    while (bytes.length - at >= this.#wanted && this.#wanted > 4) {
      visit(bytes, at + 4, at + this.#wanted);
      at += this.#wanted;
      this.#wanted = wantedBy(bytes, at);
    }
    this.#chunks = at === bytes.length ? [] : [bytes.subarray(at)];
    this.#held = bytes.length - at;
  }
}

function wantedBy(bytes: Buffer, at: number): number {
  if (bytes.length - at < 4) return 4;
  const length = bytes.readInt32BE(at);
  if (length < 4 || length > frameLimit) {
    throw new AppError(
      'answer-unreadable',
      `${speakerOf(bytes.subarray(at))}: a frame of ${bytes.readUInt32BE(at)} bytes is announced`,
    );
  }
  return 4 + length;
}

/** The first byte of a frame below 16 MiB is 0; another one shows a peer that speaks another protocol. */
function speakerOf(bytes: Buffer): string {
  if (/^(HTTP|<htm|<!DO)/i.test(bytes.toString('latin1', 0, 4))) return 'this is an HTTP server, not RocketMQ';
  if (bytes[0] === 0x15 && bytes[1] === 0x03) return 'the listener speaks TLS';
  return 'this is not RocketMQ';
}

/** @param bytes the frame without its length. @throws AppError answer-unreadable */
export function decodeFrame(bytes: Buffer): Frame {
  const headerLength = bytes.readUIntBE(1, 3);
  if (headerLength > bytes.length - 4 || headerLength > headerLimit) {
    throw new AppError('answer-unreadable', `a header of ${headerLength} bytes in a frame of ${bytes.length}`);
  }
  const header = bytes.subarray(4, 4 + headerLength);
  const body = bytes.subarray(4 + headerLength);
  switch (bytes[0]) {
    case 0:
      return { ...decodeJsonHeader(header), body };
    case 1:
      return { ...decodeBinaryHeader(header), body };
    default:
      throw new AppError('answer-unreadable', `a header of unknown type ${bytes[0]}`);
  }
}

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
function decodeBinaryHeader(bytes: Buffer): Header {
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
