// Writes repeated sends quickly: encodes the header once and patches the varying fields.

import { flags } from './json-header.ts';
import { letters, type SendMessage } from './send-message.ts';
import type { Outbox } from './outbox.ts';

/*
 * length         int32
 * header length  int32    the highest 8 bits are 1: binary, as in frame-codec.ts
 * code           int16    310 SEND_MESSAGE_V2, 320 SEND_BATCH_MESSAGE
 * language       int8     7 is OTHER
 * version        int16    407, as in json-header.ts
 * opaque         int32
 * flag           int32
 * remark         int32    0, there is none
 * fields         int32 length in bytes of the rest of the header, then name int16 length and value int32 length:
 *                the letters of send-message.ts, i last
 * body
 */

const [language, version] = [7, 407];
const [lengthAt, headerLengthAt, opaqueAt, flagAt, fieldBytesAt, fieldsAt] = [0, 4, 13, 17, 25, 29];
const binary = 1 << 24;
/** Digits of milliseconds since the epoch, until the year 2286. */
const momentDigits = 13;

type SendHead = Omit<SendMessage, 'bornAtMs' | 'properties' | 'body'> & { isBatch: boolean; isOneWay: boolean };

export class SendFrame {
  readonly #head: Buffer;
  readonly #momentAt: number;
  #bornAtMs = 0;

  constructor({ isBatch, isOneWay, ...message }: SendHead) {
    const { i: _, g: __, ...fixed } = letters({ ...message, bornAtMs: 0, properties: '' }, isBatch);
    const fixedBytes = Buffer.concat(Object.entries(fixed).map(([name, value]) => field(name, value)));
    const moment = field('g', '0'.repeat(momentDigits));
    this.#head = Buffer.concat([Buffer.alloc(fieldsAt), fixedBytes, moment, field('i', '')]);
    this.#momentAt = fieldsAt + fixedBytes.length + moment.length - momentDigits;
    this.#head.writeInt16BE(isBatch ? 320 : 310, 8);
    this.#head.writeInt8(language, 10);
    this.#head.writeInt16BE(version, 11);
    this.#head.writeInt32BE(isOneWay ? flags.oneWay : 0, flagAt);
  }

  /** Sets the born time of the next frames. */
  bornAt(ms: number): void {
    if (ms === this.#bornAtMs) return;
    this.#head.write(String(ms).padStart(momentDigits, '0'), this.#momentAt, 'latin1');
    this.#bornAtMs = ms;
  }

  /** @returns the position in the bytes of the outbox where the caller writes the properties and then the body */
  put(outbox: Outbox, opaque: number, propertiesBytes: number, bodyBytes: number): number {
    const head = this.#head;
    const headBytes = head.length + propertiesBytes;
    const at = outbox.reserve(headBytes + bodyBytes);
    const { bytes } = outbox;
    bytes.set(head, at);
    const propertiesAt = at + head.length;
    bytes.writeInt32BE(headBytes + bodyBytes - 4, at + lengthAt);
    bytes.writeInt32BE(binary | (headBytes - 8), at + headerLengthAt);
    bytes.writeInt32BE(opaque, at + opaqueAt);
    bytes.writeInt32BE(headBytes - fieldsAt, at + fieldBytesAt);
    bytes.writeInt32BE(propertiesBytes, propertiesAt - 4);
    return propertiesAt;
  }
}

function field(name: string, value: string): Buffer {
  const bytes = Buffer.alloc(2 + name.length + 4 + Buffer.byteLength(value));
  bytes.writeInt16BE(name.length, 0);
  bytes.write(name, 2, 'latin1');
  bytes.writeInt32BE(Buffer.byteLength(value), 2 + name.length);
  bytes.write(value, 6 + name.length);
  return bytes;
}
