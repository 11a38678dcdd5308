// Imports one file of readings and summarizes its content.

import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { readdir, readFile } from 'node:fs/promises';
import { alignReadings, type Attempt, type ClockOptions } from '../../analyzer/evidence/importers/host-tools/align.ts';
import { hostToolOf } from '../../analyzer/evidence/importers/host-tools/registry.ts';
import { textOf } from '../../analyzer/evidence/importers/joined/file-text.ts';
import { about, AppError, fileFaultCodes } from '../../core/errors.ts';
import { readJournalLines } from '../../loadgen/record/bundle/journal-lines.ts';
import { readBytes } from '../files/read-bounded.ts';
import type { HostInventory } from '../../core/documents/evidence/host-reading.ts';
import { type ImportedLine, importedFolder } from '../../core/documents/evidence/imported-telemetry.ts';
import type { RunDocument } from '../../core/documents/run-bundle.ts';
import { makeFolder, replaceFile, statFile } from '../../core/files.ts';

/** Larger than a day of `sadf -j -- -A` at one second on a host with 64 cores. */
const bounds = {
  most: 512 * 2 ** 20,
  fault: 'readings-unreadable',
  missing: 'readings-unreadable',
  hints: { large: 'cut it to the time of the run' },
} as const;

export type LoadTest = Extract<RunDocument, { origin: 'load-test' }>;

export type Report = Awaited<ReturnType<typeof importFile>>['report'];

/**
 * @returns attempts of the run after the first, and the time of the last line of the journal: a search plans no steps, and a
 *   resumed run repeats some
 * @throws AppError run-missing, run-unreadable
 */
export async function readRunTime(directory: string, io: { signal: AbortSignal }) {
  const resumed: Attempt[] = [];
  let lastSeconds = 0;
  for await (const { line } of readJournalLines(join(directory, 'journal.ndjson'), io)) {
    lastSeconds = Math.max(lastSeconds, line.elapsedSeconds);
    if (line.kind === 'resumed') resumed.push({ from: line.elapsedSeconds, startedAtMs: Date.parse(line.startedAt) });
  }
  return { resumed, lastSeconds };
}

/** @throws AppError readings-unreadable, usage, no-permission, each with the path */
export async function importFile(
  path: string,
  given: {
    document: LoadTest;
    time: Awaited<ReturnType<typeof readRunTime>>;
    host: string;
    broker: string | undefined;
    inventory: HostInventory;
    clock: ClockOptions;
    signal: AbortSignal;
  },
) {
  const { document, time, host, broker, clock } = given;
  const content = await readBytes(path, given, bounds);
  const text = textOf(path, content, bounds);
  return about(path, () => {
    const importer = hostToolOf(text);
    const { hostName, cores, readings, left } = importer.import(text);
    const planned = document.steps.reduce((sum, { durationSeconds }) => sum + durationSeconds, document.warmUpSeconds);
    const run = {
      startedAtMs: Date.parse(document.startedAt),
      plannedSeconds: Math.max(planned, time.lastSeconds),
      resumed: time.resumed,
    };
    const aligned = alignReadings(readings, run, clock);
    const inventory: HostInventory = { ...(cores !== undefined && { cores }), ...given.inventory };
    requireCores(document, inventory, aligned.lines);
    const header: ImportedLine = {
      kind: 'import',
      schemaVersion: 1,
      tool: importer.tool,
      host,
      ...(broker !== undefined && { broker }),
      source: {
        name: basename(path),
        bytes: content.length,
        sha256: createHash('sha256').update(content).digest('hex'),
      },
      inventory,
      clockOffsetSeconds: clock.offsetSeconds,
    };
    const counts = [...left, ...aligned.left].map(([what, count]) => ({ what, count }));
    if (hostName !== undefined && hostName !== host) {
      counts.push({ what: `the name ${hostName}, by which the machine calls itself`, count: 1 });
    }
    return {
      lines: [header, ...aligned.lines] as ImportedLine[],
      report: {
        source: path,
        tool: importer.tool,
        readings: aligned.lines.length,
        from: new Date(aligned.firstMs).toISOString(),
        to: new Date(aligned.lastMs).toISOString(),
        left: counts,
      },
    };
  });
}

/** @throws AppError usage: CPU shares are useless without the number of cores */
function requireCores(document: LoadTest, inventory: HostInventory, lines: readonly ImportedLine[]): void {
  const hasCpu = lines.some((line) => line.kind === 'host-rates' && line.rates.cpu !== undefined);
  const known = inventory.cores ?? document.environment.hosts.find(({ host }) => host === inventory.host)?.cores;
  if (!hasCpu || known !== undefined) return;
  throw new AppError(
    'usage',
    '--cores is needed: neither the tool nor run.json contains the number of cores of the machine',
  );
}

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
    makeFolder(folder);
    const names = await readdir(folder);
    // Imports are read in this order, and the first of two with the same data counts.
    const number = Math.max(0, ...names.map((name) => Number(/^(\d+)-/.exec(name)?.[1] ?? 0))) + 1;
    const file = join(folder, `${String(number).padStart(3, '0')}${suffixOf(headerOf(lines))}`);
    await replaceFile(file, (draft) => draft.writeFile(linesText(lines)), { mode: 0o666 });
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
  if (withoutName(text) === withoutName(linesText(lines))) return file;
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

const linesText = (lines: readonly ImportedLine[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

/** The same content may come from another file; the file name is the first key of the first `source`. */
const withoutName = (text: string) => text.replace(/"source":\{"name":"(?:[^"\\]|\\.)*"/, '"source":{');
