// Reads the text of an HTTP response up to a maximum size.

/** @throws the error of `tooLong`, and closes the connection, as soon as the body exceeds `mostBytes` */
export async function textOf(
  { body }: { body: AsyncIterable<Uint8Array> | null },
  mostBytes: number,
  tooLong: () => Error,
): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop early closes the connection.
  for await (const part of body ?? []) {
    size += part.length;
    if (size > mostBytes) throw tooLong();
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
