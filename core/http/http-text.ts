// What does an HTTP answer say, when it may be longer than anybody wants to hold?

/** @throws what `tooLong` makes, and hangs up, as soon as more has come than `mostBytes` */
export async function textOf(response: Response, mostBytes: number, tooLong: () => Error): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop early hangs up.
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > mostBytes) throw tooLong();
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
