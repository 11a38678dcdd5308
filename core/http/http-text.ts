// Reads the text of an HTTP response up to a maximum size.

/** @throws what `tooLong` makes, and hangs up, as soon as more has come than `mostBytes` */
export async function textOf(
  { body }: { body: AsyncIterable<Uint8Array> | null },
  mostBytes: number,
  tooLong: () => Error,
): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop early hangs up.
  for await (const part of body ?? []) {
    size += part.length;
    if (size > mostBytes) throw tooLong();
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
