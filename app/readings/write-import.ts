// Writes an import into a run bundle as one file, atomically.

import { access, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../core/errors.ts';
import { fileFaultCodes } from '../../core/file-fault-codes.ts';
import { importedFolder, type ImportedLine } from '../../core/documents/evidence/imported-telemetry.ts';
import { makeFolder } from '../../core/make-folder.ts';

export type Written = { kind: 'written'; file: string } | { kind: 'there-already'; file: string };

/**
 * The name is made of what was imported, so that the same file imported twice is there once.
 * @throws AppError no-space, no-permission, run-failed
 */
export async function writeImport(directory: string, lines: readonly ImportedLine[]): Promise<Written> {
  const [header] = lines;
  if (header?.kind !== 'import') throw new TypeError('an import begins with its header');
  const folder = join(directory, importedFolder);
  const content = header.source.sha256.slice(0, 12);
  const suffix = `-${encodeURIComponent(header.host)}-${content}.ndjson`;
  try {
    await makeFolder(folder);
    const names = await readdir(folder);
    const known = names.find((name) => name.endsWith(suffix));
    if (known !== undefined) return { kind: 'there-already', file: join(folder, known) };
    // Imports are read in this order, and the first of two with the same data counts.
    const number = Math.max(0, ...names.map((name) => Number(/^(\d+)-/.exec(name)?.[1] ?? 0))) + 1;
    const file = join(folder, `${String(number).padStart(3, '0')}${suffix}`);
    await writeWhole(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    return { kind: 'written', file };
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    throw new AppError(fileFaultCodes[code] ?? 'run-failed', `cannot write into ${folder}: ${message}`, { cause });
  }
}

async function writeWhole(file: string, text: string): Promise<void> {
  const draft = `${file}.${process.pid}.draft`;
  try {
    await using handle = await open(draft, 'wx');
    await handle.writeFile(text);
    await handle.sync();
  } catch (cause) {
    await rm(draft, { force: true });
    throw cause;
  }
  await rename(draft, file);
  await access(file);
}
