// Which records does a file of JSON lines hold? Streamed with bounded lines; only a broken last line may be dropped.

import { createReadStream } from 'node:fs';
import type { z } from 'zod';
import { AppError } from '../../core/errors.ts';

/** A histogram of a second is a few kilobytes; a line beyond this is no record of ours. */
const longestLine = 4 * 2 ** 20;

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
  let broken: { number: number; reason: string } | undefined;
  for await (const { number, text } of readLines(file, signal)) {
    if (broken) throw new AppError('run-unreadable', `cannot read ${file}:${broken.number}: ${broken.reason}`);
    const parsed = parseRecord(text, schema);
    if (parsed.kind === 'ok') yield { number, value: parsed.value };
    else broken = { number, reason: parsed.reason };
  }
  if (broken) onTorn(broken.number, broken.reason);
}

async function* readLines(
  file: string,
  signal: AbortSignal | undefined,
): AsyncIterable<{ number: number; text: string }> {
  let rest = '';
  let number = 0;
  const stream = createReadStream(file, { encoding: 'utf8', ...(signal && { signal }) });
  try {
    for await (const chunk of stream as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const text of lines) {
        number += 1;
        if (text !== '') yield { number, text };
      }
      if (rest.length > longestLine) {
        throw new AppError(
          'run-unreadable',
          `cannot read ${file}:${number + 1}: the line is longer than ${longestLine} characters`,
        );
      }
    }
  } catch (cause) {
    if (cause instanceof AppError || signal?.aborted) throw cause;
    throw unreadable(file, cause);
  }
  if (rest !== '') yield { number: number + 1, text: rest };
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
): { kind: 'ok'; value: T } | { kind: 'broken'; reason: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    return { kind: 'broken', reason: `not JSON: ${(cause as Error).message}` };
  }
  const parsed = schema.safeParse(json);
  return parsed.success ? { kind: 'ok', value: parsed.data } : { kind: 'broken', reason: reasonsOf(parsed.error) };
}

/** @returns the first few problems as `path: what is wrong` */
export function reasonsOf(error: z.ZodError): string {
  const reasons = error.issues.slice(0, 5).map(({ path, message }) => `${path.join('.') || 'document'}: ${message}`);
  const more = error.issues.length - reasons.length;
  return reasons.join('; ') + (more > 0 ? `; and ${more} more` : '');
}
