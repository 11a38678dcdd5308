// Splits a value in Confluent's wire format into the schema id and the content.

/*
 * Value     magic    int8    0
 *           id       int32   id of the schema in the registry
 *           indexes  Protobuf only: count, then that many indexes, as zigzag varints; a count of 0 means [0]
 *           content
 */

interface Framed {
  schemaId: number;
  content: Buffer;
}

const headLength = 5;

/** @returns undefined for a value without this frame; a value that begins with 0 by chance may look like one */
export function readFrame(value: Buffer): Framed | undefined {
  if (value.length < headLength || value[0] !== 0) return undefined;
  const schemaId = value.readInt32BE(1);
  return schemaId > 0 ? { schemaId, content: value.subarray(headLength) } : undefined;
}

/** Limit of nesting; real messages are nested less deeply. */
const mostIndexes = 32;

/**
 * Reads the path of the message type in its file: index among the messages, then among the nested ones. @throws Error
 * when truncated
 */
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
