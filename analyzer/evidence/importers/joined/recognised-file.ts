// Recognises a file by its content: a load test of one tool, or readings of one host tool.

import { createHash } from 'node:crypto';
import { about, AppError } from '../../../../core/errors.ts';
import type { HostToolImporter, ToolReadings } from '../host-tools/host-tool.ts';
import { headCharacters, hostTools } from '../host-tools/registry.ts';
import { hasColumns, importColumns, type ColumnNames } from '../load-tests/columns-csv.ts';
import type { ImportedLoad, LoadFile, LoadTestImporter } from '../load-tests/load-test-importer.ts';
import { loadTests } from '../load-tests/registry.ts';
import { ofLoadTests, textOf } from './file-text.ts';

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
  const text = textIn({ name, bytes }, columns);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const baseName = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1).replace(/\.gz$/, '');
  return about(name, () => {
    const found = importerOf(text, columns);
    const source = { name, format: found.format, sha256 };
    if (found.kind === 'readings') {
      return { kind: 'readings', source, tool: found.importer.tool, readings: found.importer.import(text) };
    }
    return { kind: 'load', source, loads: found.importer.import({ name: baseName, text }) };
  });
}

/** Returns whether to read a file, in a folder with other files. */
export function isOfKnownTool(file: FileToJoin, columns?: ColumnNames): boolean {
  try {
    return foundIn(textIn(file, columns).slice(0, headCharacters), columns).length > 0;
  } catch {
    return false;
  }
}

function textIn({ name, bytes }: FileToJoin, columns: ColumnNames = {}): string {
  const isChinese = Object.values(columns).some((column) => /\p{Script=Han}/u.test(column));
  return textOf(name, bytes, { ...ofLoadTests, ...(isChinese && { otherwise: 'gb18030' }) });
}

type Found =
  | { kind: 'load'; format: string; importer: Pick<LoadTestImporter, 'tool' | 'import'> }
  | { kind: 'readings'; format: string; importer: HostToolImporter };

function foundIn(head: string, columns: ColumnNames | undefined): Found[] {
  const found: Found[] = [];
  for (const [format, importer] of Object.entries<LoadTestImporter>(loadTests)) {
    if (importer.detect(head)) found.push({ kind: 'load', format, importer });
  }
  for (const [format, importer] of Object.entries<HostToolImporter>(hostTools)) {
    if (importer.detect(head)) found.push({ kind: 'readings', format, importer });
  }
  if (found.length === 0 && columns && hasColumns(head, columns)) {
    const table = { tool: 'a table', import: (file: LoadFile) => importColumns(file, columns) };
    found.push({ kind: 'load', format: 'csv', importer: table });
  }
  return found;
}

function importerOf(text: string, columns: ColumnNames | undefined): Found {
  const found = foundIn(text.slice(0, headCharacters), columns);
  const [only, ...others] = found;
  if (only === undefined) {
    throw new AppError('load-test-unreadable', 'unknown format: not the output of a supported tool', {
      hint: columns
        ? 'a table needs the columns that --columns names in its first line; docs/reference/importers.md lists the other formats'
        : 'docs/reference/importers.md lists the formats; a table of your own is read with --columns time=NAME,rate=NAME',
    });
  }
  if (others.length > 0) {
    const tools = found.map(({ importer }) => importer.tool).join(' and ');
    throw new AppError('load-test-unreadable', `it holds output of ${tools}`, {
      hint: 'give the output of each tool in a separate file',
    });
  }
  return only;
}
