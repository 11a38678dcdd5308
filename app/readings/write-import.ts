// Writes an import into a run bundle as one file, atomically.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, fileFaultCodes } from '../../core/errors.ts';
import { importedFolder, type ImportedLine } from '../../core/documents/evidence/imported-telemetry.ts';
import { makeFolder, replaceFile, statFile } from '../../core/files.ts';

export type Written = { kind: 'written'; file: string } | { kind: 'there-already'; file: string };

/**
 * The name derives from the content, so a file imported twice is stored once.
 * @throws AppError no-space, no-permission, run-failed; usage of `storedImport`
 */
export async function writeImport(directory: string, lines: readonly ImportedLine[]): Promise<Written> {
  const stored = await storedImport(directory, lines);
  if (stored !== undefined) return { kind: 'there-already', file: stored };
  const folder = join(directory, importedFolder);
  try {
    await makeFolder(folder);
    const names = await readdir(folder);
    // Imports are read in this order, and the first of two with the same data counts.
    const number = Math.max(0, ...names.map((name) => Number(/^(\d+)-/.exec(name)?.[1] ?? 0))) + 1;
    const file = join(folder, `${String(number).padStart(3, '0')}${suffixOf(headerOf(lines))}`);
    await replaceFile(file, (draft) => draft.writeFile(textOf(lines)), { mode: 0o666 });
    return { kind: 'written', file };
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    throw new AppError(fileFaultCodes[code] ?? 'run-failed', `cannot write into ${folder}: ${message}`, { cause });
  }
}

/**
 * @returns the file of an earlier import of the same content
 * @throws AppError usage if its readings were assigned or described differently; no-permission, run-failed
 */
export async function storedImport(directory: string, lines: readonly ImportedLine[]): Promise<string | undefined> {
  const header = headerOf(lines);
  const folder = join(directory, importedFolder);
  let file: string | undefined;
  let text: string;
  try {
    const known = (await readdir(folder)).find((name) => name.endsWith(suffixOf(header)));
    if (known === undefined) return undefined;
    file = join(folder, known);
    await statFile(file);
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const { code = '', message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' && file === undefined) return undefined;
    throw new AppError(fileFaultCodes[code] ?? 'run-failed', `cannot read ${file ?? folder}: ${message}`, { cause });
  }
  if (withoutName(text) === withoutName(textOf(lines))) return file;
  throw new AppError('usage', `${header.source.name} was imported before with other options`, {
    hint: `delete ${file} to import it again`,
  });
}

type Header = Extract<ImportedLine, { kind: 'import' }>;

function headerOf([header]: readonly ImportedLine[]): Header {
  if (header?.kind !== 'import') throw new TypeError('an import begins with its header');
  return header;
}

const suffixOf = ({ host, source }: Header) => `-${encodeURIComponent(host)}-${source.sha256.slice(0, 12)}.ndjson`;

const textOf = (lines: readonly ImportedLine[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

/** The same content may come from another file; the file name is the first key of the first `source`. */
const withoutName = (text: string) => text.replace(/"source":\{"name":"(?:[^"\\]|\\.)*"/, '"source":{');
