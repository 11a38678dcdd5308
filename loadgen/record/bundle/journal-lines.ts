// Streams the complete lines of a journal, without a torn last line.

import { createReadStream } from 'node:fs';
import { AppError } from '../../../core/errors.ts';
import { JournalLine } from '../../../core/documents/run-bundle.ts';
import { statFile } from '../../../core/files.ts';
import { readJson } from '../../../core/text/parse-json.ts';
import { storageFault } from './storage-fault.ts';

const newline = 10;
/** As in the analyzer: a histogram of a second is a few kilobytes. */
const longestLine = 4 * 2 ** 20;

/**
 * @returns lines, each with the byte offset of the next one.
 * @throws AppError run-missing; run-unreadable if a line before the last is invalid
 */
export async function* readJournalLines(
  path: string,
  { signal }: { signal: AbortSignal },
): AsyncIterable<{ line: JournalLine; endByte: number }> {
  let number = 0;
  let unread: { text: string; reason: string } | undefined;
  for await (const { bytes, endByte } of wholeLines(path, { signal })) {
    number += 1;
    if (unread !== undefined) {
      throw new AppError('run-unreadable', `cannot read ${path}:${number - 1}: ${unread.reason}`);
    }
    const text = bytes.toString('utf8');
    const parsed = parse(text);
    // Only the last line may be torn: a file system may have stored the length of a write and not its bytes.
    if (typeof parsed === 'string') unread = { text, reason: parsed };
    else yield { line: parsed, endByte };
  }
}

/** @returns how many bytes of the file are complete lines; 0 if there is no file */
export async function wholeBytes(path: string, { signal }: { signal: AbortSignal }): Promise<number> {
  let bytes = 0;
  for await (const { endByte } of wholeLines(path, { signal, isOptional: true })) bytes = endByte;
  return bytes;
}

/** @param isOptional true to treat a missing file as empty; otherwise it is an error */
export async function* wholeLines(
  path: string,
  { signal, isOptional = false }: { signal: AbortSignal; isOptional?: boolean },
): AsyncIterable<{ bytes: Buffer; endByte: number }> {
  let rest: Buffer = Buffer.alloc(0);
  let at = 0;
  try {
    await statFile(path);
    for await (const chunk of createReadStream(path, { signal }) as AsyncIterable<Buffer>) {
      let data: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      for (let end = data.indexOf(newline); end >= 0; end = data.indexOf(newline)) {
        at += end + 1;
        yield { bytes: data.subarray(0, end), endByte: at };
        data = data.subarray(end + 1);
      }
      rest = data;
      if (rest.length > longestLine) {
        throw new AppError('run-unreadable', `cannot read ${path}: a line is longer than ${longestLine} bytes`);
      }
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
      if (isOptional) return;
      throw new AppError('run-missing', `cannot read ${path}: no such file`, {
        cause,
        hint: 'copy the whole folder that `plimsoll run` wrote',
      });
    }
    if (signal.aborted || cause instanceof AppError) throw cause;
    throw storageFault(cause, `cannot read ${path}`);
  }
}

/** @returns the line, or why it is invalid */
function parse(text: string): JournalLine | string {
  try {
    const { data, error } = JournalLine.safeParse(readJson(text));
    return data ?? error?.issues[0]?.message ?? 'it is not a journal line';
  } catch (error) {
    return (error as Error).message;
  }
}
