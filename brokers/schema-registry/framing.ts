// Splits a value in the wire format of Confluent into the id of its schema and the content.

/*
 * Value     magic    int8    0
 *           id       int32   of the schema in the registry
 *           indexes  Protobuf only: count, then so many indexes, as zigzag varints; a count of 0 stands for [0]
 *           content
 */

interface Framed {
  schemaId: number;
  content: Buffer;
}

const headLength = 5;

/** @returns undefined for a value without this frame; a value that happens to begin with 0 may be taken for one */
export function readFrame(value: Buffer): Framed | undefined {
  if (value.length < headLength || value[0] !== 0) return undefined;
  const schemaId = value.readInt32BE(1);
  return schemaId > 0 ? { schemaId, content: value.subarray(headLength) } : undefined;
}

/** As deep as messages are nested in practice. */
const mostIndexes = 32;

/** Path of the message type in its file: its place among the messages, then among those nested in it. @throws Error when torn */
export function readMessageIndexes(content: Buffer): { indexes: readonly number[]; rest: Buffer } {
  let at = 0;
  const next = (): number => {
    let value = 0;
    for (let shift = 0; shift < 32; shift += 7) {
      const byte = content[at];
      if (byte === undefined) throw new Error('the message indexes are truncated');
      at += 1;
      value |= (byte & 0x7f) << shift;
      if ((byte & 0x80) === 0) return (value >>> 1) ^ -(value & 1);
    }
    throw new Error('a message index is longer than 32 bits');
  };
  const count = next();
  if (count < 0 || count > mostIndexes) throw new Error(`${count} message indexes`);
  const indexes = count === 0 ? [0] : Array.from({ length: count }, next);
  return { indexes, rest: content.subarray(at) };
}
