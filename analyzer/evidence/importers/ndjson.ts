// Streams records of a JSON lines file; lines are bounded, and only an incomplete last line may be dropped.

import { open } from 'node:fs/promises';
import type { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { statFile } from '../../../core/files.ts';
import { readJson } from '../../../core/text/parse-json.ts';
import type { LikeLines } from './like-lines.ts';
import { shapeGuard, type ShapeGuard } from './shape-guard.ts';

/** A histogram of a second is a few kilobytes; Plimsoll writes no longer lines. */
const longestLine = 4 * 2 ** 20;
/** About two hundred host lines, so that costs per chunk are negligible. */
const chunkBytes = 2 ** 18;

interface JsonLine<T> {
  number: number;
  value: T;
}

interface ReadOptions {
  signal?: AbortSignal | undefined;
  likeLines?: LikeLines | undefined;
  onTorn(number: number, reason: string): void;
}

/** A line in the last chunk; valid until the next chunk is read. */
interface Line {
  number: number;
  bytes: Buffer;
  from: number;
  to: number;
}

/**
 * Works chunk by chunk, because a promise for each of a million lines takes half as long as their parsing.
 *
 * @param onTorn called for an incomplete last line, which a killed writer leaves
 * @param likeLines may be passed if a value is no longer used when the second next line with the same beginning
 * arrives
 * @throws AppError run-unreadable with file:line if a record in the middle is broken
 */
export async function* readJsonChunks<T>(
  file: string,
  schema: z.ZodType<T>,
  { signal, likeLines, onTorn }: ReadOptions,
): AsyncIterable<Iterable<JsonLine<T>>> {
  const isSurely = shapeGuard(schema);
  let broken: { number: number; reason: string } | undefined;
  function* valuesOf(lines: Iterable<Line>): Iterable<JsonLine<T>> {
    for (const line of lines) {
      if (line.from === line.to) continue;
      if (broken) throw new AppError('run-unreadable', `cannot read ${file}:${broken.number}: ${broken.reason}`);
      const { number } = line;
      const parsed = parseRecord(line, schema, isSurely, likeLines);
      if (parsed.kind === 'ok') yield { number, value: parsed.value };
      else broken = { number, reason: parsed.reason };
    }
  }
  for await (const lines of readLines(file, signal)) yield valuesOf(lines);
  if (broken) onTorn(broken.number, broken.reason);
}

const lineFeed = 0x0a;

/** @returns whole lines, chunk by chunk; each must be consumed before the next one is requested */
async function* readLines(file: string, signal: AbortSignal | undefined): AsyncIterable<Iterable<Line>> {
  let bytes = Buffer.allocUnsafe(2 * chunkBytes);
  let held = 0;
  let number = 1;
  function* wholeLines(end: number): Iterable<Line> {
    let from = 0;
    for (let to = bytes.indexOf(lineFeed); to >= 0 && to < end; to = bytes.indexOf(lineFeed, from)) {
      yield { number: number++, bytes, from, to };
      from = to + 1;
    }
    bytes.copyWithin(0, from, end);
    held = end - from;
  }
  try {
    await statFile(file);
    await using handle = await open(file);
    for (;;) {
      signal?.throwIfAborted();
      if (bytes.length - held < chunkBytes) bytes = Buffer.concat([bytes.subarray(0, held)], 2 * bytes.length);
      const { bytesRead } = await handle.read(bytes, held, chunkBytes);
      if (bytesRead === 0) break;
      yield wholeLines(held + bytesRead);
      if (held > longestLine) {
        throw new AppError(
          'run-unreadable',
          `cannot read ${file}:${number}: the line is longer than ${longestLine} characters`,
        );
      }
    }
  } catch (cause) {
    if (cause instanceof AppError || signal?.aborted) throw cause;
    throw unreadable(file, cause);
  }
  if (held > 0) yield [{ number, bytes, from: 0, to: held }];
}

const copyAll = 'copy the whole folder that `plimsoll run` wrote';
const causeHints: Readonly<Record<string, string>> = {
  EISDIR: `a directory stands where the file belongs: ${copyAll}`,
  ELOOP: `a symbolic link there leads to itself: ${copyAll}`,
};

/** A file that cannot be read is not necessarily damaged. */
export function unreadable(file: string, cause: unknown): AppError {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code !== 'EACCES') {
    const hint =
      causeHints[code ?? ''] ?? 'the operating system could not read it: check the disk, or restore the file';
    return new AppError('run-unreadable', `cannot read ${file}: ${message}`, { cause, hint });
  }
  return new AppError('no-permission', `cannot read ${file}: this user may not`, {
    cause,
    hint: 'run as a user who may read it, or change its permissions',
  });
}

function parseRecord<T>(
  { bytes, from, to }: Line,
  schema: z.ZodType<T>,
  isSurely: ShapeGuard,
  likeLines: LikeLines | undefined,
): { kind: 'ok'; value: T } | { kind: 'broken'; reason: string } {
  const like = likeLines?.read(bytes, from, to);
  if (like !== undefined && isSurely(like)) return { kind: 'ok', value: like as T };
  let json: unknown;
  try {
    json = readJson(bytes.toString('utf8', from, to));
  } catch (cause) {
    // The position within the line is enough beside the number of the line.
    return { kind: 'broken', reason: `not JSON: ${(cause as Error).message.replace(/ \(line 1 column \d+\)$/, '')}` };
  }
  if (isSurely(json)) {
    likeLines?.learn(bytes, from, to, json);
    return { kind: 'ok', value: json as T };
  }
  const parsed = schema.safeParse(json);
  return parsed.success ? { kind: 'ok', value: parsed.data } : { kind: 'broken', reason: reasonsOf(parsed.error) };
}

/** @returns the first few problems as `path: problem` */
export function reasonsOf(error: z.ZodError): string {
  const reasons = error.issues.slice(0, 5).map(({ path, message }) => `${path.join('.') || 'document'}: ${message}`);
  const more = error.issues.length - reasons.length;
  return reasons.join('; ') + (more > 0 ? `; and ${more} more` : '');
}
