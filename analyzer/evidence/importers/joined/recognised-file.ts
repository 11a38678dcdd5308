// Recognises a file by its content: a load test of one tool, or readings of one host tool.

import { createHash } from 'node:crypto';
import { AppError } from '../../../../core/errors.ts';
import type { HostToolImporter, ToolReadings } from '../host-tools/host-tool.ts';
import { headCharacters, hostTools } from '../host-tools/registry.ts';
import { hasColumns, importColumns, type ColumnNames } from '../load-tests/columns-csv.ts';
import type { ImportedLoad, LoadTestImporter } from '../load-tests/load-test-importer.ts';
import { loadTests, type LoadTestFormat } from '../load-tests/registry.ts';
import { textOf } from './file-text.ts';

export interface FileToJoin {
  /** The name that the user gave. */
  name: string;
  bytes: Uint8Array;
}

export interface FileSource {
  name: string;
  format: string;
  sha256: string;
}

export type RecognisedFile =
  | { kind: 'load'; source: FileSource; loads: readonly ImportedLoad[] }
  | { kind: 'readings'; source: FileSource; tool: string; readings: ToolReadings };

/** @throws AppError load-test-unreadable or readings-unreadable, with the name of the file */
export function recogniseFile({ name, bytes }: FileToJoin, columns?: ColumnNames): RecognisedFile {
  const text = textOf(name, bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const baseName = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1).replace(/\.gz$/, '');
  try {
    const found = importerOf(text, columns);
    const source = { name, format: found.format, sha256 };
    if (found.kind === 'readings') {
      return { kind: 'readings', source, tool: found.importer.tool, readings: found.importer.import(text) };
    }
    return { kind: 'load', source, loads: found.import({ name: baseName, text }) };
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    throw new AppError(cause.code, `${name}: ${cause.message}`, { cause, hint: cause.hint });
  }
}

/** Whether a file is to be read at all, of a folder in which others lie. */
export function isOfKnownTool({ name, bytes }: FileToJoin, columns?: ColumnNames): boolean {
  try {
    return foundIn(textOf(name, bytes).slice(0, headCharacters), columns).length > 0;
  } catch {
    return false;
  }
}

type Found =
  | { kind: 'load'; format: LoadTestFormat; tool: string; import: LoadTestImporter['import'] }
  | { kind: 'readings'; format: string; tool: string; importer: HostToolImporter };

function foundIn(head: string, columns: ColumnNames | undefined): Found[] {
  const found: Found[] = [];
  for (const [format, importer] of Object.entries(loadTests) as [LoadTestFormat, LoadTestImporter][]) {
    if (importer.detect(head))
      found.push({ kind: 'load', format, tool: importer.tool, import: (file) => importer.import(file) });
  }
  for (const [format, importer] of Object.entries(hostTools) as [string, HostToolImporter][]) {
    if (importer.detect(head)) found.push({ kind: 'readings', format, tool: importer.tool, importer });
  }
  if (found.length === 0 && columns && hasColumns(head, columns)) {
    found.push({ kind: 'load', format: 'csv', tool: 'a table', import: (file) => importColumns(file, columns) });
  }
  return found;
}

function importerOf(text: string, columns: ColumnNames | undefined): Found {
  const found = foundIn(text.slice(0, headCharacters), columns);
  const [only, ...others] = found;
  if (only === undefined) {
    throw new AppError('load-test-unreadable', 'unknown format: not the output of a supported tool', {
      hint: columns
        ? 'a table needs the columns that --columns names in its first line; docs/importers.md lists the other formats'
        : 'docs/importers.md lists the formats; a table of your own is read with --columns time=NAME,rate=NAME',
    });
  }
  if (others.length > 0) {
    throw new AppError('load-test-unreadable', `it holds output of ${found.map(({ tool }) => tool).join(' and ')}`, {
      hint: 'give the output of each tool in a separate file',
    });
  }
  return only;
}
