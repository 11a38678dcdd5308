// Counts the lines of a file that is read in chunks, without keeping the chunks.

const newline = 10;

/** Like wc(1), does not count a last line without a newline. */
export async function countNewlines(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let lines = 0;
  for await (const chunk of chunks) lines += newlinesIn(chunk);
  return lines;
}

export function newlinesIn(chunk: Uint8Array): number {
  let lines = 0;
  for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, at + 1)) lines += 1;
  return lines;
}
