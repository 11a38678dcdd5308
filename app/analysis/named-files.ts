// Finds the files to analyze together: named files, or files in a folder that a known tool wrote.

import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { largestText } from '../../analyzer/evidence/importers/joined/file-text.ts';
import { isOfKnownTool, type FileToJoin } from '../../analyzer/evidence/importers/joined/recognised-file.ts';
import type { ColumnNames } from '../../analyzer/evidence/importers/load-tests/columns-csv.ts';
import { AppError, ignoreFault } from '../../core/errors.ts';
import { readBytes } from '../files/read-bounded.ts';

type Named =
  /** A run bundle, or a folder that is rejected as one. */
  { kind: 'bundle'; directory: string } | { kind: 'files'; files: readonly FileToJoin[]; skipped: readonly string[] };

/** A folder with one of these files is a bundle, possibly an incomplete one. */
const bundleFiles: ReadonlySet<string> = new Set(['run.json', 'journal.ndjson', 'telemetry.ndjson']);

const bounds = {
  most: largestText,
  fault: 'load-test-unreadable',
  missing: 'load-test-unreadable',
  hints: { large: 'cut it to the time of the test' },
} as const;

/** A folder with more files is not one test. */
const mostFiles = 200;

interface Io {
  columns?: ColumnNames | undefined;
  signal: AbortSignal;
}

/** @throws AppError run-missing, load-test-unreadable, no-permission, usage */
export async function findNamed(names: readonly string[], io: Io): Promise<Named> {
  const [only, ...others] = names;
  if (only === undefined)
    throw new AppError('usage', 'no run given: name the folder of a bundle, or files of other tools');
  const isFolder = await Promise.all(names.map(isDirectory));
  if (others.length === 0) {
    if (isFolder[0] === undefined) return { kind: 'bundle', directory: only };
    if (isFolder[0]) return inFolder(only, io);
  }
  const folder = names.find((_, index) => isFolder[index]);
  if (folder !== undefined) throw new AppError('usage', `${folder} is a folder: give one folder, or only files`);
  return { kind: 'files', files: await readAll(names, io), skipped: [] };
}

async function inFolder(directory: string, io: Io): Promise<Named> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.')).map(({ name }) => name);
  if (names.length === 0 || names.some((name) => bundleFiles.has(name))) return { kind: 'bundle', directory };
  if (names.length > mostFiles) {
    throw new AppError(
      'usage',
      `${directory} has ${names.length} files and no run.json, so it is not the folder of one test`,
      { hint: 'name the files of the test' },
    );
  }
  const all = await readAll(
    names.toSorted().map((name) => join(directory, name)),
    io,
  );
  const files = all.filter((file) => isOfKnownTool(file, io.columns));
  const skipped = all.filter((file) => !files.includes(file)).map(({ name }) => name);
  if (files.length > 0) return { kind: 'files', files, skipped };
  throw new AppError(
    'run-missing',
    `cannot read the run ${directory}: it has no run.json, and none of its ${names.length} files has a known format`,
    {
      hint: 'docs/reference/importers.md lists the formats; read your own CSV file with --columns time=NAME,rate=NAME',
    },
  );
}

async function isDirectory(name: string): Promise<boolean | undefined> {
  return stat(name).then((found) => found.isDirectory(), ignoreFault('reading it reports what is wrong with it'));
}

/** Names files without their folders if these names are unique. */
async function readAll(paths: readonly string[], io: Io): Promise<FileToJoin[]> {
  const files: FileToJoin[] = [];
  const isShort = new Set(paths.map((path) => basename(path))).size === paths.length;
  for (const path of paths)
    files.push({ name: isShort ? basename(path) : path, bytes: await readBytes(path, io, bounds) });
  return files;
}
