// Counts the lines of a file that is read in chunks, of which none is kept.

const newline = 10;

/** A last line without its end does not count, as in wc(1). */
export async function countNewlines(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let lines = 0;
  for await (const chunk of chunks) {
    for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, at + 1)) lines += 1;
  }
  return lines;
}
