// Appends lines to a file, buffered in memory and synced to disk together per flush.

import { open, type FileHandle } from 'node:fs/promises';
import { awaitedElsewhere, ignoreFault } from '../../../core/ignore-fault.ts';
import { storageFault } from './storage-fault.ts';

export interface AppendLog<Line> extends AsyncDisposable {
  append(line: Line): void;
  /**
   * One write and one fsync for everything appended until now; resolves when it is on the disk.
   * @throws AppError no-space; the file then ends with the last whole line that fitted before, and the next flush tries again
   */
  flush(): Promise<void>;
}

/** @param keptBytes of an existing file, whose rest is cut off; without it the file is created */
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
      // A line that is missing between others makes the file unreadable.
      pending = [...lines, ...pending];
      await cutBack().catch(ignoreFault('the failed write itself is reported'));
      throw storageFault(cause, `cannot write ${path}`);
    }
  }

  /** Half a line must never be followed by a whole one: readers forgive a torn line at the end only. */
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
