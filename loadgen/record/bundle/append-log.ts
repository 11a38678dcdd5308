// Appends lines to a file, buffered in memory and synced to disk together per flush.

import { open, type FileHandle } from 'node:fs/promises';
import { awaitedElsewhere, ignoreFault } from '../../../core/errors.ts';
import { storageFault } from './storage-fault.ts';

export interface AppendLog<Line> extends AsyncDisposable {
  append(line: Line): void;
  /**
   * Writes and fsyncs all appended lines at once; resolves when they are on disk.
   * @throws AppError no-space; the file then ends with the last complete line that fitted, and the next flush retries
   */
  flush(): Promise<void>;
}

/** @param keptBytes bytes to keep of an existing file, which is truncated there; if absent, the file is created */
export async function openAppendLog<Line>(path: string, keptBytes?: number): Promise<AppendLog<Line>> {
  let handle: FileHandle;
  try {
    handle = await open(path, keptBytes === undefined ? 'ax' : 'a');
    if (keptBytes !== undefined) await handle.truncate(keptBytes);
  } catch (cause) {
    throw storageFault(cause, `cannot ${keptBytes === undefined ? 'create' : 'go on with'} ${path}`);
  }
  let pending: string[] = [];
  let durableBytes = keptBytes ?? 0;
  let isTorn = false;
  let last = Promise.resolve();

  async function write(): Promise<void> {
    if (pending.length === 0) return;
    const lines = pending;
    const text = Buffer.from(lines.join(''));
    pending = [];
    try {
      await cutBack();
      isTorn = true;
      await handle.appendFile(text);
      await handle.datasync();
      isTorn = false;
      durableBytes += text.length;
    } catch (cause) {
      // Keep the lines: a missing line in the middle makes the file unreadable.
      pending = [...lines, ...pending];
      await cutBack().catch(ignoreFault('the failed write itself is reported'));
      throw storageFault(cause, `cannot write ${path}`);
    }
  }

  /** A partial line must never precede a complete one: readers only tolerate a torn line at the end. */
  async function cutBack(): Promise<void> {
    if (isTorn) await handle.truncate(durableBytes);
    isTorn = false;
  }

  return {
    append: (line) => void pending.push(`${JSON.stringify(line)}\n`),
    flush() {
      const flushed = last.then(write);
      last = flushed.catch(awaitedElsewhere);
      return flushed;
    },
    async [Symbol.asyncDispose]() {
      await last;
      await handle.close();
    },
  };
}
