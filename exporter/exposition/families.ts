// Merges the samples of many clusters and hosts into one page, each metric family once.

import { chunkBytes, releaseChunks } from './chunk-pool.ts';
import { openMetricsEnd, renderHead, type Format, type Head } from './text-format.ts';

export type Definitions = Readonly<Record<string, Head>>;

/** Rendered samples by family, the same in every format. */
export type Lines = ReadonlyMap<string, readonly Buffer[]>;

/** A complete page. It can be read repeatedly and in several formats until it is disposed. */
export interface Page extends Disposable {
  /** Chunks of about 64 KiB, so that neither a scraper nor this process ever holds a page as one string. */
  chunks(format: Format): Iterable<Buffer>;
  /** Length of all chunks. */
  byteLength(format: Format): number;
}

export function createFamilies() {
  const families = new Map<string, { definition: Head; lines: Buffer[] }>();
  const added: Lines[] = [];

  function* pieces(format: Format): Iterable<Buffer> {
    for (const [name, { definition, lines }] of families) {
      yield Buffer.from(renderHead(format, name, definition));
      yield* lines;
    }
    if (format === 'openmetrics') yield Buffer.from(openMetricsEnd);
  }

  return {
    /** A family keeps the position of its first samples. The page takes over the lines and releases them with it. */
    add(definitions: Definitions, lines: Lines) {
      added.push(lines);
      for (const [name, rendered] of lines) {
        const definition = definitions[name];
        const family = families.get(name);
        if (family !== undefined) for (const chunk of rendered) family.lines.push(chunk);
        else if (definition !== undefined) families.set(name, { definition, lines: [...rendered] });
      }
    },
    *chunks(format: Format) {
      let gathered: Buffer[] = [];
      let bytes = 0;
      for (const piece of pieces(format)) {
        const isLarge = piece.length >= chunkBytes / 2;
        if (bytes > 0 && (isLarge || bytes + piece.length > chunkBytes)) {
          yield Buffer.concat(gathered, bytes);
          gathered = [];
          bytes = 0;
        }
        // Copies only small pieces.
        if (isLarge) yield piece;
        else {
          gathered.push(piece);
          bytes += piece.length;
        }
      }
      if (bytes > 0) yield Buffer.concat(gathered, bytes);
    },
    byteLength: (format: Format) => Iterator.from(pieces(format)).reduce((bytes, { length }) => bytes + length, 0),
    [Symbol.dispose]() {
      families.clear();
      for (const lines of added.splice(0)) releaseChunks(lines);
    },
  };
}
