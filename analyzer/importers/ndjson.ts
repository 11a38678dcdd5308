// Which records does a file of JSON lines hold? Streamed with bounded lines; only a broken last line may be dropped.

import { createReadStream } from 'node:fs';
import type { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import { shapeGuard, type ShapeGuard } from './shape-guard.ts';

/** A histogram of a second is a few kilobytes; a line beyond this is no record of ours. */
const longestLine = 4 * 2 ** 20;
/** Some two hundred lines of hosts: what is done once a chunk costs nothing. */
const chunkBytes = 2 ** 18;

export interface JsonLine<T> {
  number: number;
  value: T;
}

/**
 * @param onTorn told of a last line that is no whole record: a writer that was killed leaves one
 * @throws AppError run-unreadable with file:line when a record in the middle is broken
 */
export async function* readJsonLines<T>(
  file: string,
  schema: z.ZodType<T>,
  { signal, onTorn }: { signal?: AbortSignal | undefined; onTorn(number: number, reason: string): void },
): AsyncIterable<JsonLine<T>> {
  const guard = shapeGuard(schema);
  let broken: { number: number; reason: string } | undefined;
  for await (const { first, lines } of readLines(file, signal)) {
    for (const [index, text] of lines.entries()) {
      if (text === '') continue;
      const number = first + index;
      if (broken) throw new AppError('run-unreadable', `cannot read ${file}:${broken.number}: ${broken.reason}`);
      const parsed = parseRecord(text, schema, guard);
      if (parsed.kind === 'ok') yield { number, value: parsed.value };
      else broken = { number, reason: parsed.reason };
    }
  }
  if (broken) onTorn(broken.number, broken.reason);
}

/** @returns whole lines, chunk by chunk, and the number of the first of each */
async function* readLines(
  file: string,
  signal: AbortSignal | undefined,
): AsyncIterable<{ first: number; lines: readonly string[] }> {
  let rest = '';
  let first = 1;
  const stream = createReadStream(file, { encoding: 'utf8', highWaterMark: chunkBytes, ...(signal && { signal }) });
  try {
    for await (const chunk of stream as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      yield { first, lines };
      first += lines.length;
      if (rest.length > longestLine) {
        throw new AppError(
          'run-unreadable',
          `cannot read ${file}:${first}: the line is longer than ${longestLine} characters`,
        );
      }
    }
  } catch (cause) {
    if (cause instanceof AppError || signal?.aborted) throw cause;
    throw unreadable(file, cause);
  }
  if (rest !== '') yield { first, lines: [rest] };
}

/** What kept a file from being read is no damage to it. */
export function unreadable(file: string, cause: unknown): AppError {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code !== 'EACCES') return new AppError('run-unreadable', `cannot read ${file}: ${message}`, { cause });
  return new AppError('no-permission', `cannot read ${file}: this user may not`, {
    cause,
    hint: 'run as a user who may read it, or change its permissions',
  });
}

function parseRecord<T>(
  text: string,
  schema: z.ZodType<T>,
  isSurely: ShapeGuard,
): { kind: 'ok'; value: T } | { kind: 'broken'; reason: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    return { kind: 'broken', reason: `not JSON: ${(cause as Error).message}` };
  }
  if (isSurely(json)) return { kind: 'ok', value: json as T };
  const parsed = schema.safeParse(json);
  return parsed.success ? { kind: 'ok', value: parsed.data } : { kind: 'broken', reason: reasonsOf(parsed.error) };
}

/** @returns the first few problems as `path: what is wrong` */
export function reasonsOf(error: z.ZodError): string {
  const reasons = error.issues.slice(0, 5).map(({ path, message }) => `${path.join('.') || 'document'}: ${message}`);
  const more = error.issues.length - reasons.length;
  return reasons.join('; ') + (more > 0 ? `; and ${more} more` : '');
}
