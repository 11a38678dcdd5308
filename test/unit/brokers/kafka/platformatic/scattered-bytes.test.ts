import { Reader, Writer } from '@platformatic/kafka';
import { expect, test } from 'vitest';
import { readScatteredBytes } from '../../../../../brokers/kafka/platformatic/fetch.ts';

/** Returns a response that arrived in chunks of this size. */
function inPieces(bytes: Buffer, size: number): Reader {
  const writer = Writer.create();
  for (let at = 0; at < bytes.length; at += size) writer.append(bytes.subarray(at, at + size));
  return Reader.from(writer);
}

const said = (bytes: Buffer) => Writer.create().appendBytes(bytes).appendInt8(7).buffer;
const bytes = Buffer.from('what was stored, in the order it was stored in');

test.each([1, 7, 1000])('joins bytes that arrived in chunks of %d bytes, and continues reading after them', (size) => {
  const reader = inPieces(said(bytes), size);
  const gather = readScatteredBytes(reader);
  expect(reader.readInt8()).toBe(7);
  expect(gather().toString()).toBe(bytes.toString());
});

test('writes into the given memory, and copies nothing if the bytes are in one chunk', () => {
  const memory = Buffer.alloc(100);
  const scattered = readScatteredBytes(inPieces(said(bytes), 7))(() => memory);
  expect(scattered.buffer).toBe(memory.buffer);
  const whole = said(bytes);
  expect(readScatteredBytes(Reader.from(whole))(() => memory).buffer).toBe(whole.buffer);
});

test('reads zero bytes, and refuses a length beyond the received bytes', () => {
  expect(readScatteredBytes(Reader.from(Writer.create().appendUnsignedVarInt(0)))()).toHaveLength(0);
  const cut = said(bytes).subarray(0, 20);
  expect(() => readScatteredBytes(Reader.from(cut))).toThrow(expect.objectContaining({ code: 'answer-unreadable' }));
});
