// How do many messages travel in one send? Back to back in its body, each with properties of its own.

import { AppError } from '../../../core/errors.ts';

/*
 * Batch  item*
 * Item   totalSize  int32   of the whole item, itself included
 *        magic      int32   0; the broker does not look at it
 *        bodyCrc    int32   0; likewise
 *        flag       int32   the sender's own
 *        body       int32 length, bytes
 *        properties int16 length, pairs as in message-properties.ts
 *
 * All of one topic and queue, not compressed one by one.
 */

export interface BatchItem {
  body: Buffer;
  /** Pairs as encodeProperties writes them. */
  properties: string;
}

const itemHeaderBytes = 4 + 4 + 4 + 4 + 4 + 2;

/** Bytes an item takes in a batch. */
export const batchItemBytes = ({ body, properties }: BatchItem) =>
  itemHeaderBytes + body.length + Buffer.byteLength(properties);

export function encodeBatch(items: readonly BatchItem[]): Buffer {
  const batch = Buffer.allocUnsafe(items.reduce((sum, item) => sum + batchItemBytes(item), 0));
  let at = 0;
  for (const item of items) {
    at = batch.writeInt32BE(batchItemBytes(item), at);
    at = batch.writeInt32BE(0, at);
    at = batch.writeInt32BE(0, at);
    at = batch.writeInt32BE(0, at);
    at = batch.writeInt32BE(item.body.length, at);
    at += item.body.copy(batch, at);
    const propertiesBytes = batch.write(item.properties, at + 2, 'utf8');
    at = batch.writeInt16BE(propertiesBytes, at) + propertiesBytes;
  }
  return batch;
}

/** Bodies are views. @throws AppError answer-unreadable when it is cut or damaged */
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
