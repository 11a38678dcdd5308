// Exports a run from disk to files as a stream, with memory independent of its length.

import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Io } from '../../../brokers/driver.ts';
import { AppError } from '../../../core/errors.ts';
import { exists } from '../bundle/bundle-writer.ts';
import { readJournalLines } from '../bundle/journal-lines.ts';
import type { LoadTestDocument } from '../../plan/stored-workload.ts';
import { storageFault } from '../bundle/storage-fault.ts';
import type { ExportedFile, ExportFormat } from './export-format.ts';
import { makeFolder } from '../../../core/files.ts';
import { csv } from './csv.ts';
import { hlog } from './hlog.ts';
import { omb } from './omb.ts';

/**
 * @param directory folder of the bundle
 * @param document its run.json
 * @param out a folder (existing, or a name with a trailing slash), or a file if the format creates one file
 * @throws AppError run-unreadable; usage if the format creates several files for one name, or none; file-exists unless
 * `force`
 */
export async function exportRun({ directory, document, format, out, force }: ExportOptions, io: Io) {
  const journal = join(directory, 'journal.ndjson');
  const notices: string[] = [];
  const read = { endByte: 0 };
  const folder = await folderOf(out);
  const files: string[] = [];
  const run = {
    document,
    async *lines() {
      for await (const { line, endByte } of readJournalLines(journal, io)) {
        read.endByte = endByte;
        yield line;
      }
    },
    notice: (text: string) => void notices.push(text),
  };
  for await (const file of format.files(run)) {
    if (folder === undefined && files.length > 0) {
      throw new AppError(
        'usage',
        `the run has several steps, and ${out} is one file: only its first step was written`,
        {
          hint: `give a folder: --out ${dirname(out)}/`,
        },
      );
    }
    const path = folder === undefined ? out : join(folder, file.name);
    await writeFile(path, file, force, io.signal);
    files.push(path);
  }
  if (files.length === 0) {
    throw new AppError('usage', `${directory} has nothing for this format: no step was completed`, {
      hint: 'hlog and csv hold runs that were cut off, too',
    });
  }
  const { size } = await stat(journal);
  if (size > read.endByte) {
    notices.push(`the last line of ${journal} is incomplete and was skipped: the process that wrote it was killed`);
  }
  return {
    /** Paths in the order of the run. */
    files,
    notices,
  };
}

interface ExportOptions {
  directory: string;
  document: LoadTestDocument;
  format: ExportFormat;
  out: string;
  /** True to overwrite existing files. */
  force: boolean;
}

/** @returns undefined if `out` is a file */
async function folderOf(out: string): Promise<string | undefined> {
  const isFolder = await stat(out).then(
    (found) => found.isDirectory(),
    () => out.endsWith('/'),
  );
  if (!isFolder) return undefined;
  try {
    makeFolder(out);
    return out;
  } catch (cause) {
    throw storageFault(cause, `cannot create ${out}`);
  }
}

/** Writes to a draft and renames it: readers see a complete file or none. */
async function writeFile(path: string, { text }: ExportedFile, force: boolean, signal: AbortSignal): Promise<void> {
  if (!force && (await exists(path))) throw new AppError('file-exists', `${path} already exists`);
  const draft = join(dirname(path), `.${basename(path)}.draft`);
  try {
    await pipeline(Readable.from(text), createWriteStream(draft), { signal });
    await rename(draft, path);
  } catch (cause) {
    await rm(draft, { force: true });
    if (signal.aborted || cause instanceof AppError) throw cause;
    throw storageFault(cause, `cannot write ${path}`);
  }
}

/** Registers the export formats; the keys are their names on the command line. */
export const exportFormats = { omb, hlog, csv } satisfies Record<string, ExportFormat>;

export type ExportFormatName = keyof typeof exportFormats;
