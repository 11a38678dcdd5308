// Writes a run's bundle: run.json once, the two journals line by line.

import { access, constants, mkdir, open, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { AppError } from '../../../core/errors.ts';
import { preparedFile, type JournalLine, type RunDocument } from '../../../core/documents/run-bundle.ts';
import type { TelemetryRecord } from '../../../core/documents/evidence/telemetry.ts';
import { openAppendLog } from './append-log.ts';
import { storageFault } from './storage-fault.ts';
import { makeFolder } from '../../../core/files.ts';

export type BundleWriter = Awaited<ReturnType<typeof openLogs>>;

/** Properties of a plan, or of the rest of a plan, that determine how much it records. */
interface RecordedLoad {
  durationSeconds: number;
  workload: { workers: number };
  topic: { names: readonly string[] };
  groups: readonly unknown[];
}

/**
 * Estimates the bundle's growth. Per second, readings of three machines and the cluster take 5 kB; three times that is
 * reserved. The line of a producer has up to 3.3 kB (three histograms), and about 0.3 kB more for each of several
 * topics; the line of a group 1.4 kB.
 */
function bytesPerSecond({ workload, topic, groups }: RecordedLoad): number {
  const topics = topic.names.length > 1 ? topic.names.length : 0;
  return 15_000 + workload.workers * (3300 + 300 * topics) + 1500 * groups.length;
}
const leastFreeBytes = 64 * 2 ** 20;

/** Runs before any load and creates nothing. @throws AppError run-exists, no-space, no-permission, usage */
export async function checkBundlePlace(directory: string, load: RecordedLoad): Promise<void> {
  if (await exists(directory)) throw new AppError('run-exists', `${directory} already exists`);
  const parent = await nearestExisting(resolve(directory));
  if (!(await stat(parent)).isDirectory()) {
    throw new AppError('usage', `cannot create the run bundle ${directory}: ${parent} is a file`, {
      hint: 'give another --out',
    });
  }
  await access(parent, constants.W_OK | constants.X_OK).catch((cause: unknown) => {
    throw new AppError(
      'no-permission',
      `cannot create the run bundle ${directory}: this user may not write ${parent}`,
      {
        cause,
        hint: 'give another --out, or run as a user who may; nothing was started',
      },
    );
  });
  await checkBundleSpace(parent, load, 'free disk space or choose another --out folder; nothing was started');
}

/** @param folder an existing folder @throws AppError no-space */
export async function checkBundleSpace(
  folder: string,
  load: RecordedLoad,
  hint = 'free disk space; nothing was started',
): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const needed = leastFreeBytes + load.durationSeconds * bytesPerSecond(load);
  if (bavail * bsize >= needed) return;
  const [free, wanted] = [bavail * bsize, needed].map((bytes) => `${Math.ceil(bytes / 2 ** 20)} MiB`);
  throw new AppError('no-space', `${folder} has ${free} free, and the run bundle may need ${wanted}`, { hint });
}

/**
 * Writes the document last, so that a bundle with a run.json always has a journal.
 *
 * @param name file name of the document
 * @throws AppError run-exists, no-space, no-permission; on failure no folder remains
 */
export async function createBundle(directory: string, document: RunDocument, name = 'run.json'): Promise<BundleWriter> {
  await using undo = new AsyncDisposableStack();
  try {
    makeFolder(dirname(resolve(directory)));
    await mkdir(directory);
    undo.defer(() => removeBundle(directory));
    const writer = undo.use(await openLogs(directory));
    await writeDocument(directory, name, document);
    undo.move();
    return writer;
  } catch (cause) {
    throw cause instanceof AppError ? cause : storageFault(cause, `cannot create the run bundle ${directory}`);
  }
}

/**
 * Writes run.json to a prepared bundle, which signals that the load is about to begin.
 * @throws AppError no-space, no-permission
 */
export async function writeRunDocument(directory: string, document: RunDocument): Promise<void> {
  try {
    await writeDocument(directory, 'run.json', document);
    await rm(join(directory, preparedFile));
  } catch (cause) {
    throw storageFault(cause, `cannot write ${join(directory, 'run.json')}`);
  }
}

const writeDocument = (directory: string, name: string, document: RunDocument) =>
  writeWhole(directory, name, `${JSON.stringify(document, undefined, 2)}\n`);

/** Removes the bundle of a run that ended before its load began. */
export const removeBundle = (directory: string): Promise<void> => rm(directory, { recursive: true, force: true });

/** Continues an interrupted bundle after this many bytes of each file: incomplete lines are cut off. */
export const reopenBundle = (directory: string, kept: KeptBytes): Promise<BundleWriter> => openLogs(directory, kept);

export type KeptBytes = Record<'journal' | 'telemetry', number>;

async function openLogs(directory: string, kept?: KeptBytes) {
  const journal = await openAppendLog<JournalLine>(join(directory, 'journal.ndjson'), kept?.journal);
  const telemetry = await openAppendLog<TelemetryRecord>(join(directory, 'telemetry.ndjson'), kept?.telemetry);
  return {
    journal,
    telemetry,
    async [Symbol.asyncDispose]() {
      await journal[Symbol.asyncDispose]();
      await telemetry[Symbol.asyncDispose]();
    },
  };
}

/** Writes to a draft, syncs and renames it, so that readers see a complete file or none, even after a power failure. */
export async function writeWhole(directory: string, name: string, text: string): Promise<void> {
  const draft = join(directory, `.${name}.draft`);
  // Overwrites a draft of a killed process.
  await using file = await open(draft, 'w');
  await file.writeFile(text);
  await file.sync();
  await rename(draft, join(directory, name));
  await using folder = await open(directory, 'r');
  await folder.sync();
}

export const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function nearestExisting(path: string): Promise<string> {
  return (await exists(path)) || dirname(path) === path ? path : nearestExisting(dirname(path));
}
