// Encodes and decodes the body of a batch send: messages back to back, each with its properties.

import { AppError } from '../../../core/errors.ts';

/*
 * Batch  item*
 * Item   totalSize  int32   of the whole item, including this field
 *        magic      int32   0; the broker ignores it
 *        bodyCrc    int32   0; likewise
 *        flag       int32   set by the sender
 *        body       int32 length, bytes
 *        properties int16 length, pairs as in message-properties.ts
 *
 * All items have the same topic and queue; single items are not compressed.
 */

export interface BatchItem {
  body: Buffer;
  /** Pairs as encodeProperties writes them. */
  properties: string;
}

const itemHeaderBytes = 4 + 4 + 4 + 4 + 4 + 2;

/** Size of an item in a batch, in bytes. */
export const batchItemBytes = (bodyBytes: number, propertiesBytes: number) =>
  itemHeaderBytes + bodyBytes + propertiesBytes;

/** @returns the position where the caller writes `propertiesBytes` bytes of properties */
export function writeBatchItem(into: Buffer, from: number, body: Buffer, propertiesBytes: number): number {
  let at = into.writeInt32BE(batchItemBytes(body.length, propertiesBytes), from);
  at = into.writeInt32BE(0, at);
  at = into.writeInt32BE(0, at);
  at = into.writeInt32BE(0, at);
  at = into.writeInt32BE(body.length, at);
  into.set(body, at);
  return into.writeInt16BE(propertiesBytes, at + body.length);
}

export function encodeBatch(items: readonly BatchItem[]): Buffer {
  const sizes = items.map(({ body, properties }) => batchItemBytes(body.length, Buffer.byteLength(properties)));
  const batch = Buffer.allocUnsafe(sizes.reduce((sum, size) => sum + size, 0));
  let at = 0;
  for (const { body, properties } of items) {
    at = writeBatchItem(batch, at, body, Buffer.byteLength(properties));
    at += batch.write(properties, at, 'utf8');
  }
  return batch;
}

/** @returns items whose bodies are views. @throws AppError answer-unreadable when the batch is truncated or damaged */
export function decodeBatch(batch: Buffer): BatchItem[] {
  const items: BatchItem[] = [];
  for (let at = 0; at < batch.length;) {
    const left = batch.length - at;
    const size = left < itemHeaderBytes ? -1 : batch.readInt32BE(at);
    const bodyBytes = left < itemHeaderBytes ? -1 : batch.readInt32BE(at + 16);
    const propertiesAt = at + 20 + bodyBytes;
    if (size > left || bodyBytes < 0 || bodyBytes > size - itemHeaderBytes) {
      throw unreadable(at, batch.length);
    }
    if (propertiesAt + 2 + batch.readInt16BE(propertiesAt) !== at + size) throw unreadable(at, batch.length);
    items.push({
      body: batch.subarray(at + 20, propertiesAt),
      properties: batch.toString('utf8', propertiesAt + 2, at + size),
    });
    at += size;
  }
  return items;
}

const unreadable = (at: number, length: number) =>
  new AppError('answer-unreadable', `cannot read a batch of messages: damaged at byte ${at} of ${length}`);
