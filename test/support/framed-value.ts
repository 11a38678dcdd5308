// Prepends the header of Confluent's wire format to a value.

export function framed(schemaId: number, content: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeInt32BE(schemaId, 1);
  return Buffer.concat([head, content]);
}
